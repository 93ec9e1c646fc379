//! Tasks on their way into an index, whatever document they come from: keys, units by their names in the index, details.

use crate::model::{Details, Role, Said, Standing};
use crate::text::first_chars;

use super::source::Stated;

/// A task as the document has it.
#[derive(Clone, Debug)]
pub(super) struct Incoming {
    /// The key that the document gives it.
    pub(super) key: String,
    /// Whether the key is the identity of the task, not its place in the document.
    pub(super) key_is_given: bool,
    pub(super) standing: Standing,
    /// The details of a task that the index does not have.
    pub(super) details: Details,
    /// Whether a unit that it names has ended, and was left out.
    pub(super) names_ended: bool,
}

/// The longest title of an imported task, in characters. A longer first sentence is cut; the text has all of it.
const LONGEST_TITLE: usize = 120;

impl Incoming {
    pub(super) fn of(stated: &Stated<'_>, document: &str, standing: Standing, names_ended: bool) -> Incoming {
        let (title, _) = first_chars(stated.title, LONGEST_TITLE);
        let fields = stated.fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone().into_owned()));
        let details = Details::titled(title).text(stated.text).source(document, stated.line, stated.column);
        let details = Details { fields: fields.collect(), ..details };
        let (key, key_is_given) = (stated.key.clone(), stated.key_is_given);
        let mut incoming = Incoming { key, key_is_given, standing, details, names_ended };
        incoming.details.said = Some(Box::new(incoming.said()));
        incoming
    }

    /// Its parts, for the next import to compare with.
    pub(super) fn said(&self) -> Said {
        let units = self.standing.units().map(|(unit, role)| (unit.to_owned(), role));
        let Details { title, text, fields, .. } = &self.details;
        Said { units: units.collect(), title: title.clone(), text: Said::number_of(text), fields: fields.clone() }
    }

    pub(super) fn units(&self) -> impl Iterator<Item = (&str, Role)> {
        self.standing.units()
    }
}
