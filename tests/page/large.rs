//! Pages of many tasks and units.

use std::time::Instant;

use responsibility_index::export::{PageForm, PageOptions};
use responsibility_index::{Details, Index, InputError};

use crate::html::Html;
use crate::page;

/// Tasks in 40 sections; few units have most of them, as in plans of governments.
fn plan(tasks: usize, units: usize) -> Index {
    let index = Index::in_memory();
    fill(&index, tasks, units);
    index
}

fn fill(index: &Index, tasks: usize, units: usize) {
    let mut random = fastrand::Rng::with_seed(18);
    let mut unit = || {
        let share = random.f64();
        format!("Department {}", (share * share * share * units as f64) as usize)
    };
    let mut load = index.bulk_load();
    for task in 0..tasks {
        let mut names: Vec<String> = Vec::new();
        for name in (0..4).map(|_| unit()) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        if task < units && !names.contains(&format!("Department {task}")) {
            names.push(format!("Department {task}"));
        }
        let key = format!("plan/{}/{}", 1 + task * 40 / tasks, task);
        load.add_with(&key, names, Details::titled(format!("Task {task} of the plan, with a title of its own")))
            .unwrap();
    }
    load.commit().unwrap();
}

#[test]
fn a_large_plan_is_a_grid_with_folded_lists_and_the_load_of_all_units() {
    let index = plan(2_000, 100);
    index.batch().vacate("plan/1/0").commit().unwrap();
    let (page, report) = page(&index, "plan", &PageOptions::new());
    assert_eq!((report.form, report.tasks, report.units, report.sections), (PageForm::Grid, 2_000, 100, 40));
    let html = Html::read(&page);
    let header = html.header();
    assert_eq!((header.len(), header[61]), (1 + 60 + 2, "40 others"));
    assert_eq!(html.rows_of("unit:").count(), 100);
    let view = index.view();
    for row in html.rows_of("unit:") {
        let unit = view.unit(row.id.strip_prefix("unit:").unwrap().replace("~20", " ").as_str()).unwrap();
        assert_eq!(
            (row.cells[1].text.as_str(), row.cells[2].text.as_str()),
            (&*unit.leads().to_string(), &*unit.supports().to_string())
        );
    }
    assert_eq!(html.ids.iter().filter(|id| id.starts_with("task:")).count(), 2_000);
    assert_eq!((html.tags["details"], html.tags["svg"]), (40, 100));
    // Each row of the grid adds up to all parts in its section.
    let mut parts = 0;
    for row in html.rows[1..41].iter() {
        let count = |text: &str| text.split('·').map(|part| part.parse::<usize>().unwrap()).sum::<usize>();
        let cells: Vec<usize> =
            row.cells[1..].iter().map(|cell| if cell.text.is_empty() { 0 } else { count(&cell.text) }).collect();
        let (all, cells) = cells.split_last().unwrap();
        assert_eq!(cells.iter().sum::<usize>(), *all);
        parts += all;
    }
    assert_eq!(parts, view.tasks().tasks().map(|task| task.units().count()).sum::<usize>());
}

#[test]
fn ten_thousand_tasks_of_five_hundred_units_take_less_than_two_megabytes() {
    let directory = tempfile::tempdir().unwrap();
    let index = Index::open(directory.path().join("plan.ri")).unwrap();
    fill(&index, 10_000, 500);
    let view = index.view();
    let mut page = Vec::with_capacity(2 << 20);
    for options in [PageOptions::new(), PageOptions::new().title_chars(0)] {
        page.clear();
        let begin = Instant::now();
        let report = view.page("plan", &options, &mut page).unwrap();
        println!("{} bytes in {:?}, {} units", report.bytes, begin.elapsed(), report.units);
        assert!(report.bytes < 2_000_000 && report.units == 500, "{report:?}");
    }
}

#[test]
fn more_than_a_page_holds_is_refused_with_what_to_do_instead() {
    let index = plan(100_001, 3);
    let refused = index.view().page("", &PageOptions::new().title_chars(0), Vec::new()).unwrap_err();
    let expected =
        "a page shows at most 100000 tasks, not 100001: give the prefix of a section, or write a page per section";
    assert_eq!(refused.to_string(), expected);
    // What it says can be done.
    let mut files = Vec::new();
    let options = PageOptions::new().title_chars(0);
    let reports = index.view().pages("", &options, |file| {
        files.push(file.to_owned());
        Ok(std::io::sink())
    });
    let reports = reports.unwrap();
    assert_eq!((reports.len(), files[0].as_str(), files[40].as_str()), (41, "index.html", "section-40.html"));
    assert_eq!(reports[1..].iter().map(|report| report.tasks).sum::<usize>(), 100_001);
    assert!(index.view().page("plan/7", &options, Vec::new()).is_ok());
    let refused = index.view().page("plan", &options.depth(9).most_cells(0), Vec::new()).unwrap_err();
    assert!(matches!(refused.input(), Some(InputError::PageTooLarge { .. })));
}

#[test]
fn the_page_of_all_sections_links_to_theirs() {
    let index = plan(300, 20);
    let mut pages: Vec<(String, Shared)> = Vec::new();
    let view = index.view();
    let reports = view.pages("plan", &PageOptions::new(), |file| {
        pages.push((file.to_owned(), Shared::default()));
        Ok(pages.last().unwrap().1.clone())
    });
    assert_eq!(reports.unwrap().len(), pages.len());
    let first = Html::read(&pages[0].1.text());
    for (file, page) in &pages[1..] {
        assert!(first.links.contains(file), "{file}");
        Html::read(&page.text());
    }
}

/// A writer that is looked at afterwards.
#[derive(Clone, Default)]
struct Shared(std::rc::Rc<std::cell::RefCell<Vec<u8>>>);

impl Shared {
    fn text(&self) -> String {
        String::from_utf8(self.0.borrow().clone()).unwrap()
    }
}

impl std::io::Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[test]
fn titles_are_read_together_from_the_base_and_from_the_log() {
    let directory = tempfile::tempdir().unwrap();
    for index in [Index::in_memory(), Index::open(directory.path().join("plan.ri")).unwrap()] {
        fill(&index, 150, 20);
        let set = |task: usize, title: &str| {
            let key = format!("plan/{}/{task}", 1 + task * 40 / 150);
            index.batch().set_details(key, Details::titled(title)).commit().unwrap()
        };
        // Far from each other, in both directions, some of them large.
        for task in (0..150).rev().step_by(7) {
            set(task, &format!("later title {task} {}", "x".repeat(if task % 3 == 0 { 30_000 } else { 0 })));
        }
        let shows_all = |view: &responsibility_index::View| {
            let mut page = Vec::new();
            view.page("", &PageOptions::new().most_cells(0), &mut page).unwrap();
            let page = String::from_utf8(page).unwrap();
            for task in view.tasks().tasks() {
                let title: String = task.details().unwrap().unwrap().title.chars().take(40).collect();
                let item = format!("<li id=\"task:{}\">", task.key());
                let line = page.split(&item).nth(1).unwrap().lines().next().unwrap();
                assert!(line.contains(&title), "{}: {line}", task.key());
            }
        };
        shows_all(&index.view());
        index.trim(index.revision() - 20).unwrap();
        shows_all(&index.view());
        for task in 0..10 {
            set(task, "newest");
        }
        shows_all(&index.view());
        index.trim(index.revision()).unwrap();
        shows_all(&index.view());
    }
}
