//! The beginning of a text, to be quoted in a message.

use std::fmt;

/// The most characters that an excerpt shows.
const SHOWN: usize = 60;

/// The beginning of a text in one line: white space and control characters as one space.
pub(crate) struct Excerpt<'t>(pub(crate) &'t str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut last = ' ';
        for (count, c) in self.0.chars().map(|c| if c.is_control() { ' ' } else { c }).enumerate() {
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
