//! The plan of 2016 that comes with the crate.

use std::collections::HashSet;

use responsibility_index::UnitKind;
use responsibility_index::notice::{Basis, FindingKind, Notice};

const PLAN: &str = include_str!("../../seeds/fujian-2016.txt");

#[test]
fn the_plan_of_2016_has_its_tasks_and_units() {
    let notice = Notice::read(PLAN);
    assert_eq!((notice.tasks().len(), notice.units().len()), (61, 24));
    assert_eq!(notice.units().filter(|unit| unit.kind() == UnitKind::Collective).count(), 1);
    let counts =
        |name: &str| notice.units().find(|unit| unit.name() == name).map(|unit| (unit.leads(), unit.supports()));
    assert_eq!(counts("省经信委"), Some((23, 28)));
    assert_eq!(counts("省科技厅"), Some((15, 43)));
    assert_eq!(counts("省发改委"), Some((4, 45)));
    let both = |task: responsibility_index::notice::Task<'_>| {
        task.lead() == "省科技厅" && task.supporting().any(|unit| unit == "省财政厅")
    };
    assert_eq!(notice.tasks().filter(|task| both(*task)).count(), 6);
    assert!(notice.tasks().all(|task| task.basis() == Basis::Rule));
}

#[test]
fn every_line_of_the_plan_is_read() {
    let notice = Notice::read(PLAN);
    let unread: Vec<String> =
        notice.findings().filter(|f| f.kind() == FindingKind::LineNotRead).map(|f| f.to_string()).collect();
    assert_eq!(unread, [""; 0]);
}

#[test]
fn every_section_of_the_plan_has_a_title() {
    let notice = Notice::read(PLAN);
    for section in notice.tasks().map(|task| task.section()) {
        for depth in 1..=section.len() {
            let heading = notice.heading_of(&section[..depth]).unwrap();
            assert!(!heading.title().is_empty(), "{heading:?}");
            assert!(PLAN.lines().nth(heading.line() as usize - 1).unwrap().starts_with(heading.mark()), "{heading:?}");
        }
    }
    let titles = |count| notice.headings().take(count).map(|heading| heading.title().to_owned()).collect::<Vec<_>>();
    assert_eq!(titles(4), ["重点工作和任务", "新产业", "新一代信息技术产业", "新材料产业"]);
}

#[test]
fn the_keys_of_the_plan_are_distinct_and_tell_where_a_task_stands() {
    let notice = Notice::read(PLAN);
    let keys: HashSet<String> = notice.tasks().map(|task| task.key("fujian-2016")).collect();
    assert_eq!(keys.len(), 61);
    let task = notice.tasks().find(|task| task.key("fujian-2016") == "fujian-2016/1/1/4/2").unwrap();
    assert_eq!(task.text(), "危险废物、挥发性有机物与水气污染防治设备。");
    assert_eq!(task.heading(), "节能环保产业");
    assert_eq!(PLAN.lines().nth(task.line() as usize - 1).unwrap().find(task.text()), Some(0));
}
