//! Full names of a list from elsewhere, such as a cell of a table.

use std::collections::HashSet;

use super::jurisdiction::{Completer, Pieces, Shapes};
use super::lexicon::Part;
use super::members::Mention;
use super::text::Span;

/// Completes Chinese names of one list by the words that they share, as in a [clause](crate::notice#names): a jurisdiction
/// that is spoken once before the first, an ending that is spoken once behind the last. Other names stay as they are.
///
/// ```
/// use responsibility_index::notice::complete_names;
///
/// // The province's department of science; department of finance. Guangzhou; the government of Shenzhen city.
/// assert_eq!(complete_names(&["省科技厅", "财政厅"]), ["省科技厅", "省财政厅"]);
/// assert_eq!(complete_names(&["广州", "深圳市政府"]), ["广州市政府", "深圳市政府"]);
/// assert_eq!(complete_names(&["Transport", "Finance"]), ["Transport", "Finance"]);
/// ```
#[must_use]
pub fn complete_names<N: AsRef<str>>(names: &[N]) -> Vec<String> {
    let mut full: Vec<String> = names.iter().map(|name| name.as_ref().to_owned()).collect();
    let names = names.iter().map(AsRef::as_ref);
    for (name, completed) in NameCompleter::default().complete(names) {
        #[expect(clippy::indexing_slicing, reason = "the places are those of the names")]
        (full[name] = completed);
    }
    full
}

/// Completes one list of names after another, and finds the properties of each name once.
#[derive(Debug, Default)]
pub(crate) struct NameCompleter {
    shapes: Shapes,
    /// The names of a list, one behind the other.
    text: String,
    mentions: Vec<Mention>,
}

impl NameCompleter {
    /// The names of a list that get words of others, by their places, with these words.
    pub(crate) fn complete<'n>(&mut self, names: impl Iterator<Item = &'n str>) -> Vec<(usize, String)> {
        self.text.clear();
        self.mentions.clear();
        for name in names {
            let start = self.text.len();
            self.text.push_str(name);
            let span = Span { start, end: self.text.len() };
            let part = Part::Unmarked;
            self.mentions.push(Mention { span, part, marked: None, group: 0, commas: 0, open: false, whole: false });
        }
        let mut pieces = Vec::with_capacity(self.mentions.len());
        let mut completer = Completer::with(&self.text, HashSet::default(), std::mem::take(&mut self.shapes));
        completer.complete(&self.mentions, false, &mut pieces);
        self.shapes = completer.into_shapes();
        let is_longer = |(_, name): &(usize, Pieces<'_>)| !(name.before.is_empty() && name.behind.is_empty());
        let longer = pieces.into_iter().enumerate().filter(is_longer);
        longer.map(|(at, name)| (at, [name.before, name.own, name.behind].concat())).collect()
    }
}
