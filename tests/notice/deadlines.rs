//! Deadlines as days, and sentences that ask for a report every year.

use jiff::civil::{Date, date};
use responsibility_index::notice::{Deadline, FindingKind, Notice};
use responsibility_index::report::{Due, OwedBy};

/// The deadline of a task whose clause ends with this time.
fn due(time: &str) -> Option<Deadline> {
    let text = format!("修好道路。牵头单位：市交通局，完成时限：{time}");
    let notice = Notice::read(&text);
    let task = notice.task(0);
    assert_eq!(task.and_then(|task| task.deadline()), Some(time), "as written");
    task?.due()
}

#[test]
fn deadlines_are_days_as_far_as_the_text_tells_them() {
    let on = |day: Date| Some(Deadline::On(day));
    for (time, expected) in [
        ("2021年6月底前", on(date(2021, 6, 30))),
        ("2021年6月底", on(date(2021, 6, 30))),
        ("2024年2月底前", on(date(2024, 2, 29))),
        ("2021年2月末", on(date(2021, 2, 28))),
        ("2021年底前", on(date(2021, 12, 31))),
        ("2021年年底前", on(date(2021, 12, 31))),
        ("2021年6月30日前", on(date(2021, 6, 30))),
        ("２０２１年６月３０号", on(date(2021, 6, 30))),
        ("2021 年 6 月 30 日前", on(date(2021, 6, 30))),
        ("2021年6月", on(date(2021, 6, 30))),
        ("12月31日前", Some(Deadline::InYear(12, 31))),
        ("6月底前", Some(Deadline::InYear(6, 30))),
        ("2月29日前", Some(Deadline::InYear(2, 29))),
        ("长期", Some(Deadline::WithoutEnd)),
        ("長期堅持", Some(Deadline::WithoutEnd)),
        ("持续推进", Some(Deadline::WithoutEnd)),
        // Before a month, an unknown word, several days: nothing that is one day.
        ("2021年6月前", None),
        ("近期", None),
        ("2021年", None),
        ("2021年第3季度", None),
        ("2021年6月底前和2022年6月底前", None),
        ("99999年6月底", None),
    ] {
        assert_eq!(due(time), expected, "{time}");
    }
}

#[test]
fn a_day_that_no_calendar_has_is_a_finding() {
    for time in ["11月31日前", "2021年2月29日前", "2021年13月底前", "2021年6月0日"] {
        let text = format!("修好道路。牵头单位：市交通局，完成时限：{time}");
        let notice = Notice::read(&text);
        assert_eq!(notice.task(0).unwrap().due(), None);
        let found = notice.findings().find(|finding| matches!(finding.kind(), FindingKind::NoSuchDay { .. })).unwrap();
        assert_eq!(found.original(), time);
        assert!(found.to_string().ends_with(&format!("no calendar has this day; kept as text [{time}]")));
    }
}

#[test]
fn a_deadline_without_a_year_takes_the_one_that_is_given() {
    assert_eq!(Deadline::InYear(12, 31).day(2021), Some(date(2021, 12, 31)));
    assert_eq!(Deadline::InYear(2, 29).day(2021), None);
    assert_eq!(Deadline::On(date(2020, 1, 1)).day(2021), Some(date(2020, 1, 1)));
    assert_eq!(Deadline::WithoutEnd.day(2021), None);
}

#[test]
fn a_sentence_that_asks_for_a_report_every_year_is_a_finding_with_its_parts() {
    let cases = [
        (
            "各市人民政府、省直各牵头单位要抓好落实。并于每年的11月底前将情况向省政府报告，同时抄送省发改委、联席会议办公室。",
            (11, 30),
            Some("省政府"),
            &["省发改委", "联席会议办公室"][..],
            &["各市人民政府", "省直各牵头单位"][..],
        ),
        ("市交通局应于每年12月31日前向市政府报告。", (12, 31), Some("市政府"), &[], &["市交通局"]),
        (
            "各区政府每年2月底前报送市政府办公室，抄送市发改委。",
            (2, 29),
            Some("市政府办公室"),
            &["市发改委"],
            &["各区政府"],
        ),
        (
            "省文化和旅游厅和省财政厅每年6月底前报送省政府。",
            (6, 30),
            Some("省政府"),
            &[],
            &["省文化和旅游厅", "省财政厅"],
        ),
        ("每年6月底前上报省政府", (6, 30), Some("省政府"), &[], &[]),
    ];
    for (text, day, to, copies, subjects) in cases {
        let notice = Notice::read(text);
        let report = notice.yearly_reports().next().unwrap_or_else(|| panic!("{text}"));
        assert_eq!((report.due(), report.to()), (day, to), "{text}");
        assert_eq!(report.copies().collect::<Vec<_>>(), copies, "{text}");
        assert_eq!(report.subjects().collect::<Vec<_>>(), subjects, "{text}");
        let found = notice.findings().filter(|finding| matches!(finding.kind(), FindingKind::YearlyReport { .. }));
        assert_eq!(found.map(|finding| finding.span()).collect::<Vec<_>>(), [report.span()]);
        let obligation = report.obligation("yearly", "plan", date(2016, 3, 28));
        assert_eq!((obligation.due, obligation.from), (Due::yearly([day]), Some(date(2016, 3, 28))));
        assert_eq!(obligation.owed_by.len(), subjects.len());
        let kinds_fit = obligation.owed_by.iter().zip(subjects).all(|(owed_by, subject)| match owed_by {
            OwedBy::LeadsBelow(prefix) => prefix == "plan" && subject.contains("牵头"),
            OwedBy::MembersOf(unit) => unit == subject && subject.starts_with('各'),
            OwedBy::Unit(unit) => unit == subject,
            _ => false,
        });
        assert!(kinds_fit, "{text}: {:?}", obligation.owed_by);
    }
}

#[test]
fn reports_of_every_year_are_read_in_traditional_characters() {
    let notice = Notice::read("市科技局與市教育局應於每年11月底前向市政府報告，抄送發展局以及市審計局。");
    let report = notice.yearly_reports().next().unwrap();
    assert_eq!((report.due(), report.to()), ((11, 30), Some("市政府")));
    assert_eq!(report.subjects().collect::<Vec<_>>(), ["市科技局", "市教育局"]);
    assert_eq!(report.copies().collect::<Vec<_>>(), ["發展局", "市審計局"]);
}

#[test]
fn other_sentences_with_every_year_ask_for_nothing() {
    for text in [
        "每年遴选一批创新能力强的企业。",
        "每年11月底前完成评估。",
        "每年向省政府报告。",
        "每年11月31日前向省政府报告。",
        "每年2021年11月底前向省政府报告。",
        "每年",
    ] {
        assert_eq!(Notice::read(text).yearly_reports().len(), 0, "{text}");
    }
}
