//! One unit of a view.

use crate::id::UnitId;
use crate::model::{Role, UnitKind};
use crate::state::{PostingList, Unit};

use super::snapshot::Snapshot;

/// A unit, borrowed from a [`View`](crate::View). It is found already: its answers cost some nanoseconds, unless they
/// say more.
#[derive(Clone, Copy)]
pub struct UnitRef<'v> {
    pub(super) snapshot: &'v Snapshot,
    pub(crate) id: UnitId,
}

impl<'v> UnitRef<'v> {
    /// Its canonical name.
    #[must_use]
    #[inline]
    pub fn name(&self) -> &'v str {
        self.snapshot.state.units.name(self.id)
    }

    /// Whether its names find it: not those of an ended unit that gave them away.
    pub(crate) fn has_names(&self) -> bool {
        self.unit().is_some_and(Unit::has_names)
    }

    fn unit(&self) -> Option<&'v Unit> {
        let unit = self.snapshot.state.units.get(self.id);
        debug_assert!(unit.is_some(), "a view hands out units that there are");
        unit
    }

    /// Its other names.
    pub fn aliases(&self) -> impl Iterator<Item = &'v str> + use<'v> {
        self.unit().into_iter().flat_map(|unit| unit.aliases.iter().map(|alias| &**alias))
    }

    /// Whether it is one body or a name for many.
    #[must_use]
    pub fn kind(&self) -> UnitKind {
        self.unit().map(|unit| unit.kind).unwrap_or_default()
    }

    /// The number of tasks that it leads. Kept, not computed.
    #[must_use]
    pub fn leads(&self) -> usize {
        self.count(Role::Lead)
    }

    /// The number of tasks that it supports. Kept, not computed.
    #[must_use]
    pub fn supports(&self) -> usize {
        self.count(Role::Support)
    }

    /// The number of tasks in which it has a role. Kept, not computed.
    #[must_use]
    pub fn count(&self, role: Role) -> usize {
        let tasks = self.snapshot.state.units.tasks(self.id);
        debug_assert!(tasks.is_some(), "a view hands out units that there are");
        tasks.map(|tasks| tasks.in_role(role)).map_or(0, PostingList::len)
    }
}

/// Units are compared by their canonical names, also those of different views.
impl PartialEq for UnitRef<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for UnitRef<'_> {}

impl PartialOrd for UnitRef<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for UnitRef<'_> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.name().cmp(other.name())
    }
}

impl std::hash::Hash for UnitRef<'_> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.name().hash(state);
    }
}

impl std::fmt::Debug for UnitRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (leads {}, supports {})", self.name(), self.leads(), self.supports())
    }
}
