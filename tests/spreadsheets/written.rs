//! Workbooks that are written: what is read back from each sheet is what was written, or is reported; limits, failures, and
//! the look of the sheets.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test stops at the first failure")]

use std::io::{Cursor, Error, ErrorKind, Read, Write};
use std::process::{Command, Output};

use proptest::prelude::*;
use responsibility_index::export::{Loss, TableOptions, TableReport};
use responsibility_index::table::{Finding, FindingKind, Reader, Rows, TableError, Tables};
use responsibility_index::{Details, Index, InputError, Role, View};

#[path = "../common/commands.rs"]
mod commands;

#[path = "../common/hostile.rs"]
mod hostile;

#[path = "../common/example.rs"]
mod example;

use example::example;
use hostile::{HOSTILE, KEYS, PLAIN, compare, index, tasks};

fn write(view: &View) -> (Vec<u8>, TableReport) {
    let mut book = Vec::new();
    let report = view.xlsx("", &TableOptions::new(), &mut book).unwrap();
    (book, report)
}

/// A file of the archive.
fn part(book: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

/// The losses that count for a sheet.
fn losses_of<'r>(report: &'r TableReport, asked: &'static str) -> impl Iterator<Item = &'r Loss> + Clone {
    report.losses.iter().filter_map(move |loss| match loss {
        Loss::InSheet { sheet, loss } => (*sheet == asked).then_some(&**loss),
        loss => Some(loss),
    })
}

/// Passes each sheet as it is read back, with its name.
fn each_sheet(book: &[u8], report: &TableReport, mut check: impl FnMut(&'static str, &Rows)) {
    check("tasks", &report.reader().read_xlsx(book).unwrap());
    if let Some(reader) = report.matrix_reader() {
        check("matrix", &reader.read_xlsx(book).unwrap());
    }
}

/// The keys of the tasks, in the order of the rows.
fn keys_in_order(rows: &Rows) -> Vec<String> {
    rows.tasks().map(|task| task.own_key().to_owned()).collect()
}

fn a_plan() -> Index {
    let index = Index::in_memory();
    let batch = index.batch().assign("plan/1", ["Transport", "Finance", "=1+1"]).assign("plan/2", ["Finance"]);
    let batch = batch.add("plan/2", "Police", Role::CoLead).add("plan/2", "Health", Role::Consulted);
    let batch = batch.add("plan/2", "Schools", Role::Informed);
    let details = Details::titled("=SUM(A1:A9)").field("deadline", "2026-11-30");
    batch.set_details("plan/1", details).set_details("plan/2", Details::titled("http://example.org")).commit().unwrap();
    index
}

/// Texts of pieces that mean something in XML, in its escapes by Excel, or to those who write and read them.
fn hostile_text() -> impl Strategy<Value = String> {
    let pieces = [
        "_",
        "x",
        "_x0041_",
        "_x000D_",
        "_x",
        "0",
        "0D",
        "F",
        "D83D",
        "_xD83D",
        "_xFFFF_",
        "\r",
        "\n",
        "\r\n",
        "\t",
        "\u{0}",
        "\u{1}",
        "\u{B}",
        "\u{1F}",
        "\u{7F}",
        "\u{85}",
        "\u{2028}",
        "\u{FFFE}",
        "\u{FFFF}",
        "\u{FEFF}",
        " ",
        "  ",
        "<r>",
        "</r>",
        "<t>",
        "</t>",
        "<si>",
        "&",
        "&amp;",
        "&#10;",
        "]]>",
        "<![CDATA[",
        "\"",
        "'",
        "=1+1",
        "省",
        "\u{1F600}",
        "e\u{301}",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn plain_names_are_read_back_from_both_sheets_without_a_loss(tasks in tasks(6, PLAIN.len())) {
        let index = index(&tasks, &PLAIN, "Line one\nand two | \"three\"");
        let view = index.view();
        let (book, report) = write(&view);
        assert_eq!(report.losses, []);
        let expected: Vec<_> = view.tasks().tasks().map(|task| task.key().to_owned()).collect();
        let mut sheets = 0;
        each_sheet(&book, &report, |_, rows| {
            compare(&view, [].into_iter(), rows);
            assert_eq!(keys_in_order(rows), expected);
            let ragged = |finding: &Finding<'_>| matches!(finding.kind(), FindingKind::RowLength { .. });
            assert_eq!(rows.findings().filter(ragged).count(), 0, "empty cells at the end of a row are not missing");
            sheets += 1;
        });
        // A chart of tasks without any unit has no columns of units.
        let any = tasks.iter().any(|(_, _, units)| !units.is_empty());
        assert_eq!(sheets, if any { 2 } else { 1 });
    }

    #[test]
    fn what_is_not_read_back_from_a_sheet_is_reported(tasks in tasks(KEYS.len(), HOSTILE.len()), title in hostile_text()) {
        let index = index(&tasks, &HOSTILE, &title);
        let view = index.view();
        let (book, report) = write(&view);
        each_sheet(&book, &report, |sheet, rows| compare(&view, losses_of(&report, sheet), rows));
    }

    #[test]
    fn every_title_without_white_space_around_it_is_read_back_or_reported(title in hostile_text()) {
        let title = title.trim_matches(|c: char| c.is_whitespace() || c == '\u{FEFF}');
        let index = index(&[(0, true, vec![(0, 1)])], &PLAIN, title);
        let (book, report) = write(&index.view());
        if report.losses.is_empty() {
            each_sheet(&book, &report, |sheet, rows| assert_eq!(rows.task(0).unwrap().title(), title, "{sheet}"));
        } else {
            // A control character, which is written as _x000D_, behind a text such as _xD83D.
            assert!(title.contains("_xD83D") || title.contains("_x0"), "{title:?}");
            assert_eq!(report.losses, [Loss::Text { task: KEYS[0].to_owned() }]);
        }
    }
}

#[test]
fn a_loss_of_both_sheets_is_said_once_and_one_of_a_single_sheet_with_its_name() {
    let index = Index::in_memory();
    index.assign("plan/1", ["A; B"]).unwrap();
    index.assign("plan/2", ["X  Y"]).unwrap();
    index.batch().create_unit("Idle", responsibility_index::UnitKind::Body).commit().unwrap();
    let unit = |unit: &str, task: &str| Loss::Unit { unit: unit.to_owned(), task: task.to_owned() };
    let in_tasks = Loss::InSheet { sheet: "tasks", loss: Box::new(unit("A; B", "plan/1")) };
    let (_, report) = write(&index.view());
    assert_eq!(report.losses, [in_tasks, unit("X  Y", "plan/2"), Loss::Idle { unit: "Idle".to_owned() }]);
    let expected = "sheet \"tasks\": unit \"A; B\" of task \"plan/1\" is not read back under this name";
    assert_eq!(report.losses[0].to_string(), expected);
}

#[test]
fn a_text_that_no_cell_can_hold_is_cut_and_reported() {
    let index = Index::in_memory();
    // Each of these takes two units of UTF-16.
    let (fits, long) = (format!("<r>{}</r>", "x".repeat(32_759)), "\u{1F600}".repeat(16_384));
    for (key, title) in [("plan/1", &fits), ("plan/2", &long)] {
        index.batch().assign(key, ["Transport"]).set_details(key, Details::titled(title)).commit().unwrap();
    }
    let names: Vec<String> = (0..1_000).map(|number| format!("Unit of a long name, number {number:04}")).collect();
    index.assign("plan/3", names.iter().map(|name| name.replace(',', ""))).unwrap();
    let (book, report) = write(&index.view());
    let in_tasks = Loss::InSheet { sheet: "tasks", loss: Box::new(Loss::Units { task: "plan/3".to_owned() }) };
    assert_eq!(report.losses, [Loss::Text { task: "plan/2".to_owned() }, in_tasks]);
    each_sheet(&book, &report, |sheet, rows| {
        assert_eq!(rows.task(0).unwrap().title(), fits, "{sheet}");
        assert_eq!(rows.task(1).unwrap().title(), format!("{}\u{2026}", "\u{1F600}".repeat(16_383)), "{sheet}");
        let units = rows.task(2).unwrap().standing().units().count();
        assert!(if sheet == "matrix" { units == 1_000 } else { units < 1_000 }, "{sheet}: {units}");
    });
}

#[test]
fn a_matrix_that_is_too_wide_is_left_out_and_reported() {
    let index = Index::in_memory();
    let assign = |units: std::ops::Range<usize>, key: &str| {
        index.assign(key, units.map(|unit| format!("Unit {unit}"))).unwrap();
    };
    assign(0..4_093, "plan/1");
    let (book, report) = write(&index.view());
    assert_eq!(
        report.losses,
        [Loss::InSheet { sheet: "tasks", loss: Box::new(Loss::Units { task: "plan/1".to_owned() }) }]
    );
    let rows = report.matrix_reader().unwrap().read_xlsx(&book).unwrap();
    assert_eq!(Some(rows.task(0).unwrap().standing()), index.view().standing("plan/1").as_ref());
    assign(4_093..4_094, "plan/2");
    let (book, report) = write(&index.view());
    assert_eq!(report.losses, [Loss::Units { task: "plan/1".to_owned() }, Loss::Matrix { tasks: 2, units: 4_094 }]);
    assert!(report.matrix_reader().is_none());
    assert_eq!(Tables::read_xlsx(&book).unwrap().tables().len(), 1);
    assert_eq!(report.reader().read_xlsx(&book).unwrap().task(1).unwrap().lead(), Some("Unit 4093"));
}

#[test]
fn a_matrix_of_too_many_cells_is_left_out_and_reported() {
    let index = Index::in_memory();
    let mut batch = index.batch().assign("plan/1", (0..4_093).map(|unit| format!("Unit {unit}")));
    for task in 0..4_096 {
        batch = batch.declare(format!("rest/{task}"));
    }
    batch.commit().unwrap();
    let (_, report) = write(&index.view());
    assert!(report.losses.contains(&Loss::Matrix { tasks: 4_097, units: 4_093 }), "{:?}", report.losses);
}

#[test]
fn more_tasks_than_a_sheet_has_rows_are_refused_before_anything_is_written() {
    let index = Index::in_memory();
    let mut load = index.bulk_load();
    (0..1_048_576).for_each(|task| load.add(&format!("{task:07}"), ["Transport"]).unwrap());
    load.commit().unwrap();
    let mut book = Vec::new();
    let error = index.view().xlsx("", &TableOptions::new().details(false), &mut book).unwrap_err();
    let expected = InputError::WorkbookTooLarge { what: "tasks", most: 1_048_575 };
    assert_eq!((error.input(), book.len()), (Some(&expected), 0));
    let expected = "a workbook has at most 1048575 tasks: give the prefix of a section, or write CSV";
    assert_eq!(error.to_string(), expected);
}

#[test]
fn a_writer_that_fails_in_the_middle_is_an_error_of_the_writer() {
    struct Full(usize);
    impl Write for Full {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            let room = self.0.min(bytes.len());
            self.0 -= room;
            if room == 0 { Err(Error::from(ErrorKind::StorageFull)) } else { Ok(room) }
        }
        fn flush(&mut self) -> std::io::Result<()> {
            if self.0 == 0 { Err(Error::from(ErrorKind::StorageFull)) } else { Ok(()) }
        }
    }
    let view = a_plan().view();
    let (book, _) = write(&view);
    for room in [0, 1, book.len() / 2, book.len()] {
        let error = view.xlsx("", &TableOptions::new(), Full(room)).unwrap_err();
        let full = |cause: &Error| cause.kind() == ErrorKind::StorageFull;
        assert!(matches!(&error, responsibility_index::Error::Io { cause, .. } if full(cause)), "{room}: {error}");
    }
    assert!(view.xlsx("", &TableOptions::new(), Full(book.len() + 1)).is_ok());
}

#[test]
fn a_section_without_tasks_and_a_bad_prefix_are_errors() {
    let view = a_plan().view();
    let error = |prefix: &str| view.xlsx(prefix, &TableOptions::new(), Vec::new()).unwrap_err();
    assert!(matches!(error("plan/9").input(), Some(InputError::NoTasks { .. })));
    assert!(matches!(error("plan//").input(), Some(InputError::DoubleSlash { .. })));
}

#[test]
fn headers_are_frozen_and_have_filters_and_no_cell_is_anything_but_text() {
    let (book, _) = write(&a_plan().view());
    let (tasks, matrix) = (part(&book, "xl/worksheets/sheet1.xml"), part(&book, "xl/worksheets/sheet2.xml"));
    assert!(tasks.contains("<pane ySplit=\"1\" topLeftCell=\"A2\""), "{tasks}");
    assert!(matrix.contains("<pane xSplit=\"1\" ySplit=\"1\" topLeftCell=\"B2\""), "{matrix}");
    assert!(tasks.contains("<autoFilter ref=\"A1:H3\"/>"), "{tasks}");
    assert!(matrix.contains("<autoFilter ref=\"A1:I3\"/>"), "{matrix}");
    for sheet in [&tasks, &matrix] {
        assert!(sheet.contains("<pageSetup paperSize=\"8\" fitToHeight=\"0\" orientation=\"landscape\""), "{sheet}");
        let cells: Vec<&str> = sheet.split("<c r=").skip(1).collect();
        assert!(!cells.is_empty());
        for cell in cells {
            let end = cell.find("</c>").unwrap();
            assert!(cell[..end].contains(" t=\"s\"><v>") && !cell[..end].contains("<f"), "{cell}");
        }
        assert!(!sheet.contains("<hyperlink"), "{sheet}");
    }
    // Eight columns and three rows, without the empty cells.
    assert_eq!(tasks.matches("<c r=").count(), 8 + 5 + 6);
    assert!(part(&book, "xl/sharedStrings.xml").contains("<t>=SUM(A1:A9)</t>"));
    assert_eq!(part(&book, "xl/workbook.xml").matches("<sheet name=").count(), 2);
}

#[test]
fn marks_have_the_colours_of_the_page() {
    let view = a_plan().view();
    let (book, _) = write(&view);
    let styles = part(&book, "xl/styles.xml").to_lowercase();
    let mut page = Vec::new();
    view.page("", &responsibility_index::export::PageOptions::new(), &mut page).unwrap();
    let page = String::from_utf8(page).unwrap();
    for class in ["l", "j", "s", "c", "i"] {
        let rule = page.split(&format!(".{class}{{background:#")).nth(1).unwrap();
        assert!(styles.contains(&format!("<fgcolor rgb=\"ff{}\"/>", &rule[..6])), "{class} {}: {styles}", &rule[..6]);
    }
    // The cells of one task with four roles have four formats.
    let matrix = part(&book, "xl/worksheets/sheet2.xml");
    let row = matrix.split("<row r=\"3\"").nth(1).unwrap();
    let formats: std::collections::BTreeSet<&str> =
        row.split("<c r=").skip(3).map(|cell| cell.split('"').nth(3).unwrap()).collect();
    assert_eq!(formats.len(), 4, "{row}");
}

#[test]
fn a_row_is_as_high_as_the_lines_of_its_title() {
    let index = Index::in_memory();
    for (key, title) in [("plan/1", "x".repeat(61)), ("plan/2", "省".repeat(30)), ("plan/3", "a\nb\nc".to_owned())] {
        index.batch().assign(key, ["Transport"]).set_details(key, Details::titled(title)).commit().unwrap();
    }
    let sheet = part(&write(&index.view()).0, "xl/worksheets/sheet1.xml");
    let heights = sheet.split("<row r=").skip(2).map(|row| row.split('>').next().unwrap().split("ht=").nth(1));
    let heights: Vec<_> = heights.map(|height| height.map(|height| height.split('"').nth(1).unwrap())).collect();
    assert_eq!(heights, [Some("30"), None, Some("45")], "{sheet}");
}

#[test]
fn the_same_tasks_give_the_same_bytes() {
    let book = write(&a_plan().view()).0;
    assert!(book == write(&a_plan().view()).0);
    assert_eq!(part(&book, "docProps/core.xml").matches(">1980-01-01T00:00:00Z<").count(), 2, "no time of writing");
}

#[test]
fn a_reader_that_is_not_told_the_sheet_says_that_both_have_the_same_tasks() {
    let index = a_plan();
    let (book, _) = write(&index.view());
    let error = Reader::new().read_xlsx(&book).unwrap_err();
    let expected =
        "the sheets \"tasks\" and \"matrix\" have the same tasks, such as \"plan/1\": choose one with Reader::sheet";
    assert_eq!(error.to_string(), expected);
    for sheet in ["tasks", "matrix"] {
        let rows = Reader::new().sheet(sheet).read_xlsx(&book).unwrap();
        assert_eq!(rows.tasks().len(), 2, "{sheet}");
        assert_eq!(rows.task(1).unwrap().standing(), &index.view().standing("plan/2").unwrap(), "{sheet}");
        assert_eq!(rows.task(0).unwrap().section(), "", "the name of the sheet is no section");
    }
    let error = Reader::new().sheet("Tasks").read_xlsx(&book).unwrap_err();
    assert_eq!(error.to_string(), "no sheet or table is called \"Tasks\"; there are \"tasks\", \"matrix\"");
}

#[test]
fn sheets_of_departments_that_all_count_from_one_are_read_together() {
    let mut book = rust_xlsxwriter::Workbook::new();
    let mut add = |name: &str, titles: [&str; 2]| {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        for (row, cells) in (0..).zip([["ID", "Task", "Lead"], ["1", titles[0], name], ["2", titles[1], name]]) {
            sheet.write_row(row, 0, cells).unwrap();
        }
    };
    add("Roads", ["Repair", "Build"]);
    add("Schools", ["Open", "Close"]);
    add("Water", ["Pump", "Store"]);
    let rows = Reader::new().read_xlsx(&book.save_to_buffer().unwrap()).unwrap();
    assert_eq!((rows.tasks().len(), rows.task(2).unwrap().section()), (6, "Schools"));
    let mut add = |name: &str, titles: [&str; 2]| {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        for (row, cells) in (0..).zip([["ID", "Task", "Lead"], ["1", titles[0], name], ["2", titles[1], name]]) {
            sheet.write_row(row, 0, cells).unwrap();
        }
    };
    // Half of it is the same as a sheet before it: one of the two was edited.
    add("Copy", ["Open", "Change"]);
    let error = Reader::new().read_xlsx(&book.save_to_buffer().unwrap()).unwrap_err();
    let repeat = |first: &str, second: &str, key: &str| TableError::SheetsRepeat {
        first: first.to_owned(),
        second: second.to_owned(),
        key: key.to_owned(),
    };
    assert!(error == repeat("Schools", "Copy", "1"), "{error}");
}

#[test]
fn a_workbook_goes_out_and_in_through_the_programs() {
    let scratch = tempfile::tempdir().unwrap();
    let (database, file) = (scratch.path().join("plan.ri"), scratch.path().join("plan.xlsx"));
    let index = Index::open(&database).unwrap();
    index.assign("plan/1", ["Transport", "Finance"]).unwrap();
    index.assign("plan/2", ["Finance", "A; B"]).unwrap();
    drop(index);
    let run = |name: &str, arguments: &[&str]| Command::new(example(name)).args(arguments).output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let written = run("matrix", &[database.to_str().unwrap(), "--xlsx"]);
    assert!(written.status.success(), "{written:?}");
    let losses = "sheet \"tasks\": unit \"A; B\" of task \"plan/2\" is not read back under this name\n";
    assert_eq!(text(&written.stderr), losses);
    std::fs::write(&file, written.stdout).unwrap();
    let import = |arguments: &[&str]| run("import_table", &[&[file.to_str().unwrap()], arguments].concat());
    let refused = |output: Output, end: &str| {
        let message = text(&output.stderr);
        assert!(!output.status.success() && message.ends_with(end), "{message}");
    };
    refused(import(&[]), "read one of them: --sheet \"tasks\" or --sheet \"matrix\"\n");
    refused(import(&["--sheet", "x"]), "no sheet or table is called \"x\"; there are \"tasks\", \"matrix\"\n");
    for (sheet, units) in [("tasks", 4), ("matrix", 3)] {
        let read = import(&["--sheet", sheet]);
        let end = format!("2 tasks, 0 of them without a lead, {units} units\n");
        assert!(read.status.success() && text(&read.stdout).ends_with(&end), "{read:?}");
    }
    let again = import(&["--sheet", "matrix", "--db", database.to_str().unwrap(), "--prefix", "plan"]);
    assert!(again.status.success(), "{again:?}");
    let view = Index::open(&database).unwrap().view();
    assert_eq!((view.len(), view.lead("plan/2")), (2, Some("Finance")));
}

#[test]
fn the_commands_of_the_readme_write_and_read_a_workbook() {
    let readme = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../README.md")).unwrap();
    let directory = tempfile::tempdir().unwrap();
    // The index that a command before them has made.
    let index = Index::open(directory.path().join("plan-2016.ri")).unwrap();
    index.assign("plan/1", ["Transport", "Finance"]).unwrap();
    drop(index);
    let runs: Vec<_> = commands::commands(&readme).iter().filter_map(|command| commands::parse(command)).collect();
    let with_xlsx: Vec<_> = runs.iter().filter(|run| run.features == "xlsx").collect();
    assert!(with_xlsx.len() >= 2);
    let outputs: Vec<String> = with_xlsx
        .iter()
        .map(|run| String::from_utf8_lossy(&run.run(directory.path()).stdout).into_owned())
        .collect();
    assert!(outputs[0].starts_with("PK") && outputs[1].contains("lead: Transport"), "{}", outputs[1]);
}
