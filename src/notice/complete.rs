//! Full names of a list from elsewhere, such as a cell of a table.

use std::collections::HashSet;

use super::jurisdiction::Completer;
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
    let mut text = String::new();
    let mentions: Vec<Mention> = names
        .iter()
        .map(|name| {
            let start = text.len();
            text.push_str(name.as_ref());
            let span = Span { start, end: text.len() };
            Mention { span, part: Part::Unmarked, marked: None, group: 0, commas: 0, open: false, whole: false }
        })
        .collect();
    let mut pieces = Vec::with_capacity(names.len());
    Completer::new(&text, HashSet::default()).complete(&mentions, false, &mut pieces);
    pieces.into_iter().map(|name| [name.before, name.own, name.behind].concat()).collect()
}
