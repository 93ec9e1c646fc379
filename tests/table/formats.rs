//! The formats: cells, their places, and what is around tables.

use responsibility_index::table::{Copied, Format, Rows, TableError, Tables};

use crate::{finds, reads, titles};

/// The cells of all tables of a text, row by row, each with its place.
fn cells(text: &str) -> Vec<Vec<String>> {
    let tables = Tables::read(text).unwrap();
    let rows = tables.tables().flat_map(|table| table.rows().collect::<Vec<_>>());
    rows.map(|row| row.cells().map(|cell| format!("{}@{}", cell.text(), cell.place())).collect()).collect()
}

#[test]
fn the_header_tells_the_separator() {
    for (text, separator) in [
        ("Task,Owner\nRoads; bridges,A", ','),
        ("Task;Owner\nRoads, bridges, rails;A, B, C", ';'),
        ("Task\tOwner\nRoads, bridges\tA, B", '\t'),
        ("Task|Owner\nRoads|A, B", '|'),
        ("\"Task, long\";Owner;Due\nRoads;A;B", ';'),
        ("Plan of May, June, July\nTask\tOwner\nRoads\tA", '\t'),
    ] {
        assert_eq!(Format::of(text), Some(Format::Delimited(separator)), "{text}");
    }
}

#[test]
fn each_cell_has_its_line_and_column_in_the_file() {
    let text = "Task,Owner\r\n\r\n\"Roads,\r\nand \"\"bridges\"\"\", A\r\n修路,甲局\n";
    assert_eq!(
        cells(text),
        [["Task@1:1", "Owner@1:6"], ["Roads,\r\nand \"bridges\"@3:2", "A@4:19"], ["修路@5:1", "甲局@5:4"],]
    );
    let text = "\u{FEFF}sep=;\nTask;Owner\nRoads;A\n";
    assert_eq!(cells(text), [["Task@2:1", "Owner@2:6"], ["Roads@3:1", "A@3:7"]]);
    let text = "Intro.\n\n| Task | Owner |\n|:--|--:|\n| 修路 |  A |\nx | y\n\nEnd.\n";
    assert_eq!(cells(text), [["Task@3:3", "Owner@3:10"], ["修路@5:3", "A@5:9"], ["x@6:1", "y@6:5"]]);
    let text = "<p>Intro</p>\n<table>\n <tr><th>Task</th> <th>\n Owner</th></tr>\n <tr><td>修路<td><b>A</b> B</table>";
    assert_eq!(cells(text), [["Task@3:10", "Owner@4:2"], ["修路@5:10", "A B@5:19"]]);
}

#[test]
fn cells_of_markdown_lose_their_marks_and_keep_their_text() {
    let text =
        "| Task | Owner |\n|---|---|\n| **Fix** `a_b` \\| c &amp; d | [Ann](https://x.org/a) <br> _Bob_<br/>C |\n";
    let cells = cells(text);
    assert_eq!(cells.get(1), Some(&vec!["Fix a_b | c & d@3:3".to_owned(), "Ann \n _Bob_\nC@3:32".to_owned()]));
    reads(text, &["Fix a_b | c & d: Ann; co-lead: Bob, C"]);
}

#[test]
fn a_document_can_have_several_tables_with_headings_over_them() {
    let text = "# Plan\n\n## Roads\n\n| Task | Owner |\n|---|---|\n| Repair | A |\n\nSome text.\n\n## Water\n\n| Task | Owner |\n|---|---|\n| Clean | B |\n";
    reads(text, &["Repair: A", "Clean: B"]);
    let rows = Rows::read(text).unwrap();
    assert_eq!(rows.tasks().map(|task| task.section()).collect::<Vec<_>>(), ["Roads", "Water"]);
    assert_eq!(rows.tasks().map(|task| task.own_key()).collect::<Vec<_>>(), ["1", "2"]);
    let html = "<h2>Roads</h2><table><tr><td>Task<td>Owner<tr><td>Repair<td>A</table><table><caption>Water</caption>\
                <tr><td>Task<td>Owner<tr><td>Clean<td>B</table>";
    let rows = Rows::read(html).unwrap();
    assert_eq!(rows.tasks().map(|task| task.section()).collect::<Vec<_>>(), ["Roads", "Water"]);
}

#[test]
fn fenced_code_and_scripts_have_no_tables() {
    let text = "```\n| Task | Owner |\n|---|---|\n| No | A |\n```\n\n| Task | Owner |\n|---|---|\n| Yes | B |\n";
    reads(text, &["Yes: B"]);
    let text = "<script>\"<table><tr><td>Task<td>Owner<tr><td>No<td>A</table>\"</script>\
                <table><tr><td>Task<td>Owner<tr><td>Yes<td>B</table>";
    reads(text, &["Yes: B"]);
}

#[test]
fn entities_breaks_and_blocks_of_html_are_read() {
    let text = "<TABLE><TR><TD>任务</TD><TD>责任单位</TD></TR>\
                <TR><TD>修路&nbsp;&amp;&#x67B6;桥</TD><TD><p>市交通局</p><p>市财政局<br/>市公安局</p></TD></TR></TABLE>";
    reads(text, &["修路 &架桥: 市交通局 with 市财政局, 市公安局"]);
}

#[test]
fn merged_cells_are_copied_and_marked() {
    let text = "<table><tr><td rowspan=2 colspan=2>a<td>b<tr><td>c<tr><td rowspan=0>d<td>e<tr><td>f<tr></table>";
    let tables = Tables::read(text).unwrap();
    let table = tables.tables().next().unwrap();
    let shown: Vec<String> = table
        .rows()
        .map(|row| {
            let cells = row.cells().map(|cell| match cell.copied() {
                Some(Copied::FromLeft) => format!("<{}", cell.text()),
                Some(Copied::FromAbove) => format!("^{}", cell.text()),
                None => cell.text().to_owned(),
            });
            cells.collect::<Vec<_>>().join(" ")
        })
        .collect();
    assert_eq!(shown, ["a <a b", "^a <a c", "d e", "^d f", "^d"]);
}

#[test]
fn a_table_in_a_cell_is_refused_with_a_finding() {
    let text =
        "<table><tr><td>Task<td>Owner<tr><td>Roads<table><tr><td>Task<td>Owner<tr><td>x<td>y</table><td>A</table>";
    reads(text, &["Roads: A"]);
    finds(text, &["1:42: table in a cell: not read"]);
}

#[test]
fn a_quote_that_nothing_closes_loses_no_row() {
    let text = "Task,Owner\nRoads,\"A\nBridges,B\n";
    reads(text, &["Roads: \"A", "Bridges: B"]);
    finds(text, &["2:7: unclosed quote: from here on quotes are text"]);
}

#[test]
fn a_text_without_a_table_says_so() {
    for text in ["", "A sentence.", "\n\n", "一、总则\n甲局负责。", "<html><p>No table</p></html>"] {
        assert_eq!(Tables::read(text).err(), Some(TableError::NoTable), "{text}");
    }
    let error = Rows::read("Name,Colour\nSky,blue\n").err().map(|error| error.to_string());
    let expected = "line 1: no column names a lead or responsible unit; its headers are Name | Colour; \
                    map a header or number to lead with Columns";
    assert_eq!(error.as_deref(), Some(expected));
}

#[test]
fn a_format_can_be_told() {
    let text = "| Task | Owner |\n|---|---|\n| Roads | A |\n";
    let tables = Tables::read_as(text, Format::Delimited('|')).unwrap();
    assert_eq!(tables.tables().map(|table| table.rows().len()).collect::<Vec<_>>(), [3]);
    assert!(matches!(Tables::read_as(text, Format::Delimited('｜')), Err(TableError::NoTable)));
}

#[test]
fn lines_around_tables_are_kept_and_those_of_duty_are_findings() {
    let text =
        "由市交通局牵头。\n\nNothing here.\n\n| 任务 | 责任单位 |\n|---|---|\n| 修路 | 甲局 |\n\n责任单位：乙局\n";
    finds(text, &["1:1: not read: it belongs to no task [由市交通局牵头。]", "9:1: not read"]);
    let tables = Tables::read(text).unwrap();
    assert_eq!(
        tables.lines().map(|line| line.text.as_str()).collect::<Vec<_>>(),
        ["由市交通局牵头。", "Nothing here.", "责任单位：乙局"]
    );
    let html = "<p>Lead agency: Transport</p><table><tr><td>Task<td>Owner<tr><td>Roads<td>A</table>";
    assert_eq!(Rows::read(html).map(|rows| titles(&rows)), Ok(vec!["not read"]));
}
