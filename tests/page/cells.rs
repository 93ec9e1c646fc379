//! Cells, totals and texts of a page.

use std::io::{self, Write};

use responsibility_index::export::{PageForm, PageOptions};
use responsibility_index::{Assignment, Details, Error, Index, InputError, Role, View};

use crate::html::{Html, Row};
use crate::{page, seed};

/// The mark that a task gives to each unit.
fn marks(view: &View, task: &str) -> Vec<(String, String)> {
    let mut ranks = [0; 5];
    let task = view.task(task).unwrap();
    let marks = task.units().map(|(unit, role)| {
        ranks[role as usize] += 1;
        let rank = ranks[role as usize];
        let mark = match role {
            Role::Lead => "L".to_owned(),
            Role::CoLead => format!("L{}", rank + 1),
            Role::Support => rank.to_string(),
            Role::Consulted => "C".to_owned(),
            Role::Informed => "I".to_owned(),
        };
        (unit.name().to_owned(), mark)
    });
    marks.collect()
}

/// Checks the cells of every task and the totals of every unit.
fn agrees(html: &Html, view: &View, tasks: usize) {
    let header = html.header();
    assert_eq!(html.rows_of("task:").count(), tasks);
    for row in html.rows_of("task:") {
        let task = row.id.strip_prefix("task:").unwrap();
        let shown = header.iter().zip(&row.cells).skip(1).filter(|(_, cell)| !cell.text.is_empty());
        let mut shown: Vec<(String, String)> =
            shown.map(|(unit, cell)| ((*unit).to_owned(), cell.text.clone())).collect();
        let mut expected = marks(view, task);
        shown.sort();
        expected.sort();
        assert_eq!(shown, expected, "{task}");
        assert_eq!(row.cells.len(), header.len());
    }
    for (role, word) in [(Role::Lead, "leads"), (Role::Support, "supports")] {
        let row: &Row = html.rows.iter().find(|row| row.cells[0].text.starts_with(word)).unwrap();
        for (unit, cell) in header.iter().zip(&row.cells).skip(1) {
            assert_eq!(cell.text, view.unit(unit).unwrap().count(role).to_string(), "{unit}");
        }
    }
}

#[test]
fn each_cell_of_the_seed_is_that_of_the_index() {
    let index = seed();
    let (page, report) = page(&index, "fujian-2016", &PageOptions::new().language("zh-Hans"));
    assert_eq!((report.form, report.tasks, report.units), (PageForm::Table, 61, 24));
    assert!(report.bytes < 30_000, "{}", report.bytes);
    let html = Html::read(&page);
    agrees(&html, &index.view(), 61);
    let leads: Vec<usize> = html.header()[1..].iter().map(|unit| index.view().unit(unit).unwrap().leads()).collect();
    assert!(leads.is_sorted_by(|a, b| a >= b), "{leads:?}");
    assert_eq!(html.tags["caption"], 1);
    assert!(
        html.text.contains("加强人才引进和培养") && html.text.contains("海纳百川人才聚集计划"),
        "titles and headings"
    );
}

#[test]
fn every_role_vacant_tasks_and_idle_units_are_shown() {
    let index = Index::in_memory();
    let all = Assignment::led_by("Lead")
        .and_then(|assignment| assignment.and(Role::CoLead, ["Co1", "Co2"]))
        .and_then(|assignment| assignment.and(Role::Support, ["S1", "S2"]))
        .and_then(|assignment| assignment.and(Role::Consulted, ["C"]))
        .and_then(|assignment| assignment.and(Role::Informed, ["I"]))
        .unwrap();
    let details = Details::titled("Bridges");
    index.batch().assign("plan/a/1", all).set_details("plan/a/1", details).commit().unwrap();
    index.batch().declare("plan/a/2").add("plan/a/2", "S2", Role::Support).declare("plan/b/1").commit().unwrap();
    index.batch().create_unit("Nobody's", Default::default()).commit().unwrap();
    let (written, report) = page(&index, "", &PageOptions::new());
    let html = Html::read(&written);
    assert_eq!((report.tasks, report.units, report.sections), (3, 7, 1));
    agrees(&html, &index.view(), 3);
    let heads: Vec<&str> = html.rows_of("task:").map(|row| row.cells[0].text.as_str()).collect();
    assert_eq!(heads, ["a/1 Bridges", "a/2 vacant", "b/1 vacant"]);
    assert!(html.text.contains("Units that no task names: 1") && html.text.contains("Nobody's"));
    let (written, report) = page(&index, "plan", &PageOptions::new().depth(1).title_chars(3));
    assert_eq!(report.sections, 2);
    assert!(
        Html::read(&written).rows_of("section:").map(|row| row.id.as_str()).eq(["section:plan/a", "section:plan/b"])
    );
    assert!(written.contains(" Bri&#8230;"));
    // No unit at all is no table of no columns.
    let bare = Index::in_memory();
    bare.batch().declare("t").commit().unwrap();
    Html::read(&page(&bare, "", &PageOptions::new()).0);
}

#[test]
fn hostile_names_are_inert_and_readable() {
    let index = Index::in_memory();
    let names = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' & \" &amp; ]]> --> </style></title>",
        "abc\u{202E}txt.exe",
        "\u{5E9}\u{5DC}\u{5D5}\u{5DD} 123",
        &"\u{7701}".repeat(85),
        &"w".repeat(256),
        "{{7*7}} ${7*7} <%= 7 %>",
        "a\u{FFFE}b",
        "javascript:alert(1)",
    ];
    for (at, name) in names.iter().enumerate() {
        let task = format!("{name} x/{name}/{at}");
        let task: String = task.chars().take(160).collect();
        index.assign(&task, names.iter().cycle().skip(at).take(4).copied()).unwrap();
        let hostile = Details::titled(format!("{name}\0\u{1b}[31m\r\n\u{85}")).field("heading", *name);
        index.batch().set_details(&task, hostile).commit().unwrap();
    }
    for options in [PageOptions::new(), PageOptions::new().most_cells(0)] {
        let options = options.title(names[0]).language("\"><script>");
        let (page, _) = page(&index, "", &options);
        let html = Html::read(&page);
        for name in names.iter().filter(|name| !name.contains('\u{FFFE}')) {
            assert!(html.text.contains(name), "{name:?} is not shown");
        }
        assert!(
            page.contains(&format!("<bdi>{}</bdi>", names[3])) && page.contains(&format!("<bdi>{}</bdi>", names[4]))
        );
        assert!(!page.chars().any(|c| c.is_control() && c != '\n'));
    }
}

/// Takes some bytes, then fails.
struct Full(usize);

impl Write for Full {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0 == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let taken = bytes.len().min(self.0);
        self.0 -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.0 == 0 { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
    }
}

#[test]
fn a_writer_that_fails_in_the_middle_is_an_error() {
    let index = seed();
    let view = index.view();
    let plan = index.batch().vacate("fujian-2016/2/8/1").plan().unwrap();
    let size = page(&index, "", &PageOptions::new()).0.len();
    for room in [0, 1, 5_000, size - 1, size] {
        for failed in
            [view.page("", &PageOptions::new(), Full(room)), plan.page(&PageOptions::new(), Full(room.min(3_000)))]
        {
            let Err(Error::Io { cause, .. }) = failed else { panic!("{room}: {failed:?}") };
            assert_eq!(cause.kind(), io::ErrorKind::StorageFull);
        }
    }
    let refused =
        view.pages("", &PageOptions::new(), |_| io::Result::<Full>::Err(io::ErrorKind::PermissionDenied.into()));
    assert!(matches!(refused, Err(Error::Io { .. })), "{refused:?}");
}

#[test]
fn a_section_without_a_task_is_refused() {
    let index = seed();
    for prefix in ["fujian-2017", "fujian-2016/9/", "fujian"] {
        let refused = index.view().page(prefix, &PageOptions::new(), Vec::new()).unwrap_err();
        assert!(matches!(refused.input(), Some(InputError::NoTasks { .. })), "{refused}");
    }
    let refused = index.view().page("fujian-2016//", &PageOptions::new(), Vec::new()).unwrap_err();
    assert!(matches!(refused.input(), Some(InputError::DoubleSlash { .. })), "{refused}");
    let empty = Index::in_memory().view().pages("", &PageOptions::new(), |_| Ok(Vec::new())).unwrap_err();
    assert_eq!(empty.to_string(), "there is no task at or below \"\"");
}
