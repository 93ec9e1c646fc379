//! A place in the history of an index, as text.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::commit_log::EntryId;
use crate::id::Revision;
use crate::model::InputError;

/// A place in the history of an index: the id of its log, and a revision. As text it is `<log id>-<revision>`, the id as
/// 32 hexadecimal digits.
///
/// A backup, and an index that accepted the loss of commits, have a log id of their own: their revisions may be other
/// commits.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Cursor {
    log: EntryId,
    revision: Revision,
}

impl Cursor {
    pub(crate) fn new(log: EntryId, revision: Revision) -> Cursor {
        Cursor { log, revision }
    }

    pub(crate) fn log(&self) -> EntryId {
        self.log
    }

    /// The id of the log, 32 hexadecimal digits.
    #[must_use]
    pub fn log_id(&self) -> String {
        format!("{:?}", self.log)
    }

    /// The revision.
    #[must_use]
    pub fn revision(&self) -> Revision {
        self.revision
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}-{}", self.log, self.revision)
    }
}

impl fmt::Debug for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<Cursor> for String {
    fn from(cursor: Cursor) -> String {
        cursor.to_string()
    }
}

impl TryFrom<String> for Cursor {
    type Error = InputError;

    fn try_from(text: String) -> Result<Cursor, InputError> {
        text.parse()
    }
}

impl FromStr for Cursor {
    type Err = InputError;

    fn from_str(text: &str) -> Result<Cursor, InputError> {
        let bad = |why: &str| InputError::BadCursor { cursor: text.chars().take(80).collect(), why: why.to_owned() };
        let (log, revision) = text.split_once('-').ok_or_else(|| bad("there is no '-'"))?;
        let log = bytes_of(log).ok_or_else(|| bad("before the '-' are not 32 hexadecimal digits"))?;
        let digits = !revision.is_empty() && revision.bytes().all(|byte| byte.is_ascii_digit());
        let revision = revision.parse().ok().filter(|_| digits);
        let revision = revision.ok_or_else(|| bad("after the '-' is no revision"))?;
        Ok(Cursor { log: EntryId::from_bytes(log), revision })
    }
}

fn bytes_of(hex: &str) -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    let (digits, []) = hex.as_bytes().as_chunks::<2>() else { return None };
    if digits.len() != bytes.len() {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(digits) {
        let digit = |digit: &u8| char::from(*digit).to_digit(16);
        *byte = (digit(high)? << 4 | digit(low)?) as u8;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_and_cut_short_it_is_refused() {
        let cursor = Cursor::new(EntryId::from_bytes(*b"0123456789abcdef"), 4_105);
        let text = cursor.to_string();
        assert_eq!(text, "30313233343536373839616263646566-4105");
        assert_eq!(text.parse(), Ok(cursor));
        for end in 0..text.len() - 4 {
            assert!(text[..end].parse::<Cursor>().is_err(), "{end}");
        }
        for bad in ["", "-", "x-1", "30313233343536373839616263646566-+5", "30313233343536373839616263646566-1x"] {
            assert!(bad.parse::<Cursor>().is_err(), "{bad}");
        }
    }
}
