//! Whatever the bytes: no panic, no hang, every character that is seen in the text is the one at its place in the file, and
//! the text is not much longer than the file.

use std::ops::Range;

use responsibility_index::document::{Document, FindingKind, Format};
use responsibility_index::notice::Reader;

use crate::shown::Source;

/// Reads a text and compares the characters at so many places.
fn check(text: &str, places: Range<usize>) {
    let Ok(document) = Document::read("x", text.as_bytes()) else { return };
    if document.format() == Format::Text {
        return;
    }
    let made = document.text();
    assert!(made.len() <= 3 * text.len() + (1 << 17), "{} bytes of {}", made.len(), text.len());
    let replaced = document.findings().any(|f| f.kind() == FindingKind::UnknownReference);
    assert!(replaced || !made.contains('\u{FFFD}') || text.contains('\u{FFFD}'), "{text:?}");
    let notice = Reader::new().read_document(&document);
    let source = Source::new(text);
    for (at, c) in made.char_indices().skip(places.start).take(places.len()).filter(|(_, c)| !c.is_whitespace()) {
        let there = source.from(notice.position(at), 1);
        assert!(there == c.to_string() || there == "&", "{c:?} at {at} is {there:?} in {text:?}");
    }
    for finding in document.findings() {
        let original: String = finding.original().chars().take(40).collect();
        assert_eq!(source.from((finding.line(), finding.column()), original.chars().count()), original, "{text:?}");
    }
}

const PIECES: [&str; 64] = [
    "<p>",
    "</p>",
    "<br>",
    "<br/>",
    "<div class=\"a>b\">",
    "</div>",
    "<b>",
    "</b>",
    "<o:p>",
    "<table>",
    "</table>",
    "<tr>",
    "</tr>",
    "<td>",
    "</td>",
    "<td rowspan=2>",
    "<td colspan=3>",
    "<th rowspan='0' colspan=2>",
    "<td rowspan=99999 colspan=99999>",
    "<tbody>",
    "</tbody>",
    "<caption>",
    "<pre>",
    "</pre>",
    "<pre>\n",
    "<script>",
    "</script>",
    "<style>",
    "</style>",
    "<title>",
    "</title>",
    "<template>",
    "</template>",
    "<noscript>",
    "</noscript>",
    "<!--",
    "-->",
    "<!-->",
    "<![CDATA[",
    "]]>",
    "<!DOCTYPE html>",
    "<?xml ?>",
    "&nbsp;",
    "&amp;",
    "&#12289;",
    "&#x4E00;",
    "&#xD800;",
    "&#",
    "&foo;",
    "&",
    "<",
    ">",
    "\"",
    "</",
    "</>",
    "/>",
    " ",
    "\n",
    "\r\n",
    "\t",
    "甲局",
    "（责任单位：",
    "a",
    "\u{10FFFF}",
];

#[test]
fn random_tags_hold_the_invariant() {
    let mut numbers = fastrand::Rng::with_seed(4);
    for _ in 0..4_000 {
        let mut page = "<html>".to_owned();
        (0..numbers.usize(..60)).for_each(|_| page += PIECES[numbers.usize(..PIECES.len())]);
        check(&page, 0..usize::MAX);
    }
}

#[test]
fn random_characters_hold_the_invariant() {
    let mut numbers = fastrand::Rng::with_seed(5);
    let ascii: Vec<char> = "<>/&#;x0a \n\r\t=\"'!-?甲\0\u{FEFF}td".chars().collect();
    for _ in 0..4_000 {
        let page: String = (0..numbers.usize(..80)).map(|_| ascii[numbers.usize(..ascii.len())]).collect();
        check(&format!("<body>{page}"), 0..usize::MAX);
    }
}

#[test]
fn arbitrary_bytes_are_a_text_or_an_error() {
    let mut numbers = fastrand::Rng::with_seed(6);
    let beginnings: [&[u8]; 8] = [
        b"",
        b"<html><p>",
        b"<meta charset=gbk>",
        b"<meta charset=utf-8>",
        b"\xFF\xFE",
        b"\xFE\xFF",
        b"\xEF\xBB\xBF",
        b"<meta charset=iso-2022-jp>",
    ];
    for _ in 0..4_000 {
        let mut bytes = beginnings[numbers.usize(..beginnings.len())].to_vec();
        let ascii = numbers.bool();
        bytes.extend((0..numbers.usize(..200)).map(|_| if ascii { numbers.u8(9..128) } else { numbers.u8(..) }));
        if let Ok(document) = Document::read("x", &bytes) {
            let notice = Reader::new().read_document(&document);
            let (line, column) = notice.position(document.text().len());
            assert!(line >= 1 && column >= 1);
        }
    }
}

/// A reader whose time grew faster than the page would need hours for these.
#[test]
fn pages_made_to_be_slow_are_read_in_proportion_to_their_length() {
    let units = PIECES.iter().copied().chain([
        "<table><tr><td>",
        "<table><td>a</table>",
        "<tr><td rowspan=9 colspan=9>a",
        "<td rowspan=2>a<tr>",
        "<p>a&foo;",
        "<b>a</b>",
        "<p>&#x",
        "<a b=c d=e f=",
        "<table><tr><td rowspan=60000 colspan=1000>a<tr>",
        "a\n",
        "<p>\n\n",
        "</script",
        "<script><!--<script>",
        "<!--<!",
        "<td>\n<br>a",
    ]);
    for unit in units {
        for beginning in ["<html>", "<html><table><tr><td rowspan=60000>ab<td>", "<html><pre>"] {
            let page = beginning.to_owned() + &unit.repeat(60_000 / unit.len());
            check(&page, 0..200);
        }
    }
}
