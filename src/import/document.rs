//! The text of a document that came as bytes.

use super::error::ImportError;

/// The text of a document, which has to be plain text in UTF-8 and more than white space. A byte order mark is taken off.
///
/// # Errors
/// [`ImportError::NotText`] for a known file type (PDF, ZIP, RTF, older office files) or encoding (UTF-16, GB18030), with
/// advice how to convert it; [`ImportError::NotUtf8`] and [`ImportError::Empty`]. All name the document.
pub fn text_of<'b>(document: &str, bytes: &'b [u8]) -> Result<&'b str, ImportError> {
    let not_text = |(found, advice)| ImportError::NotText { document: document.to_owned(), found, advice };
    if let Some((_, found, advice)) = BEGINNINGS.iter().find(|(first, ..)| bytes.starts_with(first)) {
        return Err(not_text((*found, *advice)));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        if is_gb18030(bytes) {
            return not_text(("in GB18030 or GBK", "convert it with iconv -f GB18030 -t UTF-8"));
        }
        ImportError::NotUtf8 { document: document.to_owned(), at: error.valid_up_to() }
    })?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if text.chars().all(char::is_whitespace) {
        return Err(ImportError::Empty { document: document.to_owned(), bytes: text.len() });
    }
    Ok(text)
}

/// The first bytes of known file types, with a name and advice.
const BEGINNINGS: [(&[u8], &str, &str); 6] = [
    (b"%PDF", "a PDF file", "take its text out with pdftotext -layout"),
    (b"PK\x03\x04", "a ZIP archive, as .docx and .xlsx files are", "save it as plain text"),
    (b"\xD0\xCF\x11\xE0", "a file of an older office program", "save it as plain text"),
    (b"{\\rtf", "rich text", "save it as plain text"),
    (b"\xFF\xFE", "in UTF-16", "convert it with iconv -f UTF-16 -t UTF-8"),
    (b"\xFE\xFF", "in UTF-16", "convert it with iconv -f UTF-16 -t UTF-8"),
];

/// Whether the bytes are valid GB18030 and have at least one character of two bytes. A text in another encoding seldom is.
fn is_gb18030(bytes: &[u8]) -> bool {
    let (mut rest, mut others) = (bytes, 0);
    loop {
        rest = match rest {
            [] => return others > 0,
            [0..=0x7F, rest @ ..] => rest,
            [0x81..=0xFE, 0x40..=0x7E | 0x80..=0xFE, rest @ ..] => {
                others += 1;
                rest
            }
            [0x81..=0xFE, 0x30..=0x39, 0x81..=0xFE, 0x30..=0x39, rest @ ..] => rest,
            _ => return false,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_that_is_no_text_says_what_it_is_and_what_to_do() {
        let cases: [(&[u8], &str); 8] = [
            (b"%PDF-1.4 abc", "is a PDF file, not plain text in UTF-8: take its text out with pdftotext"),
            (b"PK\x03\x04\xff", "a ZIP archive"),
            (b"{\\rtf1 abc}", "rich text"),
            (b"\xFF\xFEa\0", "is in UTF-16, not plain text in UTF-8: convert it with iconv -f UTF-16"),
            (b"\xD4\xF0\xC8\xCE\xB5\xA5\xCE\xBB: a", "iconv -f GB18030"),
            (b"good\xFFbad", "is not UTF-8: byte 4"),
            (b"", "is empty"),
            (b"\xEF\xBB\xBF \n", "has nothing but white space"),
        ];
        for (bytes, expected) in cases {
            let message = text_of("x.txt", bytes).unwrap_err().to_string();
            assert!(message.starts_with("x.txt ") && message.contains(expected), "{message}");
        }
        assert_eq!(text_of("x.txt", b"\xEF\xBB\xBFgood").unwrap(), "good");
    }
}
