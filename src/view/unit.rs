//! One unit as a view has it.

use crate::assignment::{Role, UnitKind};
use crate::id::UnitId;

use super::Version;
use super::units::Postings;

/// A unit, borrowed from a [`View`](crate::View).
#[derive(Clone, Copy)]
pub struct UnitRef<'v> {
    pub(super) version: &'v Version,
    pub(crate) id: UnitId,
}

impl<'v> UnitRef<'v> {
    /// Its canonical name.
    #[must_use]
    #[inline]
    pub fn name(&self) -> &'v str {
        self.version.units.name(self.id)
    }

    /// Its other names.
    pub fn aliases(&self) -> impl Iterator<Item = &'v str> {
        self.version.units.get(self.id).into_iter().flat_map(|unit| unit.aliases.iter().map(|alias| &**alias))
    }

    /// Whether it is one body or a name for many.
    #[must_use]
    pub fn kind(&self) -> UnitKind {
        self.version.units.get(self.id).map(|unit| unit.kind).unwrap_or_default()
    }

    /// How many tasks it leads. Counted already: nothing is walked.
    #[must_use]
    pub fn leads(&self) -> usize {
        self.count(Role::Lead)
    }

    /// How many tasks it supports. Counted already: nothing is walked.
    #[must_use]
    pub fn supports(&self) -> usize {
        self.count(Role::Support)
    }

    fn count(&self, role: Role) -> usize {
        self.postings().map_or(0, |postings| postings.of(role).len())
    }

    fn postings(&self) -> Option<&'v Postings> {
        self.version.units.postings(self.id)
    }
}

impl std::fmt::Debug for UnitRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} (leads {}, supports {})", self.name(), self.leads(), self.supports())
    }
}
