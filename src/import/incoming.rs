//! Tasks on their way into an index, whatever document they come from: keys, units by their names in the index, details.

use std::collections::BTreeMap;

use crate::model::{Details, Role, Said, Standing};

/// A task as the document has it.
#[derive(Clone, Debug)]
pub(super) struct Incoming {
    /// The key that the document gives it.
    pub(super) key: String,
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

impl Incoming {
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
