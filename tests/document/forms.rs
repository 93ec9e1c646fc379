//! A notice in the forms in which pages have it gives the tasks and findings of its text.

use encoding_rs::GB18030;
use responsibility_index::document::{Document, Encoding, Format};
use responsibility_index::notice::{Basis, FindingKind, Notice, Reader};

use crate::shown::{Source, shown, without_space};

const PLAN: &str = include_str!("../../seeds/fujian-2016.txt");

/// A task without the spaces that pages have in other places.
type Told = (String, String, Vec<String>, Vec<String>, Basis, String, String, String);

fn tasks(notice: &Notice<'_>) -> Vec<Told> {
    let owned = |units: Vec<&str>| units.into_iter().map(str::to_owned).collect();
    let told = notice.tasks().map(|task| {
        (
            task.key("plan"),
            task.lead().to_owned(),
            owned(task.joint_leads().collect()),
            owned(task.supporting().collect()),
            task.basis(),
            without_space(task.text()),
            without_space(task.clause()),
            task.deadline().map(without_space).unwrap_or_default(),
        )
    });
    told.collect()
}

fn findings(notice: &Notice<'_>) -> Vec<(&'static str, String)> {
    notice.findings().map(|finding| (finding.kind().title(), without_space(finding.original()))).collect()
}

/// Compares a page with the text, and the places that it gives with the characters there.
#[track_caller]
fn same(name: &str, text: &str, page: &str, bytes: &[u8], encoding: Encoding) {
    let document = Document::read(name, bytes).unwrap();
    assert_eq!((document.format(), document.encoding()), (Format::Html, encoding), "{name}");
    assert_eq!(document.findings().collect::<Vec<_>>(), Vec::<&_>::new(), "{name}");
    let (expected, notice) = (Notice::read(text), Reader::new().read_document(&document));
    assert!(expected.tasks().len() > 0);
    for (told, expected) in tasks(&notice).iter().zip(tasks(&expected)) {
        assert_eq!(*told, expected, "{name}");
    }
    assert_eq!(notice.tasks().len(), expected.tasks().len(), "{name}");
    assert_eq!(findings(&notice), findings(&expected), "{name}");

    let source = Source::new(page);
    let there = |place, text: &str| {
        let text: String = without_space(text).chars().take(12).collect();
        let from = source.from(place, 4000);
        assert!(!from.starts_with(['<', ' ', '\n']), "{name} {place:?}: {:?}", &from[..1]);
        assert_eq!(shown(&from, text.chars().count()), text, "{name} {place:?}");
    };
    for task in notice.tasks() {
        let text = if task.text().is_empty() { task.clause() } else { task.text() };
        there((task.line(), task.column()), text);
        there(notice.position(task.clause_span().start), task.clause());
    }
    for finding in notice.findings().filter(|finding| !finding.original().is_empty()) {
        let text = finding.original().trim_start();
        let start = finding.span().start + (finding.original().len() - text.len());
        there(notice.position(start), text);
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn page(charset: &str, body: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"zh\">\n<head>\n<meta http-equiv=\"Content-Type\" content=\"text/html; \
         charset={charset}\">\n<title>分工（责任单位：省科技厅）</title>\n<script>if (a<b) write(\"<p>（责任单位：\
         省财政厅）</p>\");</script>\n<style>p > b {{}}</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
}

/// Each line in a template, of which `{}` is the line.
fn lines(text: &str, template: &str, change: impl FnMut(&str) -> String) -> String {
    text.lines().map(change).map(|line| template.replace("{}", &line)).collect()
}

fn utf_8(text: &str, name: &str, page: &str) {
    same(name, text, page, page.as_bytes(), Encoding::Utf8);
}

#[test]
fn paragraphs_and_line_breaks_are_lines() {
    utf_8(PLAN, "paragraphs", &page("utf-8", &lines(PLAN, "<p>{}</p>\n", escaped)));
    utf_8(PLAN, "open paragraphs", &page("utf-8", &lines(PLAN, "<P CLASS=x>{}", escaped)));
    utf_8(PLAN, "items", &page("utf-8", &lines(PLAN, "<li>{}</li>", escaped)));
    utf_8(PLAN, "breaks", &page("utf-8", &lines(PLAN, "{}<br/>\n", escaped)));
    utf_8(PLAN, "breaks without line ends", &format!("<div>{}</div>", lines(PLAN, "{}<BR>", escaped)));
    utf_8(PLAN, "preformatted", &page("utf-8", &format!("<pre>\n{}</pre>", escaped(PLAN))));
}

#[test]
fn inline_tags_and_comments_within_words_change_nothing() {
    let mut numbers = fastrand::Rng::with_seed(7);
    let soup = lines(PLAN, "<div class=\"c\"><div><p>{}</p></div></div>", |line| {
        let mut out = String::new();
        for c in line.chars() {
            let c = escaped(&c.to_string());
            out += &match numbers.usize(..12) {
                0 => format!("<span style=\"a>b\">{c}</span>"),
                1 => format!("<B>{c}</B>"),
                2 => format!("<o:p></o:p>{c}"),
                3 => format!("<a href=\"?a=1&b=2\">{c}</a>"),
                4 => format!("<!-- <p>x</p> -->{c}"),
                5 => format!("<![if !supportLists]>{c}<![endif]>"),
                6 => format!("<!--[if mso]><xml>x</xml><![endif]-->{c}"),
                _ => c,
            };
        }
        out
    });
    utf_8(PLAN, "soup", &page("utf-8", &soup));
}

#[test]
fn character_references_are_characters() {
    let mut numbers = fastrand::Rng::with_seed(8);
    let body = lines(PLAN, "<p>&nbsp;&nbsp;&emsp;{}</p>\n", |line| {
        let referred = line.chars().map(|c| match numbers.usize(..4) {
            0 => format!("&#{};", c as u32),
            1 => format!("&#x{:X};", c as u32),
            _ => escaped(&c.to_string()),
        });
        referred.collect()
    });
    utf_8(PLAN, "references", &page("utf-8", &body));
}

#[test]
fn lines_of_the_source_are_no_lines_of_the_text() {
    let wide = |c: char| c > '\u{2E80}';
    let body = lines(PLAN, "    <p>\n        {}\n    </p>\n", |line| {
        let chars: Vec<char> = line.chars().collect();
        let mut out = String::new();
        for (at, c) in chars.iter().enumerate() {
            if at % 23 == 22 && wide(chars[at - 1]) && wide(*c) {
                out += "\n        ";
            }
            out += &escaped(&c.to_string());
        }
        out
    });
    let page = page("utf-8", &body);
    utf_8(PLAN, "indented", &page);
    utf_8(PLAN, "indented, with returns", &page.replace('\n', "\r\n"));
}

#[test]
fn tables_that_lay_out_a_page_are_lines() {
    let body = lines(PLAN, "<p>{}</p>", escaped);
    let one = format!("<table><tr><td>home</td></tr><tr><td>{body}</td></tr></table>");
    utf_8(PLAN, "one cell", &page("utf-8", &one));
    let nested = format!("<table><tr><td>home<td><table><tr><td>{body}</td></tr></table></td></tr></table>");
    utf_8(PLAN, "nested", &page("utf-8", &nested));
    let beside = format!("<table><tr><td>home</td><td>{body}</td></tr></table>");
    utf_8(PLAN, "beside a list", &page("utf-8", &beside));
}

#[test]
fn pages_in_other_encodings_are_decoded() {
    let gb = page("gb2312", &lines(PLAN, "<p>{}</p>\n", escaped));
    same("gb2312", PLAN, &gb, &GB18030.encode(&gb).0, Encoding::Gb18030);
    let plain = page("x", &lines(PLAN, "<p>{}</p>\n", escaped));
    let marked = format!("\u{FEFF}{plain}");
    let little: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    same("UTF-16LE", PLAN, &plain, &little, Encoding::Utf16Le);
    let big: Vec<u8> = marked.encode_utf16().flat_map(u16::to_be_bytes).collect();
    same("UTF-16BE", PLAN, &plain, &big, Encoding::Utf16Be);
    same("UTF-8 with a mark", PLAN, &plain, marked.as_bytes(), Encoding::Utf8);
}

/// The same table as text, and as a page.
fn table(rows: &[&[&str]], page: &str) {
    let text: String = rows.iter().map(|row| row.join("\t") + "\n").collect();
    let bytes = page.as_bytes();
    let document = Document::read("table", bytes).unwrap();
    let (notice, expected) = (Reader::new().read_document(&document), Notice::read(&text));
    assert!(expected.tasks().len() > 0);
    let standings = |notice: &Notice<'_>| -> Vec<_> {
        notice
            .tasks()
            .map(|task| (task.key("t"), task.units().map(str::to_owned).collect::<Vec<_>>(), task.basis()))
            .collect()
    };
    assert_eq!(standings(&notice), standings(&expected), "{:?}", document.text());
    let source = Source::new(page);
    for task in notice.tasks() {
        let first = without_space(task.text()).chars().take(2).collect::<String>();
        assert_eq!(shown(&source.from((task.line(), task.column()), 200), 2), first);
    }
}

#[test]
fn rows_of_a_table_are_tasks_as_in_text() {
    let header: &[&str] = &["序号", "任务", "牵头单位", "配合单位"];
    let page = "<p>重点任务清单</p>\n<TABLE border=1>\n <thead><tr>\n <th>序号<th> 任务\n <th>牵头单位<th>配合单位\n</thead>\n\
                <tr><td>1</td><td>修路</td><td>市交通局</td><td><p>市财政局</p><p>市公安局</p></td></tr>\n\
                <tr><td>2</td><td>架<b>桥</b></td><td>市水利局<br>市林业局</td><td></td></tr></TABLE>";
    table(&[header, &["1", "修路", "市交通局", "市财政局、市公安局"], &["2", "架桥", "市水利局、市林业局", ""]], page);
}

#[test]
fn merged_cells_name_their_units_in_each_row() {
    let header: &[&str] = &["序号", "任务", "牵头单位", "配合单位"];
    let page = "<table><tr><th>序号</th><th>任务</th><th>牵头单位</th><th>配合单位</th></tr>\n\
                <tr><td>1</td><td>修路</td><td rowspan=2>市交通局</td><td>市财政局</td></tr>\n\
                <tr><td>2</td><td>架桥</td><td>市公安局</td></tr>\n\
                <tr><td colspan=\"2\">3.种树</td><td>市林业局</td><td>市水利局</td></tr></table>";
    let rows: [&[&str]; 4] = [
        header,
        &["1", "修路", "市交通局", "市财政局"],
        &["2", "架桥", "市交通局", "市公安局"],
        &["3.种树", "", "市林业局", "市水利局"],
    ];
    let text: String = rows.iter().map(|row| row.join("\t") + "\n").collect();
    assert_eq!(Document::read("merged", page.as_bytes()).unwrap().text(), text);
    table(&rows[..3], &page.replace("<tr><td colspan=\"2\">3.种树</td><td>市林业局</td><td>市水利局</td></tr>", ""));
}

#[test]
fn lines_of_a_form_in_a_table_are_labels_and_values() {
    let page = "<table><tr><td>责任单位</td><td>市交通局<br/>市财政局</td></tr><tr><td>完成时限</td><td>6月底</td></tr></table>";
    let document = Document::read("form", page.as_bytes()).unwrap();
    let notice = Reader::new().read_document(&document);
    let task = notice.task(0).unwrap();
    assert_eq!((task.lead(), task.supporting().collect::<Vec<_>>()), ("市交通局", vec!["市财政局"]));
    assert_eq!(task.deadline(), Some("6月底"));
    assert!(!notice.findings().any(|finding| finding.kind() == FindingKind::LineNotRead));
}
