//! A table of spellings: the names that are one unit.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

/// Other spellings of units.
///
/// A table has one unit per line: its canonical name, then its other spellings, with `=`, commas, semicolons or tabs
/// between them. Names may have spaces; only in a line without any of these separators white space separates. A `#` begins
/// a comment.
///
/// ```
/// use responsibility_index::import::Aliases;
///
/// let table = "# spellings in our county\n县人力社保局 = 县人社局, 县人力资源和社会保障局\nMinistry of Transport = Transport\n";
/// let aliases = Aliases::parse(table)?;
/// assert_eq!(aliases.canonical("县人社局"), "县人力社保局");
/// assert_eq!(aliases.canonical("Transport"), "Ministry of Transport");
/// assert_eq!(aliases.canonical("县财政局"), "县财政局");
/// # Ok::<(), responsibility_index::import::AliasError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Aliases {
    /// The canonical name of each other spelling.
    canonical: HashMap<String, String>,
    /// The other spellings of each canonical name.
    spellings: HashMap<String, Vec<String>>,
}

/// The reason why a table of spellings is not valid.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line} of the spellings: {name:?} is already on line {first}")]
#[non_exhaustive]
pub struct AliasError {
    /// The line, from 1.
    pub line: usize,
    /// The name that comes a second time.
    pub name: String,
    /// The line on which it came first.
    pub first: usize,
}

impl Aliases {
    /// Reads a table.
    ///
    /// # Errors
    /// A name that the table has twice: it can't be that of two units.
    pub fn parse(text: &str) -> Result<Aliases, AliasError> {
        let mut aliases = Aliases::default();
        let mut lines: HashMap<String, usize> = HashMap::new();
        for (at, line) in text.lines().enumerate() {
            let line = line.trim_start_matches('\u{FEFF}');
            let line = line.split_once('#').map_or(line, |(before, _)| before);
            let separators: fn(char) -> bool = if line.contains(separates) { separates } else { char::is_whitespace };
            let mut names = line.split(separators).map(str::trim).filter(|name| !name.is_empty());
            let Some(canonical) = names.next() else { continue };
            let spellings: Vec<String> = names.map(str::to_owned).collect();
            for name in std::iter::once(canonical).chain(spellings.iter().map(String::as_str)) {
                match lines.entry(name.to_owned()) {
                    Entry::Occupied(first) => {
                        return Err(AliasError { line: at + 1, name: name.to_owned(), first: *first.get() });
                    }
                    Entry::Vacant(new) => new.insert(at + 1),
                };
            }
            aliases.canonical.extend(spellings.iter().map(|name| (name.clone(), canonical.to_owned())));
            aliases.spellings.insert(canonical.to_owned(), spellings);
        }
        Ok(aliases)
    }

    /// The canonical name of a unit; the name itself when the table doesn't have it.
    #[must_use]
    pub fn canonical<'a>(&'a self, name: &'a str) -> &'a str {
        self.canonical.get(name).map_or(name, String::as_str)
    }

    /// The other spellings of a canonical name.
    pub fn spellings<'a>(&'a self, canonical: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        self.spellings.get(canonical).into_iter().flatten().map(String::as_str)
    }
}

/// Whether a character separates names that may have spaces: tabs, commas, semicolons and equals signs of both widths, and
/// the comma that Chinese has between the members of a list.
fn separates(c: char) -> bool {
    matches!(c, '\t' | ',' | '=' | ';' | '\u{FF0C}' | '\u{3001}' | '\u{FF1D}' | '\u{FF1B}')
}
