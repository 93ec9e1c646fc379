//! Reads a document: tells its type, decodes it, and makes text of it if it is a page.

use std::borrow::Cow;

use super::encoding::{self, Decoded, Encoding};
use super::error::DocumentError;
use super::file_type;
use super::finding::{Finding, FindingKind};
use super::places::{Places, Walker};
use super::recognise;
use super::tokens;
use crate::text::between;

/// The format of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Format {
    /// Plain text, which is read as it is.
    Text,
    /// A page in HTML, or a piece of one.
    Html,
}

/// The text of a document. See the [module](crate::document).
#[derive(Clone, Debug)]
pub struct Document<'b> {
    text: Cow<'b, str>,
    format: Format,
    encoding: Encoding,
    /// The places of the text in the file; `None` where the text is the file.
    #[cfg_attr(not(feature = "notice"), allow(dead_code, reason = "only the reader of notices asks for places"))]
    places: Option<Places>,
    found: Vec<Finding>,
}

impl<'b> Document<'b> {
    /// Reads a document. Its name is for messages. Plain text in UTF-8 is borrowed. Takes time in proportion to the length.
    ///
    /// # Errors
    /// [`DocumentError::NotText`] for a PDF file, an office file, rich text or an archive, with the command that makes text
    /// of it; [`DocumentError::Binary`], [`DocumentError::UnknownEncoding`], [`DocumentError::Empty`], [`DocumentError::EmptyPage`].
    pub fn read(name: &str, bytes: &'b [u8]) -> Result<Document<'b>, DocumentError> {
        let document = Document::decode(name, bytes)?;
        if document.format == Format::Text {
            return Ok(document);
        }
        let Document { text, format, encoding, mut found, .. } = document;
        let (piece, found_in_page) = tokens::read(&text);
        if piece.is_blank() {
            return Err(DocumentError::EmptyPage { document: name.to_owned() });
        }
        found.extend(found_in_page);
        found.sort_by_key(|finding| (finding.line, finding.column));
        Ok(Document { text: Cow::Owned(piece.text), format, encoding, places: Some(Places::new(piece.marks)), found })
    }

    /// Decodes a document and leaves the tags of a page in its text, for a reader that knows them, such as
    /// [`table::Rows::read`](crate::table::Rows::read). Takes time in proportion to the length.
    ///
    /// # Errors
    /// Those of [`read`](Document::read), but for the last one.
    pub fn decode(name: &str, bytes: &'b [u8]) -> Result<Document<'b>, DocumentError> {
        let document = || name.to_owned();
        if let Some((found, advice)) = file_type::of(name, bytes) {
            return Err(DocumentError::NotText { document: document(), found, advice });
        }
        let decoded = encoding::decode(bytes).map_err(|at| match bytes.iter().position(|byte| *byte == 0) {
            Some(at) => DocumentError::Binary { document: document(), at },
            None => DocumentError::UnknownEncoding { document: document(), at },
        })?;
        if decoded.text.chars().all(char::is_whitespace) {
            return Err(DocumentError::Empty { document: document(), bytes: decoded.text.len() });
        }
        let found = findings(&decoded);
        let Decoded { text, encoding, .. } = decoded;
        let format = if recognise::is_page(&text) { Format::Html } else { Format::Text };
        Ok(Document { text, format, encoding, places: None, found })
    }

    /// The text: of a page that was [read](Document::read) without its tags, else as the file has it. A byte order mark is left
    /// out.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The text alone.
    #[must_use]
    pub fn into_text(self) -> Cow<'b, str> {
        self.text
    }

    /// The format.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The encoding.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The findings, in the order of the file: everything that could not be read.
    pub fn findings(&self) -> impl ExactSizeIterator<Item = &Finding> {
        self.found.iter()
    }

    /// The places of the text in the file; `None` where the text is the file.
    #[cfg(feature = "notice")]
    pub(crate) fn places(&self) -> Option<&Places> {
        self.places.as_ref()
    }
}

/// The findings about the encoding.
fn findings(decoded: &Decoded<'_>) -> Vec<Finding> {
    let Decoded { text, undecodable, contradicted, .. } = decoded;
    let finding = |kind, at: usize, original: &str| {
        let (line, column) = Walker::new(text).position(at);
        Finding { kind, line, column, original: original.into() }
    };
    let undecodable = undecodable.map(|(count, first)| finding(FindingKind::Undecodable { count }, first, ""));
    let contradicted = contradicted.map(|at| {
        let rest = between(text, at, text.len());
        let end = rest.find('>').map_or(rest.len(), |end| end + 1);
        finding(FindingKind::OtherEncoding, at, between(rest, 0, end))
    });
    undecodable.into_iter().chain(contradicted).collect()
}
