//! Spreadsheets as tables: the plan of 2016 in both forms, merged cells, days, several sheets, and files that do harm.

use std::io::{Cursor, Write};

use responsibility_index::table::{Place, Reader, Rows, TableError, Tables};
use rust_xlsxwriter::{ExcelDateTime, Format, Workbook, Worksheet};

#[path = "../common/plan.rs"]
mod plan;

use plan::{Task, long, plan, tasks_of, wide};

fn workbook(fill: impl FnOnce(&mut Worksheet)) -> Vec<u8> {
    let mut book = Workbook::new();
    fill(book.add_worksheet());
    book.save_to_buffer().unwrap()
}

fn sheet(rows: &[Vec<String>]) -> Vec<u8> {
    workbook(|sheet| {
        for (row, cells) in (0..).zip(rows) {
            for (column, cell) in (0..).zip(cells) {
                sheet.write_string(row, column, cell).unwrap();
            }
        }
    })
}

fn read(bytes: &[u8]) -> Rows {
    Reader::new().read_xlsx(bytes).unwrap()
}

fn standings(rows: &Rows) -> Vec<String> {
    rows.tasks().map(|task| format!("{}: {}", task.title(), task.standing())).collect()
}

fn read_back(rows: &[Vec<String>]) -> Vec<Task> {
    tasks_of(&read(&sheet(rows)))
}

#[test]
fn the_plan_of_2016_is_the_same_in_the_long_form() {
    assert_eq!(read_back(&long(["ID", "任务", "牵头单位", "配合单位"], "、")), plan());
}

#[test]
fn the_plan_of_2016_is_the_same_in_the_wide_form() {
    assert_eq!(read_back(&wide("L", 1)), plan());
}

#[test]
fn merged_cells_are_copied_and_a_merged_title_is_a_section() {
    let bytes = workbook(|sheet| {
        let plain = Format::new();
        for (column, title) in (0..).zip(["No.", "Task", "Lead", "Support"]) {
            sheet.write_string(0, column, title).unwrap();
        }
        sheet.merge_range(1, 0, 1, 3, "Roads", &plain).unwrap();
        sheet.write_number(2, 0, 1).unwrap();
        sheet.write_string(2, 1, "Repair").unwrap();
        sheet.merge_range(2, 2, 3, 2, "Transport", &plain).unwrap();
        sheet.write_string(2, 3, "Finance\nPolice").unwrap();
        sheet.write_number(3, 0, 2).unwrap();
        sheet.write_string(3, 1, "Build").unwrap();
        sheet.write_string(3, 3, "Water").unwrap();
    });
    let rows = read(&bytes);
    assert_eq!(standings(&rows), ["Repair: Transport with Finance, Police", "Build: Transport with Water"]);
    let task = rows.task(1).unwrap();
    assert_eq!((task.section(), task.own_key(), task.place()), ("Roads", "2", Place::new(4, 2)));
}

#[test]
fn days_are_written_as_days_and_numbers_without_a_point() {
    let bytes = workbook(|sheet| {
        let day = Format::new().set_num_format("yyyy-mm-dd");
        for (column, title) in (0..).zip(["ID", "Task", "Lead", "Due"]) {
            sheet.write_string(0, column, title).unwrap();
        }
        sheet.write_number(1, 0, 7).unwrap();
        sheet.write_string(1, 1, "Repair").unwrap();
        sheet.write_string(1, 2, "Transport").unwrap();
        let due = ExcelDateTime::from_ymd(2026, 11, 30).unwrap();
        sheet.write_datetime_with_format(1, 3, &due, &day).unwrap();
    });
    let rows = read(&bytes);
    let task = rows.task(0).unwrap();
    assert_eq!((task.own_key(), task.deadline()), ("7", Some("2026-11-30")));
    assert_eq!(task.due().and_then(|due| due.day(2000)).map(|day| day.to_string()).as_deref(), Some("2026-11-30"));
}

#[test]
fn each_sheet_is_a_table_and_empty_sheets_are_none() {
    let mut book = Workbook::new();
    for name in ["Roads", "Empty", "Schools"] {
        let sheet = book.add_worksheet().set_name(name).unwrap();
        if name != "Empty" {
            for (row, cells) in (0..).zip([["Task", "Lead"], ["Repair", name]]) {
                sheet.write_row(row, 0, cells).unwrap();
            }
        }
    }
    let rows = read(&book.save_to_buffer().unwrap());
    assert_eq!(standings(&rows), ["Repair: Roads", "Repair: Schools"]);
    assert_eq!(rows.tasks().map(|task| task.section().to_owned()).collect::<Vec<_>>(), ["Roads", "Schools"]);
    let empty = workbook(|_| {});
    assert_eq!(Tables::read_xlsx(&empty).unwrap_err(), TableError::NoTable);
}

#[test]
fn cells_in_far_corners_take_no_memory_between_them() {
    let bytes = workbook(|sheet| {
        sheet.write_row(0, 0, ["Task", "Lead"]).unwrap();
        sheet.write_row(1, 0, ["Repair", "Transport"]).unwrap();
        sheet.write_row(1_048_575, 0, ["Build", "Transport"]).unwrap();
        sheet.merge_range(2, 0, 2, 16_383, "Section", &Format::new()).unwrap();
    });
    let rows = read(&bytes);
    assert_eq!(standings(&rows), ["Repair: Transport", "Build: Transport"]);
    assert_eq!(rows.task(1).unwrap().line(), 1_048_576);
    let wide = workbook(|sheet| {
        sheet.write_string(4, 5_000, "x").unwrap();
    });
    assert_eq!(Tables::read_xlsx(&wide).unwrap_err(), TableError::TooManyColumns { line: 5, most: 4096 });
}

#[test]
fn what_is_no_spreadsheet_is_an_error() {
    let is_unreadable = |bytes: &[u8]| matches!(Tables::read_xlsx(bytes), Err(TableError::Spreadsheet { .. }));
    assert!(is_unreadable(b"Task,Lead\n") && is_unreadable(b"") && is_unreadable(b"PK\x03\x04"));
    let whole = sheet(&[vec!["Task".to_owned(), "Lead".to_owned()], vec!["Repair".to_owned(), "Transport".to_owned()]]);
    for end in (0..whole.len()).step_by(whole.len() / 50) {
        assert!(Tables::read_xlsx(&whole[..end]).is_err(), "{end} of {} bytes", whole.len());
    }
    // Damaged bytes are an error or make no difference, and never a panic.
    for at in (0..whole.len()).step_by(7) {
        let mut damaged = whole.clone();
        damaged[at] ^= 0x55;
        drop(Tables::read_xlsx(&damaged));
    }
}

#[test]
fn an_archive_that_becomes_very_large_is_refused_before_it_is_taken_into_memory() {
    let mut archive = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let deflated = zip::write::SimpleFileOptions::default().compression_level(Some(1)).large_file(true);
    archive.start_file("xl/sharedStrings.xml", deflated).unwrap();
    let zeros = vec![0; 1 << 20];
    for _ in 0..=1_024 {
        archive.write_all(&zeros).unwrap();
    }
    let bytes = archive.finish().unwrap().into_inner();
    assert!(bytes.len() < 20 << 20);
    assert!(matches!(Tables::read_xlsx(&bytes), Err(TableError::TooLong { most: 0x4000_0000, .. })));
}
