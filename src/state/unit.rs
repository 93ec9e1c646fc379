//! The names, the kind and the members of one unit, and whether it has ended.

use std::ops::Range;
use std::sync::{Arc, LazyLock};

use jiff::civil::Date;

use crate::id::{Revision, UnitId};
use crate::model::UnitKind;

/// A canonical name that a unit had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FormerName {
    pub(crate) name: Arc<str>,
    /// The revision of the commit that took it away: views before that have it.
    pub(crate) until: Revision,
}

/// The end of a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) revision: Revision,
    pub(crate) day: Option<Date>,
    /// Whether its names are those of another unit. Its own name is text then, and finds the other unit or nothing.
    pub(crate) gave_names: bool,
}

/// The names, the kind and the members of a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Unit {
    pub(crate) name: Arc<str>,
    pub(crate) aliases: Arc<Vec<Arc<str>>>,
    pub(crate) kind: UnitKind,
    /// In the order in which they were given; `None` for none.
    members: Option<Arc<Vec<UnitId>>>,
    pub(crate) ended: Option<Ended>,
}

impl Unit {
    /// Units without aliases share one empty list, so that copying many of them counts references in one place.
    pub(crate) fn new(name: Arc<str>, aliases: Vec<Arc<str>>, kind: UnitKind) -> Unit {
        static NONE: LazyLock<Arc<Vec<Arc<str>>>> = LazyLock::new(Arc::default);
        let aliases = if aliases.is_empty() { Arc::clone(&NONE) } else { Arc::new(aliases) };
        Unit { name, aliases, kind, members: None, ended: None }
    }

    pub(crate) fn with(mut self, members: &[UnitId], ended: Option<Ended>) -> Unit {
        self.set_members(members);
        self.ended = ended;
        self
    }

    pub(crate) fn members(&self) -> &[UnitId] {
        self.members.as_ref().map_or(&[], |members| members.as_slice())
    }

    pub(crate) fn set_members(&mut self, members: &[UnitId]) {
        self.members = (!members.is_empty()).then(|| Arc::new(members.to_vec()));
    }

    /// Puts other members in the place of some.
    pub(super) fn splice_members(&mut self, places: Range<usize>, with: &[UnitId]) {
        let members = Arc::make_mut(self.members.get_or_insert_default());
        members.splice(places, with.iter().copied());
        if members.is_empty() {
            self.members = None;
        }
    }

    /// Whether its names find it.
    pub(crate) fn has_names(&self) -> bool {
        !self.ended.is_some_and(|ended| ended.gave_names)
    }

    /// The names that find it.
    pub(crate) fn names(&self) -> impl Iterator<Item = &Arc<str>> {
        self.has_names().then_some(&self.name).into_iter().chain(self.aliases.iter())
    }
}
