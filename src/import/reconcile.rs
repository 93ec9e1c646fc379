//! What an import changes in a task that the index has: what the document said last, what it says, and what the index has.
//!
//! Each part (units, title, text, each field) for itself: if the document says what it said, the index's part stays; if the
//! index has what the document said, the document's part comes; if both have changed in different ways, nothing changes and
//! the part is a conflict. A task that no import has written has no last time: parts that differ are conflicts.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Details, Role, Said, Standing};
use crate::view::View;

use super::incoming::Incoming;

/// A part of a task that the document and somebody else have changed since the last import, in different ways. The index
/// keeps its part until the caller decides.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ImportConflict {
    /// The task.
    pub task: String,
    /// The part.
    pub part: Part,
    /// The document's part.
    pub document: String,
    /// The index's part.
    pub index: String,
}

/// A part of a task.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Part {
    /// The units.
    Units,
    /// The title.
    Title,
    /// The text.
    Text,
    /// A field of this name.
    Field(String),
}

impl std::fmt::Display for ImportConflict {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ImportConflict { task, part, document, index } = self;
        let part = match part {
            Part::Units => "units".to_owned(),
            Part::Title => "title".to_owned(),
            Part::Text => "text".to_owned(),
            Part::Field(name) => format!("field {name:?}"),
        };
        write!(f, "{task}: {part}: the document has {document:?}, the index {index:?}")
    }
}

/// The task after the import.
pub(super) struct Reconciled {
    /// `None` where the units stay as they are.
    pub(super) standing: Option<Standing>,
    pub(super) details: Details,
    pub(super) conflicts: Vec<ImportConflict>,
}

/// Which side counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Index,
    Document,
    Neither,
}

/// Chooses a part. `take` lets the document win a conflict.
fn side<T: PartialEq>(said: T, document: T, index: T, take: bool) -> Side {
    if document == index || document == said {
        Side::Index
    } else if take || index == said {
        Side::Document
    } else {
        Side::Neither
    }
}

/// A task of the index with the one of the document.
pub(super) struct Pair<'p> {
    pub(super) view: &'p View,
    pub(super) incoming: &'p Incoming,
    pub(super) standing: &'p Standing,
    pub(super) details: &'p Details,
    /// Whether the document wins conflicts.
    pub(super) take: bool,
}

impl Pair<'_> {
    pub(super) fn reconcile(&self) -> Reconciled {
        let Pair { incoming, details: before, .. } = self;
        // A part that the index does not have is the document's.
        let nothing = Said { text: Said::number_of(""), ..Said::default() };
        let said = before.said.as_deref().map_or(&nothing, |said| said);
        let (mut conflicts, mut next, mut new_said) = (Vec::new(), Details::clone(before), incoming.said());
        let standing = self.units(said, &mut conflicts, &mut new_said);
        match side(&said.title, &incoming.details.title, &before.title, self.take) {
            Side::Index => {}
            Side::Document => next.title.clone_from(&incoming.details.title),
            Side::Neither => {
                conflicts.push(self.conflict(Part::Title, &incoming.details.title, &before.title));
                new_said.title.clone_from(&said.title);
            }
        }
        match side(said.text, new_said.text, Said::number_of(&before.text), self.take) {
            Side::Index => {}
            Side::Document => next.text.clone_from(&incoming.details.text),
            Side::Neither => {
                conflicts.push(self.conflict(Part::Text, &incoming.details.text, &before.text));
                new_said.text = said.text;
            }
        }
        self.fields(said, &mut next.fields, &mut conflicts, &mut new_said.fields);
        next.source.clone_from(&incoming.details.source);
        // Without a last time, a conflict is one again the next time.
        let is_undecided = before.said.is_none() && !conflicts.is_empty();
        next.said = if is_undecided { None } else { Some(Box::new(new_said)) };
        Reconciled { standing, details: next, conflicts }
    }

    fn conflict(&self, part: Part, document: &str, index: &str) -> ImportConflict {
        let (task, document, index) = (self.incoming.key.clone(), document.to_owned(), index.to_owned());
        ImportConflict { task, part, document, index }
    }

    fn units(&self, said: &Said, conflicts: &mut Vec<ImportConflict>, new: &mut Said) -> Option<Standing> {
        if self.incoming.names_ended {
            // The document names a unit that there is no more: the task keeps the units that it has.
            new.units.clone_from(&said.units);
            return None;
        }
        let before = self.meant(said.units.iter().map(|(name, role)| (name.as_str(), *role)));
        let (document, index) = (self.meant(self.incoming.units()), self.meant(self.standing.units()));
        match side(before, document, index, self.take) {
            Side::Index => None,
            Side::Document => Some(self.incoming.standing.clone()),
            Side::Neither => {
                let (document, index) = (self.incoming.standing.to_string(), self.standing.to_string());
                conflicts.push(self.conflict(Part::Units, &document, &index));
                new.units.clone_from(&said.units);
                None
            }
        }
    }

    /// Names as the units that they mean, each once, so that a rename or a merger is no change.
    fn meant<'u>(&self, units: impl Iterator<Item = (&'u str, Role)>) -> Vec<(String, Role)> {
        let mut seen = BTreeSet::new();
        let named = units.map(|(name, role)| {
            let unit = self.view.find_unit(name).map_or(name, |unit| unit.name()).to_owned();
            (unit, role)
        });
        named.filter(|(unit, _)| seen.insert(unit.clone())).collect()
    }

    fn fields(
        &self,
        said: &Said,
        fields: &mut BTreeMap<String, String>,
        conflicts: &mut Vec<ImportConflict>,
        new_said: &mut BTreeMap<String, String>,
    ) {
        let names: BTreeSet<&String> = self.incoming.details.fields.keys().chain(said.fields.keys()).collect();
        for name in names {
            let (document, index) = (self.incoming.details.fields.get(name), self.details.fields.get(name));
            match side(said.fields.get(name), document, index, self.take) {
                Side::Index => {}
                Side::Document => match document {
                    Some(value) => drop(fields.insert(name.clone(), value.clone())),
                    None => drop(fields.remove(name)),
                },
                Side::Neither => {
                    let text = |value: Option<&String>| value.map_or_else(String::new, String::clone);
                    conflicts.push(self.conflict(Part::Field(name.clone()), &text(document), &text(index)));
                    match said.fields.get(name) {
                        Some(value) => drop(new_said.insert(name.clone(), value.clone())),
                        None => drop(new_said.remove(name)),
                    }
                }
            }
        }
    }
}
