//! The text of a document that came as bytes.

use std::borrow::Cow;

use crate::document::{Document, DocumentError, FindingKind};

use super::error::ImportError;

/// The text of a document: plain text or a web page, in UTF-8, GB18030 or UTF-16, as [`Document::read`] makes it. That has
/// findings and places in the file, too.
///
/// # Errors
/// [`ImportError::Document`] with the errors of [`Document::read`], and for a document with bytes that its encoding does not
/// have, since the text would have U+FFFD in their place. All name the document.
pub fn text_of<'b>(document: &str, bytes: &'b [u8]) -> Result<Cow<'b, str>, ImportError> {
    let read = Document::read(document, bytes)?;
    for finding in read.findings() {
        if let FindingKind::Undecodable { count } = finding.kind() {
            let (document, line, column) = (document.to_owned(), finding.line(), finding.column());
            return Err(DocumentError::Undecodable { document, count, line, column }.into());
        }
    }
    Ok(read.into_text())
}
