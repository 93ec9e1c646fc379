//! The text of a document that came as bytes.

use super::error::ImportError;

/// The text of a document, which has to be UTF-8 and more than white space. A byte order mark is taken off.
///
/// # Errors
/// [`ImportError::NotUtf8`] and [`ImportError::Empty`], which name the document.
pub fn text_of<'b>(document: &str, bytes: &'b [u8]) -> Result<&'b str, ImportError> {
    let text = std::str::from_utf8(bytes)
        .map_err(|error| ImportError::NotUtf8 { document: document.to_owned(), at: error.valid_up_to() })?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    if text.chars().all(char::is_whitespace) {
        return Err(ImportError::Empty { document: document.to_owned() });
    }
    Ok(text)
}
