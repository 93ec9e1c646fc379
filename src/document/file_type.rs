//! Tells files that are no text by their first bytes, and names the command that makes text of them.

/// A file type: what it is, and the advice, in which `{}` is the file.
type FileType = (&'static str, &'static str);

const PDF: FileType = ("a PDF file", "make text of it with pdftotext -layout {}");
const RICH_TEXT: FileType = ("rich text (RTF)", "make text of it with soffice --headless --convert-to txt:Text {}");
const WORD: FileType = ("a Word file (DOCX)", "make text of it with soffice --headless --convert-to txt:Text {}");
const OPEN_TEXT: FileType = ("an ODT file", "make text of it with soffice --headless --convert-to txt:Text {}");
const EXCEL: FileType = ("an Excel file (XLSX)", "make a table of it with soffice --headless --convert-to csv {}");
const OLD_OFFICE: FileType = (
    "a file of an older office program (DOC, WPS or XLS)",
    "make text of it with soffice --headless --convert-to txt:Text {}, or of a sheet with --convert-to csv",
);
const ARCHIVE: FileType = ("a ZIP archive", "unpack it with unzip {}");

/// The first bytes of file types.
const BEGINNINGS: [(&[u8], FileType); 3] =
    [(b"%PDF", PDF), (b"{\\rtf", RICH_TEXT), (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", OLD_OFFICE)];
/// The first bytes of a ZIP archive, and of an empty one.
const ZIP: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];
/// Names of files within archives, which are not compressed, and the type that they tell.
const WITHIN: [(&[u8], FileType); 3] = [
    (b"word/document.xml", WORD),
    (b"xl/workbook.xml", EXCEL),
    (b"mimetypeapplication/vnd.oasis.opendocument.text", OPEN_TEXT),
];

/// The type of a file that is no text, and what to do with it.
pub(super) fn of(document: &str, bytes: &[u8]) -> Option<(&'static str, String)> {
    let known = BEGINNINGS.iter().find(|(first, _)| bytes.starts_with(first)).map(|(_, known)| *known);
    let known = known.or_else(|| ZIP.iter().any(|first| bytes.starts_with(first)).then(|| within(bytes)));
    known.map(|(found, advice)| (found, advice.replace("{}", &quoted(document))))
}

fn within(bytes: &[u8]) -> FileType {
    let has = |name: &[u8]| bytes.windows(name.len()).any(|there| there == name);
    WITHIN.iter().find(|(name, _)| has(name)).map_or(ARCHIVE, |(_, known)| *known)
}

/// A name as a shell takes it.
pub(super) fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '+' | ',' | ':' | '@' | '%');
    if !name.is_empty() && !name.starts_with('-') && name.chars().all(plain) {
        return name.to_owned();
    }
    let path = if name.starts_with('-') { "./" } else { "" };
    format!("'{path}{}'", name.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_advice_is_a_command_for_a_shell() {
        assert_eq!(of("a.pdf", b"%PDF-1.7").unwrap().1, "make text of it with pdftotext -layout a.pdf");
        assert!(of("my file's.pdf", b"%PDF").unwrap().1.ends_with(r"-layout 'my file'\''s.pdf'"));
        assert!(of("-x.pdf", b"%PDF").unwrap().1.ends_with("-layout './-x.pdf'"));
    }
}
