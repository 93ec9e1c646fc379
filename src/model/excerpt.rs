//! The beginning of a text, to be quoted in a message.

use std::fmt;

/// The most characters that an excerpt shows.
const SHOWN: usize = 60;

/// The beginning of a text in one line: white space, control characters and those that turn the direction of writing as one
/// space.
pub(crate) struct Excerpt<'t>(pub(crate) &'t str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = ' ';
        for (count, c) in self.0.chars().map(|c| if c.is_control() || turns(c) { ' ' } else { c }).enumerate() {
            if count >= SHOWN {
                return f.write_str("...");
            }
            if c != ' ' || last != ' ' {
                write!(f, "{c}")?;
            }
            last = c;
        }
        Ok(())
    }
}

/// Whether a terminal writes the text behind a character in another direction, so that a message seems to say something else.
fn turns(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
