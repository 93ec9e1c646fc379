//! Tasks on their way into an index, whatever document they come from: keys, units by their names in the index, details.

use std::collections::BTreeMap;

use crate::model::{Details, Role, Said, Standing};

use super::source::Stated;

/// A task as the document has it.
#[derive(Clone, Debug)]
pub(super) struct Incoming {
    /// The key that the document gives it.
    pub(super) key: String,
    /// Whether the key is the identity of the task, not its place in the document.
    pub(super) key_is_given: bool,
    pub(super) standing: Standing,
    pub(super) title: String,
    pub(super) text: String,
    pub(super) line: u32,
    pub(super) column: u32,
    /// Fields that the document sets.
    pub(super) fields: BTreeMap<String, String>,
    /// Whether a unit that it names has ended, and was left out.
    pub(super) names_ended: bool,
}

/// The longest title of an imported task, in characters. A longer first sentence is cut; the text has all of it.
const LONGEST_TITLE: usize = 120;

impl Incoming {
    pub(super) fn of(stated: &Stated<'_>, standing: Standing, names_ended: bool) -> Incoming {
        let title = stated.title;
        let fields = stated.fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into_owned()));
        Incoming {
            key: stated.key.clone(),
            key_is_given: stated.key_is_given,
            standing,
            title: title.char_indices().nth(LONGEST_TITLE).map_or(title, |(at, _)| title.split_at(at).0).to_owned(),
            text: stated.text.to_owned(),
            line: stated.line,
            column: stated.column,
            fields: fields.collect(),
            names_ended,
        }
    }

    /// Its parts, for the next import to compare with.
    pub(super) fn said(&self) -> Said {
        let units = self.standing.units().map(|(unit, role)| (unit.to_owned(), role));
        let (title, text) = (self.title.clone(), Said::number_of(&self.text));
        Said { units: units.collect(), title, text, fields: self.fields.clone() }
    }

    /// The details of a task that the index does not have.
    pub(super) fn details(&self, document: &str) -> Details {
        let details = Details::titled(&self.title).text(&self.text).source(document, self.line, self.column);
        Details { fields: self.fields.clone(), said: Some(Box::new(self.said())), ..details }
    }

    pub(super) fn units(&self) -> impl Iterator<Item = (&str, Role)> {
        self.standing.units()
    }
}
