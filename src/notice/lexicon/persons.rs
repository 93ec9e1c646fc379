//! The words by which persons are told from units: titles and surnames.

use super::Words;

/// Words of labels for persons and of labels for both: "responsible unit and person".
pub(in crate::notice) static PERSONS: Words = Words::new(&["人", "领导"]);

/// Titles of persons, as endings. Longer ones first.
#[rustfmt::skip]
pub(in crate::notice) static PERSON_TITLES: Words = Words::new(&[
    "副局长", "副主任", "副书记", "副部长", "副厅长", "副处长", "副院长", "副校长", "副市长", "副县长", "副区长",
    "省长", "市长", "县长", "区长", "州长", "镇长", "乡长", "部长", "厅长", "局长", "处长", "科长", "院长", "校长", "主席",
    "秘书长", "主任", "书记", "领导", "负责人", "责任人", "负责同志", "同志", "董事长", "总经理",
]);

/// The hundred most frequent surnames but those of [`SURNAMES_LIKE_WORDS`].
pub(in crate::notice) const SURNAMES: &str = "王李张刘陈杨黄赵周吴徐孙朱胡郭何罗梁郑谢宋唐许韩冯邓曹彭曾肖董袁潘蒋蔡余杜叶苏魏吕丁沈姚卢姜崔钟谭陆汪范廖贾韦付邹熊秦邱尹薛闫雷侯陶黎贺顾郝龚邵钱覃戴莫孔汤張劉陳楊黃趙吳孫羅鄭謝許韓馮鄧葉蘇魏呂盧鍾譚陸賈韋鄒閻賀顧龔錢";
/// Frequent surnames that begin names of offices as well: a name of three characters only is one.
pub(in crate::notice) const SURNAMES_LIKE_WORDS: &str = "马高林田程任金石夏方白孟江段龙史毛万严武向于";
