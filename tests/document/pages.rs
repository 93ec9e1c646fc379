//! The text of pages, rule by rule, and what could not be read in them.

use responsibility_index::document::{Document, DocumentError, FindingKind, Format};

fn text(page: &str) -> String {
    let document = Document::read("page", page.as_bytes()).unwrap();
    assert_eq!(document.format(), Format::Html, "{page}");
    assert_eq!(document.findings().collect::<Vec<_>>(), Vec::<&_>::new(), "{page}");
    document.into_text().into_owned()
}

#[track_caller]
fn is(page: &str, expected: &str) {
    assert_eq!(text(page), expected, "{page}");
}

fn found(page: &str) -> Vec<(FindingKind, String)> {
    let document = Document::read("page", page.as_bytes()).unwrap();
    document.findings().map(|f| (f.kind(), format!("{}:{} {}", f.line(), f.column(), f.original()))).collect()
}

#[test]
fn blocks_are_lines_and_inline_elements_are_nothing() {
    is("<p>a</p><p>b</p>", "a\nb\n");
    is("<div><div>a</div></div><section>b<p>c", "a\nb\nc");
    is("<p>a<b>b</b><i> c</i><unknown>d</unknown></p>", "ab cd\n");
    is("<p></p><p> </p><p>a</p>", "a\n");
    is("<p>a<br>b<br/>c</p>", "a\nb\nc\n");
    is("<p>a<br><br>b</p>", "a\n\nb\n");
    is("<ul><li>a<li>b</ul>c<p>", "a\nb\nc\n");
}

#[test]
fn white_space_is_one_space_and_none_between_wide_characters_of_two_lines() {
    is("<p>\n  a \t\n b  </p>", "a b\n");
    is("<p>甲\n   乙 丙 <b> 丁</b>\n</p>", "甲乙 丙 丁\n");
    is("<p>2021\n年</p>", "2021 年\n");
    is("<p>a&nbsp; b&#32;&#10;c</p>", "a\u{A0} b c\n");
    is("<pre>\na  b\n\tc</pre><p>d", "a  b\n\tc\nd");
    is("<pre>a\n<b>b</b>  c\n</pre>", "a\nb  c\n");
}

#[test]
fn what_a_page_does_not_show_is_not_in_the_text() {
    is("<p>a<script>if (x < y) '<p>b</p>'</script>c</p>", "ac\n");
    is("<head><title>a</title><style>b</style></head><p>c</p>", "c\n");
    is("<p>a<noscript><p>b</p></noscript><template>c<template>d</template>e</template>f</p>", "af\n");
    is("<p>a<!-- b --><!-- > --><![CDATA[c]]><?php d ?>e</p>", "ae\n");
    is("<html xmlns=\"x\"><head><script src=\"a\"/></head><body>b</body></html>", "b\n");
    is("<p title=\"a > b\" x='</p>'>c</p>", "c\n");
}

#[test]
fn references_are_decoded_as_browsers_do() {
    is("<p>&lt;p&gt; &amp;amp; &#12289;&#x3001;&#X3002; &copy 2021 AT&T &amp</p>", "<p> &amp; 、、。 © 2021 AT&T &\n");
    // Windows-1252, as browsers read these numbers.
    is("<p>&#147;a&#148;</p>", "\u{201C}a\u{201D}\n");
    is("<p>5 < 6 <</p>", "5 < 6 <\n");
}

#[test]
fn a_row_is_a_line_and_lines_in_its_cells_do_not_end_it() {
    is("<table><tr><td>a<td>b<br>c<tr><th>d<th><p>e</p><p>f</p></table>", "a\tb\u{2028}c\nd\te\u{2028}f\n");
    is("<table><tr><td>a<td><td>b</table>c<p>", "a\t\tb\nc\n");
    is(
        "<table><caption>x</caption>\n<tr>\n<td> a </td>\n<td><pre>b\tc\nd</pre></td></tr></table>",
        "x\na\tb c\u{2028}d\n",
    );
    is("<table><tr><td>a<td></td></tr><tr><td></td></tr><tr></tr></table>", "a\t\n");
    is("<p>a<table><tr><td>b<td>c</table>d", "a\nb\tc\nd");
}

#[test]
fn a_cell_over_several_rows_is_in_each_and_one_over_columns_is_followed_by_empty_ones() {
    is("<table><tr><td rowspan=2>a<td>b<tr><td>c<tr><td>d<td>e</table>", "a\tb\na\tc\nd\te\n");
    is("<table><tr><td colspan=3>a<td>b<tr><td>c<td>d</table>", "a\t\t\tb\nc\td\n");
    is("<table><tr><td rowspan=2 colspan=2>a<td>b<tr><td>c<tr><td>d<td>e</table>", "a\t\tb\na\t\tc\nd\te\n");
    is("<table><tbody><tr><td rowspan=0>a<td>b<tr><td>c<tbody><tr><td>d<td>e</table>", "a\tb\na\tc\nd\te\n");
    is("<table><tr><td>a<td rowspan=3>b<tr><td>c</td></tr>\n<tr></tr><tr><td>d<td>e</table>", "a\tb\nc\tb\nd\te\n");
    is("<table><tr><td rowspan=x colspan=>a<td>b<tr><td>c<td>d</table>", "a\tb\nc\td\n");
    // The second row has one cell of its own, but is no layout.
    is("<table><tr><td rowspan=2>a<td>b<tr><td>c<br>d</table>", "a\tb\na\tc\u{2028}d\n");
}

#[test]
fn tables_that_lay_out_the_page_are_lines() {
    is("<table><tr><td><p>a</p><p>b</p></table>", "a\nb\n");
    is("<table><tr><td>x<td>y<tr><td colspan=2>a<br>b</table>", "x\ty\na\u{2028}b\t\n");
    is("<table><tr><td>x<td>y<table><tr><td>a<td>b</table>z<td>w</table>", "x\ny\na\tb\nz\nw\n");
    let long = "字".repeat(1001);
    is(&format!("<table><tr><td>x<td>y<tr><td>a<td>{long}<br>b</table>"), &format!("x\ty\na\n{long}\nb\n"));
    // No title of a column is so long.
    let text = "字".repeat(101);
    is(&format!("<table><tr><td>x<tr><td>a<td>{text}<br>b</table>"), &format!("x\na\n{text}\nb\n"));
    is(&format!("<table><tr><td>x<td>y<tr><td>a<td>{text}<br>b</table>"), &format!("x\ty\na\t{text}\u{2028}b\n"));
    is(&format!("<table><tr><td>a<td>{long}</table>"), &format!("a\t{long}\n"));
}

#[test]
fn tags_out_of_place_lose_no_text() {
    is("</p></td></table></tr><p>a</div></pre></b>b", "a\nb");
    is("<p>a</p><", "a\n<");
    is("<td>a<td>b<tr>c<p>", "a\nb\nc\n");
    is("<table>a<tr>b<td>c</td>d<td>e</table>f<p>", "abd\nc\te\nf\n");
    is("<table><tr><td>a<td>b", "a\tb\n");
    is("<P>a<BR>b</P><DIV/>c", "a\nb\nc");
}

#[test]
fn whatever_is_left_out_or_replaced_is_a_finding() {
    use FindingKind::{TableTooDeep, UnclosedElement, UnclosedTag, UnknownReference};
    let cases: [(&str, FindingKind, &str); 11] = [
        ("<p>a</p>\n<p>b&foo;c</p>", UnknownReference, "2:5 &foo;"),
        ("<p>a&#xD800;</p>", UnknownReference, "1:5 &#xD800;"),
        ("<p>a&#0;</p>", UnknownReference, "1:5 &#0;"),
        ("<p>a&#99999999999;</p>", UnknownReference, "1:5 &#99999999999;"),
        ("<p>a&#;</p>", UnknownReference, "1:5 &#"),
        ("<p>a</p>\n<p class=\"b>c</p>", UnclosedTag, "2:1 <p class=\"b>c</p>"),
        ("<p>a</p></p", UnclosedTag, "1:9 </p"),
        ("<p>a</p><!-- b ->", UnclosedTag, "1:9 <!-- b ->"),
        ("<p>a</p>\n<script>b</p>", UnclosedElement, "2:1 <script>b</p>"),
        ("<html><title>a</titel><p>b</p>c<p>", UnclosedElement, ""),
        (&format!("<p>a{}", "<table>".repeat(65)), TableTooDeep, "1:453 <table"),
    ];
    for (page, kind, place) in cases {
        match Document::read("page", page.as_bytes()) {
            Ok(_) => assert_eq!(found(page), [(kind, place.to_owned())], "{page}"),
            // Nothing is left of the page.
            Err(error) => assert!(matches!(error, DocumentError::EmptyPage { .. }) && place.is_empty(), "{page}"),
        }
    }
    // A `<` at the end of a text is one.
    assert_eq!(text("<p>a</p><!-- b --></>"), "a\n");
}

#[test]
fn a_row_of_too_many_cells_is_lines() {
    is(&format!("<table><tr>{}<tr><td>b<td>c</table>", "<td>a".repeat(1001)), &("a\n".repeat(1001) + "b\tc\n"));
    assert!(text(&format!("<table><tr>{}</table>", "<td>a".repeat(1000))).starts_with("a\ta\t"));
}

#[test]
fn copies_of_merged_cells_are_limited_by_the_page() {
    let long = "a".repeat(1000);
    let rows = "<tr><td>b".repeat(100_000);
    let page = format!("<table><tr><td rowspan=60000>{long}<td>b{rows}</table>");
    let document = Document::read("page", page.as_bytes()).unwrap();
    assert!(document.text().len() < 3 * page.len() + 200_000, "{}", document.text().len());
    let kinds: Vec<_> = document.findings().map(|finding| finding.kind()).collect();
    assert_eq!(kinds, [FindingKind::TooManyCopies]);
    assert_eq!(document.text().matches('b').count(), 100_001);
}

#[test]
fn plain_text_with_a_less_than_sign_or_a_few_tags_is_kept_as_it_is() {
    for text in [
        "指标<5%，\n  责任单位：甲局<b>\n",
        "| 任务 | 责任单位 |\n| --- | --- |\n| 修路 | 甲局<br>乙局 |\n",
        "a &nbsp; b\n\n c",
        "see <html> and\n<div> here\n\n\nfor more\n",
    ] {
        let document = Document::read("text", text.as_bytes()).unwrap();
        assert_eq!((document.format(), document.text()), (Format::Text, text));
    }
}

#[test]
fn a_page_without_text_is_an_error_that_names_it() {
    let error = Document::read("a.html", b"<html><body><script>x</script></body></html>").unwrap_err();
    assert_eq!(error.to_string(), "a.html is a page without text");
}
