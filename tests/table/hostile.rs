//! Inputs made to break a reader: errors with names, never a panic, memory and time in proportion to the text.

use std::fmt::Write as _;

use responsibility_index::table::{Basis, MOST_COLUMNS, Rows, TableError, Tables};
use responsibility_index::{Assignment, Standing};

#[test]
fn a_million_columns_are_refused() {
    let row = "a,".repeat(1_000_000);
    for text in [row.clone(), format!("Task,Owner\nRoads,A\n{row}"), format!("\"x{row}\n{row}")] {
        assert!(matches!(Tables::read(&text), Err(TableError::TooManyColumns { most: MOST_COLUMNS, .. })));
    }
    let bars = "| a ".repeat(1_000_000);
    assert!(matches!(Tables::read(&format!("{bars}\n|---|\n")), Err(TableError::TooManyColumns { line: 1, .. })));
    let cells = "<td>a".repeat(1_000_000);
    assert!(matches!(Tables::read(&format!("<table>\n<tr>{cells}")), Err(TableError::TooManyColumns { line: 2, .. })));
}

#[test]
fn huge_spans_are_refused_before_memory_is_taken() {
    for span in ["4097", "1000000000", "99999999999999999999999"] {
        let text = format!("<table><tr><td colspan={span}>a</table>");
        assert!(matches!(Tables::read(&text), Err(TableError::SpanTooLarge { line: 1, .. })), "{span}");
    }
    let text = "<table><tr><td rowspan=65535>a</table>";
    let expected = "line 1: a cell that spans 65535 rows or columns; the limit is 65534";
    assert_eq!(Tables::read(text).err().map(|error| error.to_string()).as_deref(), Some(expected));
    let rows = "<tr><td>b".repeat(1_000);
    let text = format!("<table><tr><td rowspan=65534 colspan=4000>a{rows}</table>");
    assert!(matches!(Tables::read(&text), Err(TableError::TooManyCells { .. })));
    // A span of many rows is no more than the rows that there are.
    let text = "<table><tr><td rowspan=65534>Roads<td>b<tr><td>c</table>";
    assert_eq!(Tables::read(text).unwrap().tables().map(|table| table.rows().len()).sum::<usize>(), 2);
    for odd in ["-1", "x", "", "1.5"] {
        let text = format!("<table><tr><td colspan=\"{odd}\">a<td>b</table>");
        assert_eq!(Tables::read(&text).unwrap().tables().next().unwrap().rows().next().unwrap().len(), 2, "{odd}");
    }
}

#[test]
fn deep_nesting_is_refused() {
    let text = "<table><tr><td>".repeat(100_000);
    assert_eq!(Tables::read(&text).err(), Some(TableError::TooDeep { line: 1, most: 64 }));
    let deep = format!("<table><tr><td>Task<td>Owner<tr><td>{}Roads<td>A</table>", "<div>".repeat(100_000));
    assert_eq!(Rows::read(&deep).unwrap().task(0).unwrap().lead(), Some("A"));
    let brackets = format!("Task,Owner\nRoads,{}\n", "(".repeat(100_000));
    assert_eq!(Rows::read(&brackets).unwrap().task(0).unwrap().lead(), None);
}

/// Pieces of tables of every kind.
const PIECES: &[&str] = &[
    "Task",
    "Owner",
    "Lead",
    "Support",
    "责任单位",
    "牵头单位",
    "任务",
    "序号",
    "市交通局",
    "A",
    "R",
    "A/R",
    "★",
    "○",
    "1",
    "2",
    ",",
    ",",
    ";",
    "\t",
    "|",
    "|",
    "\n",
    "\n",
    "\r\n",
    "\"",
    "\"\"",
    "、",
    "（",
    "）",
    "(",
    ")",
    " ",
    "-",
    "---",
    "|---|",
    "<table>",
    "</table>",
    "<tr>",
    "<td>",
    "</td>",
    "<td rowspan=3>",
    "<td colspan=2>",
    "<th rowspan=0>",
    "<br>",
    "<p>",
    "&amp;",
    "&#0;",
    "\\|",
    "`",
    "```\n",
    "**",
    "[x](y)",
    "<script>",
    "<caption>",
    "<h2>",
    "注：★牵头",
    "R = Responsible",
    "等",
    "\u{FEFF}",
    "\u{0}",
    "é",
    "𝄞",
    "TBD",
    ":",
    "sep=;\n",
];

/// Whether a standing has at most one lead, each unit once, and names that an index takes.
fn is_valid(standing: &Standing) -> bool {
    let mut others = standing.units().skip(usize::from(standing.lead().is_some()));
    let led = Assignment::led_by(standing.lead().unwrap_or("a lead for the check alone"));
    led.and_then(|led| others.try_fold(led, |led, (unit, role)| led.and(role, [unit]))).is_ok()
}

/// What holds for every text: places inside the text, distinct keys, findings in order.
fn check(text: &str) {
    let Ok(rows) = Rows::read(text) else { return };
    let lines = u32::try_from(text.split(['\n', '\r']).count()).unwrap();
    let mut keys: Vec<&str> = rows.tasks().map(|task| task.own_key()).collect();
    let tasks = keys.len();
    keys.sort_unstable();
    keys.dedup();
    assert_eq!(keys.len(), tasks, "{text:?}");
    assert!(rows.tasks().all(|task| is_valid(task.standing())), "{text:?}\n{rows:#?}");
    assert!(rows.tasks().all(|task| (task.basis() == Basis::Vacant) == task.lead().is_none()), "{text:?}");
    assert!(rows.tasks().all(|task| (1..=lines).contains(&task.line()) && task.column() > 0), "{text:?}");
    let places: Vec<_> = rows.findings().map(|finding| finding.place()).collect();
    assert!(places.is_sorted() && places.iter().all(|place| (1..=lines).contains(&place.line)), "{text:?}\n{places:?}");
    let mut shown = String::new();
    rows.findings().for_each(|finding| writeln!(shown, "{finding}").unwrap());
    assert_eq!(shown.lines().count(), places.len(), "{text:?}");
}

#[test]
fn random_bytes_and_pieces_hold_the_invariant() {
    let mut random = fastrand::Rng::with_seed(17);
    for _ in 0..2_000 {
        let bytes: Vec<u8> = (0..random.usize(..200)).map(|_| random.u8(..)).collect();
        check(&String::from_utf8_lossy(&bytes));
    }
    let mut read = 0;
    for _ in 0..6_000 {
        let starts = [
            "Task,Owner\n",
            "| Task | Lead |\n|---|---|\n",
            "<table><tr><td>Task<td>Owner<tr>",
            "",
            "Task,X,Y\nPlan,A,R\n",
        ];
        let mut text = random.choice(starts).unwrap_or("").to_owned();
        for _ in 0..random.usize(..60) {
            text.push_str(random.choice(PIECES).copied().unwrap_or(""));
        }
        check(&text);
        read += usize::from(Rows::read(&text).is_ok());
    }
    assert!(read > 1_000, "only {read} texts are tables");
}

/// Headers of tables of every kind.
const HEADERS: &[&[&str]] = &[
    &["Task", "Owner"],
    &["ID", "Task", "Lead", "Support", "Consulted", "Due"],
    &["Task", "X", "Y", "Z"],
    &["Activity", "Lead and supporting agencies", "Notes"],
    &["序号", "任务", "牵头单位", "配合单位", "完成时限"],
    &["任务", "责任单位（责任人）", "备注"],
    &["任务", "主协办单位"],
];

/// Pieces of cells: names, words of roles, persons, marks, separators and brackets.
const CELL_PIECES: &[&str] = &[
    "Finance",
    "finance",
    "\u{FF26}inance",
    "Police",
    "Office 12",
    " (lead)",
    "Lead: ",
    "Support: ",
    ", etc.",
    "; ",
    "/",
    ", ",
    "A",
    "R",
    "C2",
    "L2",
    "A/R",
    "1",
    "2",
    "★",
    "○",
    "X",
    "市财政局",
    "财政局",
    "教育局",
    "省交通厅",
    "福州",
    "厦门市政府",
    "、",
    "，",
    "；",
    "（",
    "）",
    "(",
    ")",
    "牵头",
    "配合",
    "等",
    "等部门",
    "各县",
    "牵头单位：",
    "（牵头）",
    "/张三",
    "（张三）",
    "①",
    "1.",
    "TBD",
    "-",
    "*",
    " ",
    "\u{3000}",
    "\u{200B}",
    "2026-11-30",
    "6月底前",
    "x/1",
    "\u{7}",
    "Task",
    "Owner",
    "任务",
];

/// One table in each of the formats.
fn written(rows: &[Vec<String>]) -> [String; 3] {
    let lines = |cell: fn(&str) -> String, between: &str, begin: &str, end: &str| {
        let line = |row: &Vec<String>| {
            let cells: Vec<String> = row.iter().map(|text| cell(text)).collect();
            format!("{begin}{}{end}", cells.join(between))
        };
        rows.iter().map(line).collect::<Vec<String>>()
    };
    let delimited = lines(|cell| format!("\"{cell}\""), ",", "", "\n").concat();
    let html = format!("<table>{}</table>", lines(str::to_owned, "<td>", "<tr><td>", "\n").concat());
    let mut markdown = lines(str::to_owned, " | ", "| ", " |\n");
    markdown.insert(1, "|---|---|\n".to_owned());
    [delimited, markdown.concat(), html]
}

#[test]
fn random_tables_of_every_format_hold_the_invariant() {
    let mut random = fastrand::Rng::with_seed(27);
    let mut tasks = 0;
    for _ in 0..1_500 {
        let header = random.choice(HEADERS).unwrap();
        let mut rows = vec![header.iter().map(|title| (*title).to_owned()).collect::<Vec<_>>()];
        for _ in 0..random.usize(1..6) {
            let cell = |random: &mut fastrand::Rng| {
                let pieces = (0..random.usize(..6)).map(|_| random.choice(CELL_PIECES).copied().unwrap());
                pieces.collect::<String>()
            };
            let width = header.len().saturating_sub(random.usize(..2)) + random.usize(..2);
            rows.push((0..width).map(|_| cell(&mut random)).collect());
        }
        for text in written(&rows) {
            check(&text);
            tasks += Rows::read(&text).map_or(0, |rows| rows.tasks().len());
        }
    }
    assert!(tasks > 5_000, "only {tasks} tasks");
}

/// Texts whose parts are made to be slow, each of a length in proportion to `size`.
fn slow(size: usize) -> Vec<String> {
    let header = "Task,Owner,Support\n";
    vec![
        format!("{header}{}", "Roads,A,B\n".repeat(size)),
        format!("{header}{}", "\"".repeat(8 * size)),
        format!("{header}Roads,A,\"{}\"", "B;".repeat(4 * size)),
        format!("{header}{}", "x,Roads\n".repeat(size)),
        format!("| Task | Owner |\n|---|---|\n| {} | A |\n", "[a](".repeat(2 * size)),
        format!("| Task | Owner |\n|---|---|\n| {} | A |\n", "<b ".repeat(2 * size)),
        format!("| Task | Owner |\n|---|---|\n{}", "|\n".repeat(2 * size)),
        format!("<table><tr><td>Task<td>Owner{}</table>", "<tr><td>Roads<td>A".repeat(size)),
        format!("<table><tr><td>Task<td colspan=4000>Owner{}</table>", "<tr>".repeat(2 * size)),
        format!("Task,X,Y\n{}", "Plan,A,R\n".repeat(size)),
        "<".repeat(8 * size) + "<table>",
        format!("ID,Task,Owner\n{}", "x,Roads,A\n".repeat(size)),
        format!("{header}{}", (0..size).map(|at| format!("Roads {at},A{at},\"B{at}; C{at}\"\n")).collect::<String>()),
        format!("任务,牵头单位,配合单位\n{}", "修路,省交通厅,省财政厅、公安厅\n".repeat(size)),
    ]
}

/// The work of reading is counted as what it makes: twice the text makes at most twice as much, so that a text that is
/// read in time in proportion to what it makes is read in time in proportion to its length.
#[test]
fn twice_the_text_makes_at_most_twice_as_much() {
    let made = |text: &str| {
        let cells = Tables::read(text)
            .map_or(0, |tables| tables.tables().flat_map(|table| table.rows()).map(|row| row.len()).sum());
        let rows = Rows::read(text).ok();
        let counts = rows.map(|rows| rows.tasks().len() + rows.findings().len() + rows.units().len());
        let cells: usize = cells;
        cells + counts.unwrap_or(0)
    };
    for (once, twice) in slow(2_000).iter().zip(slow(4_000)) {
        check(once);
        let start: String = once.chars().take(80).collect();
        assert!(made(&twice) <= 2 * made(once) + 8, "{start}: {} {}", made(once), made(&twice));
    }
}
