//! A text that is quoted in a message: whole, or its beginning, in one line.

use std::fmt::{self, Write};

/// The most characters that an excerpt shows.
const SHOWN: usize = 60;

/// The beginning of a text, as [`OneLine`] shows it.
pub(crate) struct Excerpt<'t>(pub(crate) &'t str);

/// A text in one line: white space, control characters and those that turn the direction of writing as one space.
pub(crate) struct OneLine<'t>(pub(crate) &'t str);

impl fmt::Display for Excerpt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.char_indices().nth(SHOWN) {
            Some((end, _)) => {
                one_line(self.0.split_at(end).0, f)?;
                f.write_str("...")
            }
            None => one_line(self.0, f),
        }
    }
}

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        one_line(self.0, f)
    }
}

fn one_line(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut last = ' ';
    for c in text.chars().map(|c| if c.is_control() || turns(c) { ' ' } else { c }) {
        if c != ' ' || last != ' ' {
            f.write_char(c)?;
        }
        last = c;
    }
    Ok(())
}

/// Whether a terminal writes the text behind a character in another direction, so that a message seems to say something else.
fn turns(c: char) -> bool {
    matches!(c, '\u{061C}' | '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}
