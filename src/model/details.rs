//! The details of a task, and the note of a commit.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, Error as _, MapAccess, Visitor};
use serde::{Deserialize, Serialize};

use super::input_error::InputError;
use super::limits::{MAX_DETAILS, check_text, start_of};
use super::role::Role;

/// The bytes that count for each text of details besides its own: at most what its length takes in a row.
const BYTES_PER_TEXT: usize = 8;

/// The place of a task in the document that assigned it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The document: a file name, a document number, an address.
    pub document: String,
    /// The line, counted from 1; 0 when unknown.
    pub line: u32,
    /// The column in characters, counted from 1; 0 when unknown.
    pub column: u32,
}

/// The details of a task: all but its assignment. Kept on disk and read on demand.
///
/// ```
/// use responsibility_index::Details;
///
/// let details = Details::titled("Offshore wind").field("deadline", "2016-11-30");
/// assert_eq!(details.fields["deadline"], "2016-11-30");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Details {
    /// A short title.
    #[serde(default)]
    pub title: String,
    /// The text of the task.
    #[serde(default)]
    pub text: String,
    /// The place of the task in its document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// Anything else, by name: a deadline, the clause as written, a link.
    #[serde(default, deserialize_with = "bounded_fields")]
    pub fields: BTreeMap<String, String>,
    /// What a document said of the task when it was imported last: the next [import](crate::import) compares with it.
    /// [`set_details`](crate::Batch::set_details) with details that have none keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub said: Option<Box<Said>>,
}

/// The parts of a task as a document gave them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Said {
    /// The units with their roles, by the names of then.
    pub units: Vec<(String, Role)>,
    /// The title.
    pub title: String,
    /// A number that tells whether the text is the same: its hash.
    pub text: u64,
    /// The fields that the document set.
    #[serde(default, deserialize_with = "bounded_fields")]
    pub fields: BTreeMap<String, String>,
}

impl Said {
    /// The number of a text: the hash of Fowler, Noll and Vo, variant 1a, of its bytes.
    #[must_use]
    pub fn number_of(text: &str) -> u64 {
        text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    }
}

impl Details {
    /// Details with a title and nothing else.
    #[must_use]
    pub fn titled(title: impl Into<String>) -> Details {
        Details { title: title.into(), ..Details::default() }
    }

    /// The same with a text.
    #[must_use]
    pub fn text(mut self, text: impl Into<String>) -> Details {
        self.text = text.into();
        self
    }

    /// The same with a source.
    #[must_use]
    pub fn source(mut self, document: impl Into<String>, line: u32, column: u32) -> Details {
        self.source = Some(Source { document: document.into(), line, column });
        self
    }

    /// The same with one more named field.
    #[must_use]
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> Details {
        self.fields.insert(name.into(), value.into());
        self
    }

    pub(crate) fn check(&self) -> Result<(), InputError> {
        let source = self.source.as_ref().map(|source| source.document.as_str());
        let said = self.said.as_deref();
        let fields = self.fields.iter().chain(said.into_iter().flat_map(|said| &said.fields));
        let fields = fields.flat_map(|(name, value)| [name.as_str(), value.as_str()]);
        let units = said.into_iter().flat_map(|said| &said.units).map(|(unit, _)| unit.as_str());
        let texts = [self.title.as_str(), self.text.as_str()].into_iter().chain(source).chain(fields).chain(units);
        let mut bytes = 0;
        for text in texts.chain(said.map(|said| said.title.as_str())) {
            check_text(text)?;
            bytes += text.len() + BYTES_PER_TEXT;
        }
        if bytes > MAX_DETAILS {
            let start = start_of(&self.title);
            return Err(InputError::TooLong { what: "details", start, bytes, most: MAX_DETAILS });
        }
        Ok(())
    }
}

/// Reads the named fields of details up to [`MAX_DETAILS`], so that a text of any length takes bounded memory.
fn bounded_fields<'de, D: Deserializer<'de>>(fields: D) -> Result<BTreeMap<String, String>, D::Error> {
    fields.deserialize_map(FieldsVisitor)
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = BTreeMap<String, String>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of texts")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = BTreeMap::new();
        let mut bytes = 0;
        while let Some((name, value)) = map.next_entry::<String, String>()? {
            bytes += name.len() + value.len() + 2 * BYTES_PER_TEXT;
            if bytes > MAX_DETAILS {
                return Err(A::Error::custom(format_args!("the details have more than {MAX_DETAILS} bytes")));
            }
            if fields.contains_key(&name) {
                return Err(A::Error::custom(format_args!("duplicate field {:?} of the details", start_of(&name))));
            }
            fields.insert(name, value);
        }
        Ok(fields)
    }
}

/// The reason of a commit, and who made it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// The reason: a reform, a correction, a document number.
    pub why: String,
    /// The person or office.
    pub who: String,
}

#[cfg(test)]
mod tests {
    use super::super::limits::MAX_TEXT;
    use super::*;

    #[test]
    fn details_are_limited_as_a_whole() {
        let field = |n: usize| (n.to_string(), "x".repeat(MAX_TEXT));
        let details = |fields: usize| Details { fields: (0..fields).map(field).collect(), ..Details::default() };
        assert!(details(7).check().is_ok());
        assert!(details(8).check().unwrap_err().to_string().starts_with("the details"));
    }
}
