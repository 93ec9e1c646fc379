//! The names and the kind of one unit.

use std::sync::{Arc, LazyLock};

use crate::id::Revision;
use crate::model::UnitKind;

/// A canonical name that a unit had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FormerName {
    pub(crate) name: Arc<str>,
    /// The revision of the commit that took it away: views before that have it.
    pub(crate) until: Revision,
}

/// The names and the kind of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) name: Arc<str>,
    pub(crate) aliases: Arc<Vec<Arc<str>>>,
    pub(crate) kind: UnitKind,
}

impl Unit {
    /// Units without aliases share one empty list, so that copying many of them counts references in one place.
    pub(crate) fn new(name: Arc<str>, aliases: Vec<Arc<str>>, kind: UnitKind) -> Unit {
        static NONE: LazyLock<Arc<Vec<Arc<str>>>> = LazyLock::new(Arc::default);
        let aliases = if aliases.is_empty() { Arc::clone(&NONE) } else { Arc::new(aliases) };
        Unit { name, aliases, kind }
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        std::iter::once(&self.name).chain(self.aliases.iter())
    }
}
