//! Reports that a notice asks for every year, as callers see them.

use jiff::civil::Date;

use crate::model::{Due, Obligation, OwedBy};

use super::lexicon::{self, days};
use super::model::Notice;
use super::text::{Span, find};
use super::yearly::Yearly;

/// A report that a notice asks for every year. Reading it sets no obligation:
/// [`obligation`](YearlyReport::obligation) makes a value of it that an index takes.
///
/// ```
/// use jiff::civil::date;
/// use responsibility_index::notice::Notice;
/// use responsibility_index::report::{Due, OwedBy};
///
/// // "The cities and all lead units must carry it out, and before the end of November of every year report to the provincial
/// // government, with a copy to the office."
/// let text = "各设区市人民政府和省直各牵头单位要抓好落实。并于每年11月底前向省政府报告，同时抄送联席会议办公室。";
/// let notice = Notice::read(text);
/// let report = notice.yearly_reports().next().expect("the text asks for one");
/// let obligation = report.obligation("plan/yearly", "plan/", date(2016, 3, 28));
/// assert_eq!(obligation.due, Due::yearly([(11, 30)]));
/// assert_eq!((obligation.to.as_deref(), &obligation.copies[..]), (Some("省政府"), &["联席会议办公室".to_owned()][..]));
/// let members = OwedBy::MembersOf("各设区市人民政府".to_owned());
/// assert_eq!(obligation.owed_by, [members, OwedBy::LeadsBelow("plan/".to_owned())]);
/// ```
#[derive(Clone, Copy)]
pub struct YearlyReport<'n> {
    notice: &'n Notice<'n>,
    found: &'n Yearly,
}

impl Notice<'_> {
    /// The reports that the text asks for every year, in the order of the text. Each is a finding, too.
    pub fn yearly_reports(&self) -> impl ExactSizeIterator<Item = YearlyReport<'_>> {
        self.yearly.iter().map(|found| YearlyReport { notice: self, found })
    }
}

impl<'n> YearlyReport<'n> {
    /// The sentence.
    #[must_use]
    pub fn span(&self) -> Span {
        self.found.span
    }

    /// Month and day of the month.
    #[must_use]
    pub fn due(&self) -> (i8, i8) {
        (self.found.month, self.found.day)
    }

    /// To whom the report goes.
    #[must_use]
    pub fn to(&self) -> Option<&'n str> {
        self.found.to.map(|to| to.of(self.notice.text))
    }

    /// Who gets a copy.
    pub fn copies(&self) -> impl Iterator<Item = &'n str> + use<'n> {
        let text = self.notice.text;
        self.found.copies.iter().map(move |copy| copy.of(text))
    }

    /// Who reports, as written: the subject of the sentence, or of the one that it goes on from.
    pub fn subjects(&self) -> impl Iterator<Item = &'n str> + use<'n> {
        let text = self.notice.text;
        self.found.subjects.iter().map(move |subject| subject.of(text))
    }

    /// The obligation under a name, from a day on. Lead units are those that lead tasks below the prefix; a subject that
    /// begins with 各 ("each") is a collective; any other is a unit.
    #[must_use]
    pub fn obligation(&self, name: &str, prefix: &str, from: Date) -> Obligation {
        let mut obligation = Obligation::new(name, Due::yearly([self.due()])).from(from);
        for subject in self.subjects() {
            obligation.owed_by.push(if find(subject, days::LEADING).is_some() {
                OwedBy::LeadsBelow(prefix.to_owned())
            } else if subject.starts_with(lexicon::EACH) {
                OwedBy::MembersOf(subject.to_owned())
            } else {
                OwedBy::Unit(subject.to_owned())
            });
        }
        obligation.to = self.to().map(str::to_owned);
        obligation.copies = self.copies().map(str::to_owned).collect();
        obligation
    }
}

impl std::fmt::Debug for YearlyReport<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (subjects, copies): (Vec<_>, Vec<_>) = (self.subjects().collect(), self.copies().collect());
        let mut debug = f.debug_struct("YearlyReport");
        debug.field("due", &self.due()).field("to", &self.to()).field("copies", &copies).field("subjects", &subjects);
        debug.finish()
    }
}
