//! Encodings are told apart, files that are no text are named, and no byte is lost in silence.

use encoding_rs::{BIG5, GB18030, WINDOWS_1252};
use responsibility_index::document::{Document, DocumentError, Encoding, FindingKind, Format};
use responsibility_index::import::{ImportError, text_of};
use responsibility_index::table::Rows;

const TEXT: &str = "一、总则\n1.修路。（责任单位：市交通局、市财政局）\n2.《条例》实施，2021年底前完成。\n";

fn read(bytes: &[u8]) -> (String, Encoding) {
    let document = Document::read("a.txt", bytes).unwrap();
    assert_eq!(document.findings().len(), 0);
    (document.text().to_owned(), document.encoding())
}

fn utf_16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
    text.encode_utf16().flat_map(bytes).collect()
}

#[test]
fn plain_text_is_decoded_and_what_it_was_in_is_told() {
    let is = |bytes: &[u8], encoding| assert_eq!(read(bytes), (TEXT.to_owned(), encoding));
    is(TEXT.as_bytes(), Encoding::Utf8);
    is(format!("\u{FEFF}{TEXT}").as_bytes(), Encoding::Utf8);
    is(&GB18030.encode(TEXT).0, Encoding::Gb18030);
    for mark in ["\u{FEFF}", ""] {
        is(&utf_16(&format!("{mark}{TEXT}"), u16::to_le_bytes), Encoding::Utf16Le);
        is(&utf_16(&format!("{mark}{TEXT}"), u16::to_be_bytes), Encoding::Utf16Be);
    }
    assert_eq!(read(&utf_16("Roads\nBridges", u16::to_le_bytes)).1, Encoding::Utf16Le);
    // A stray zero byte is a character of UTF-8.
    assert_eq!(read("一\0 甲\0\n乙".as_bytes()).1, Encoding::Utf8);
}

#[test]
fn a_character_of_four_bytes_is_gb18030() {
    let text = "市交通局𠀀，责任单位\n";
    assert_eq!(read(&GB18030.encode(text).0), (text.to_owned(), Encoding::Gb18030));
}

#[test]
fn other_encodings_that_nothing_declares_are_an_error_and_not_wrong_characters() {
    let traditional = "一、市政府辦公室、教育局配合，責任單位：財政局，應於年底前完成檢討並公布結果";
    let big5 = BIG5.encode(traditional).0.into_owned();
    let latin = WINDOWS_1252.encode("Zuständig für Straßen: Verkehrsbehörde, Polizeipräsidium").0.into_owned();
    for (bytes, at) in [(big5.as_slice(), 0), (&latin, 4), (b"good\xFFbad", 4)] {
        let error = Document::read("a.txt", bytes).unwrap_err();
        assert_eq!(error, DocumentError::UnknownEncoding { document: "a.txt".to_owned(), at });
        assert!(error.to_string().starts_with(&format!("a.txt is neither UTF-8 nor GB18030: byte {at} can't be read")));
    }
    let picture = Document::read("a.png", b"\x89PNG\r\n\x1A\n\0\0\0").unwrap_err();
    assert_eq!(picture, DocumentError::Binary { document: "a.png".to_owned(), at: 8 });
}

fn declaring(charset: &str) -> String {
    format!("<html><head><meta charset={charset}></head><body><p>市政府办公室，责任单位：财政局</p></body></html>")
}

#[test]
fn a_page_is_read_in_the_encoding_that_it_declares() {
    let page = declaring("\"GB2312\"");
    let document = |bytes: &[u8]| {
        let document = Document::read("a.html", bytes).unwrap();
        (document.text().to_owned(), document.encoding(), document.findings().len())
    };
    let expected = "市政府办公室，责任单位：财政局\n".to_owned();
    assert_eq!(document(&GB18030.encode(&page).0), (expected.clone(), Encoding::Gb18030, 0));
    assert_eq!(document(declaring("utf-8").as_bytes()), (expected.clone(), Encoding::Utf8, 0));
    let xml = page.replace("<html>", "<?xml version='1.0' encoding='GBK'?>\n<html>").replace(" charset=\"GB2312\"", "");
    assert_eq!(document(&GB18030.encode(&xml).0), (expected.clone(), Encoding::Gb18030, 0));
    // Bytes that are valid in UTF-8 as well are in the declared one: two characters of GBK, three of Latin letters.
    let both = b"<html><meta charset=gbk><p>\xC4\xA3\xCA\xBD</p>";
    assert_eq!(document(both), ("模式\n".to_owned(), Encoding::Gb18030, 0));
    let traditional = declaring("big5").replace('办', "辦").replace('责', "責").replace("单", "單").replace('财', "財");
    assert_eq!(document(&BIG5.encode(&traditional).0).1, Encoding::Big5);
    let latin = WINDOWS_1252.encode("<html><meta charset=iso-8859-1><p>Straßen</p>").0.into_owned();
    assert_eq!(document(&latin), ("Straßen\n".to_owned(), Encoding::Declared("windows-1252"), 0));
    // Nothing declares an encoding behind the first kilobyte.
    let late = declaring("gbk").replace("<html>", &format!("<html><!--{}-->", "x".repeat(1100)));
    assert_eq!(document(late.as_bytes()), (expected, Encoding::Utf8, 0));
}

#[test]
fn a_declaration_that_the_bytes_contradict_is_a_finding() {
    let stale = declaring("gb2312").replace("<head>", "<!--甲乙-->");
    let wrong = GB18030.encode(&declaring("utf-8").replace("<head>", "<!--甲乙-->")).0.into_owned();
    for (bytes, encoding) in [(stale.as_bytes(), Encoding::Utf8), (&wrong, Encoding::Gb18030)] {
        let document = Document::read("a.html", bytes).unwrap();
        assert_eq!((document.encoding(), document.text()), (encoding, "市政府办公室，责任单位：财政局\n"));
        let findings: Vec<_> =
            document.findings().map(|finding| (finding.kind(), finding.line(), finding.column())).collect();
        assert_eq!(findings, [(FindingKind::OtherEncoding, 1, 16)]);
    }
}

#[test]
fn bytes_that_an_encoding_does_not_have_are_a_finding_with_their_number_and_first_place() {
    let mut page = GB18030.encode(&declaring("gbk").replace("<body>", "<body>\n")).0.into_owned();
    let end = page.windows(4).position(|there| there == b"</p>").unwrap();
    page.splice(end..end, *b"\xFF\xFF");
    let mut wide = utf_16("\u{FEFF}一、甲\n乙", u16::to_le_bytes);
    wide.extend([0, 0xD8]);
    let marked = b"\xEF\xBB\xBFab\n\xFF".to_vec();
    for (bytes, count, place) in [(&page, 2, (2, 19)), (&wide, 1, (2, 2)), (&marked, 1, (2, 1))] {
        let document = Document::read("a", bytes).unwrap();
        let findings: Vec<_> = document.findings().collect();
        assert_eq!(findings.len(), 1, "{findings:?}");
        assert_eq!(findings[0].kind(), FindingKind::Undecodable { count });
        assert_eq!((findings[0].line(), findings[0].column()), place);
        assert_eq!(document.text().matches('\u{FFFD}').count(), count);
        // The simple function has no findings, so that it refuses.
        let error = text_of("a", bytes).unwrap_err();
        assert!(matches!(error, ImportError::Document(DocumentError::Undecodable { .. })), "{error}");
        let expected = format!("a has {count} places that can't be decoded, the first at {}:{}", place.0, place.1);
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn a_file_that_is_no_text_says_what_it_is_and_which_command_makes_text_of_it() {
    let soffice = "soffice --headless --convert-to txt:Text plan";
    let cases: [(&[u8], &str, &str); 7] = [
        (b"%PDF-1.4 abc", "a PDF file", "pdftotext -layout plan"),
        (b"PK\x03\x04\xffabc[Content_Types].xml word/document.xml", "a Word file (DOCX)", soffice),
        (b"PK\x03\x04\xffxl/workbook.xml", "an Excel file (XLSX)", "soffice --headless --convert-to csv plan"),
        (b"PK\x03\x04..mimetypeapplication/vnd.oasis.opendocument.text", "an ODT file", soffice),
        (b"PK\x03\x04\xff", "a ZIP archive", "unzip plan"),
        (b"{\\rtf1 abc}", "rich text (RTF)", soffice),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "a file of an older office program (DOC, WPS or XLS)", soffice),
    ];
    for (bytes, found, command) in cases {
        let message = Document::read("plan", bytes).unwrap_err().to_string();
        assert!(message.starts_with(&format!("plan is {found}, not text: ")) && message.contains(command), "{message}");
    }
    for (bytes, expected) in [(&b""[..], "is empty"), (b"\xEF\xBB\xBF \n", "has nothing but white space")] {
        assert_eq!(Document::read("plan", bytes).unwrap_err().to_string(), format!("plan {expected}"));
    }
}

#[test]
fn a_page_can_be_decoded_for_the_reader_of_tables() {
    let page = "<table><tr><th>任务<th>牵头单位<tr><td>修路<td>市交通局</table>";
    let bytes = GB18030.encode(page).0;
    let document = Document::decode("a.html", &bytes).unwrap();
    assert_eq!((document.text(), document.format(), document.encoding()), (page, Format::Html, Encoding::Gb18030));
    let rows = Rows::read(document.text()).unwrap();
    let task = rows.task(0).unwrap();
    assert_eq!((task.title(), task.standing().lead()), ("修路", Some("市交通局")));
}

#[test]
fn the_simple_function_gives_the_text_of_a_page() {
    assert_eq!(text_of("a.html", "<p>甲<br>乙</p>".as_bytes()).unwrap(), "甲\n乙\n");
    assert_eq!(Document::read("a", b"a").unwrap().format(), Format::Text);
}
