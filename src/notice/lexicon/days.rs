//! The words of deadlines and of reports that fall due every year.

use super::Words;

pub(in crate::notice) const MONTH: char = '月';
/// "The end" of a month or a year.
pub(in crate::notice) const PERIOD_ENDS: &str = "底末";
/// A day of the month.
pub(in crate::notice) const DAYS: &str = "日号";
/// "Before": of a month, that is not the month itself.
pub(in crate::notice) const BEFORE: char = '前';

/// Tasks without an end.
pub(in crate::notice) static WITHOUT_END: Words = Words::new(&["长期", "持续"]);

pub(in crate::notice) const EVERY_YEAR: &str = "每年";
pub(in crate::notice) static REPORTING: Words = Words::new(&["报告", "报送", "上报"]);
pub(in crate::notice) const TOWARDS: char = '向';
pub(in crate::notice) const COPY_TO: &str = "抄送";
/// Words between the subject of a sentence and its duty.
pub(in crate::notice) static MUST: Words = Words::new(&["务必", "要", "应", "须", "需", "于", "将", "请"]);
/// Words with which a sentence goes on with the subject of the one before.
pub(in crate::notice) static GOES_ON: Words = Words::new(&["同时", "并", "且"]);
pub(in crate::notice) const LEADING: &str = "牵头";
