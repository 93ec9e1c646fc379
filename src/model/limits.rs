//! Limits of keys, names and texts, and the checks that hold them.

use super::input_error::InputError;
use super::same_name::is_not_shown;

/// The longest task key, in bytes of UTF-8.
///
/// A key is any text without control characters and without white space around it, and something of it can be seen. Its
/// parts are separated by `/`, and a part may be empty: `/a`, `a/`, `a//b` and `a/b` are four keys. Nothing is added to
/// a key or taken off it. Only a prefix that names a section is the same with and without one `/` at its end
/// ([`View::section`](crate::View::section)), so that `a/` is not the key of a section.
pub const MAX_TASK_KEY: usize = 512;
/// The longest unit name or alias, in bytes of UTF-8.
pub const MAX_UNIT_NAME: usize = 256;
/// The longest single text in details or a note, in bytes of UTF-8.
pub const MAX_TEXT: usize = 1 << 20;
/// The longest details of one task altogether, in bytes of UTF-8.
pub const MAX_DETAILS: usize = 8 << 20;
/// The most aliases one unit can have. Its former names count.
pub const MAX_ALIASES: usize = 1024;
/// The most units one task can name.
pub const MAX_UNITS_OF_A_TASK: usize = 4096;

/// The most members one collective can have.
pub const MAX_MEMBERS: usize = 16_384;
/// The most rules that say who owes, and the most units that get a copy, of one obligation.
pub const MAX_UNITS_OF_AN_OBLIGATION: usize = 4096;

pub(crate) fn check_task_key(key: &str) -> Result<(), InputError> {
    check_name("task key", key, MAX_TASK_KEY)
}

pub(crate) fn check_unit_name(name: &str) -> Result<(), InputError> {
    check_name("unit name", name, MAX_UNIT_NAME)
}

pub(crate) fn check_obligation_name(name: &str) -> Result<(), InputError> {
    check_name("name of an obligation", name, MAX_TASK_KEY)
}

pub(crate) fn check_text(text: &str) -> Result<(), InputError> {
    if text.len() > MAX_TEXT {
        return Err(InputError::TooLong { what: "text", start: start_of(text), bytes: text.len(), most: MAX_TEXT });
    }
    Ok(())
}

fn check_name(what: &'static str, value: &str, most: usize) -> Result<(), InputError> {
    if value.is_empty() {
        return Err(InputError::Empty { what });
    }
    if value.len() > most {
        return Err(InputError::TooLong { what, start: start_of(value), bytes: value.len(), most });
    }
    if let Some((at, control)) = value.char_indices().find(|(_, c)| c.is_control()) {
        return Err(InputError::ControlCharacter { what, value: value.to_owned(), control, at });
    }
    if value.trim() != value {
        return Err(InputError::SpaceAround { what, value: value.to_owned() });
    }
    if value.chars().all(|c| c.is_whitespace() || is_not_shown(c)) {
        return Err(InputError::Invisible { what, value: value.to_owned() });
    }
    Ok(())
}

/// The name of a section: a prefix without the `/` at its end, if it has one. More than one is a mistake.
pub(crate) fn section_name(prefix: &str) -> Result<&str, InputError> {
    let name = prefix.strip_suffix('/').map_or(prefix, |name| name);
    if name.ends_with('/') { Err(InputError::DoubleSlash { prefix: prefix.to_owned() }) } else { Ok(name) }
}

/// Enough of a long value to recognise it by.
pub(super) fn start_of(value: &str) -> String {
    value.chars().take(32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_refused_for_a_reason_that_names_it() {
        let cases = [
            ("", "is empty"),
            ("a\tb", "U+0009"),
            (" a", "\" a\""),
            ("a\u{3000}", "space"),
            ("\u{200b}\u{feff}", "nothing visible"),
        ];
        for (name, expected) in cases {
            let message = check_unit_name(name).unwrap_err().to_string();
            assert!(message.contains(expected), "{name:?}: {message}");
        }
        let long = "省".repeat(MAX_UNIT_NAME / 3 + 1);
        let message = check_unit_name(&long).unwrap_err().to_string();
        assert!(message.contains("258 bytes") && message.contains("256"), "{message}");
        assert!(check_unit_name(&"a".repeat(MAX_UNIT_NAME)).is_ok());
        assert!(check_task_key(&"a".repeat(MAX_TASK_KEY)).is_ok());
        assert!(check_task_key(&"a".repeat(MAX_TASK_KEY + 1)).is_err());
    }
}
