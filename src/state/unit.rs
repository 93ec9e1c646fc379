//! The names and the kind of one unit.

use std::sync::Arc;

use crate::model::UnitKind;

/// What a unit is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) name: Arc<str>,
    pub(crate) aliases: Arc<Vec<Arc<str>>>,
    pub(crate) kind: UnitKind,
}

impl Unit {
    pub(crate) fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        std::iter::once(&self.name).chain(self.aliases.iter())
    }
}
