//! One task of a view.

use crate::id::UnitId;
use crate::model::{Assignment, Details, Result, Role};
use crate::state::{self, Record};

use super::snapshot::Snapshot;
use super::unit_ref::UnitRef;

/// An assigned task, borrowed from a [`View`](crate::View).
#[derive(Clone, Copy)]
pub struct TaskRef<'v> {
    pub(super) snapshot: &'v Snapshot,
    pub(super) record: Record<'v>,
}

impl<'v> TaskRef<'v> {
    /// The task's key.
    #[must_use]
    pub fn key(&self) -> &'v str {
        self.record.key()
    }

    /// The unit that leads it.
    #[must_use]
    #[inline]
    pub fn lead(&self) -> &'v str {
        self.snapshot.state.units.name(self.record.lead())
    }

    /// The units that support it, in order.
    #[must_use]
    #[inline]
    pub fn supporting(&self) -> Supporting<'v> {
        Supporting { snapshot: self.snapshot, units: self.record.supporting() }
    }

    /// All its units with their roles, the lead first.
    #[inline]
    pub fn units(&self) -> impl Iterator<Item = (UnitRef<'v>, Role)> + use<'v> {
        let snapshot = self.snapshot;
        let lead = (UnitRef { snapshot, id: self.record.lead() }, Role::Lead);
        let supporting = self.record.supporting().map(move |id| (UnitRef { snapshot, id }, Role::Support));
        std::iter::once(lead).chain(supporting)
    }

    /// Its assignment as an owned value.
    #[must_use]
    pub fn assignment(&self) -> Assignment {
        Assignment::from_trusted(self.lead(), self.supporting())
    }

    pub(super) fn role_of(&self, unit: UnitId) -> Option<Role> {
        let place = self.record.units().position(|id| id == unit)?;
        Some(if place == 0 { Role::Lead } else { Role::Support })
    }

    /// Its details, read from disk; `None` when none were set.
    ///
    /// # Errors
    /// [`Error::Engine`](crate::Error::Engine) and [`Error::Corrupt`](crate::Error::Corrupt).
    pub fn details(&self) -> Result<Option<Details>> {
        match self.record.detail() {
            0 => Ok(None),
            id => self.snapshot.details.read(id).map(Some),
        }
    }

    pub(crate) fn record(&self) -> Record<'v> {
        self.record
    }
}

impl std::fmt::Debug for TaskRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.key(), self.assignment())
    }
}

/// The supporting units of a task, in order.
#[derive(Clone)]
pub struct Supporting<'v> {
    snapshot: &'v Snapshot,
    units: state::Supporting<'v>,
}

impl<'v> Iterator for Supporting<'v> {
    type Item = &'v str;

    #[inline]
    fn next(&mut self) -> Option<&'v str> {
        self.units.next().map(|id| self.snapshot.state.units.name(id))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.units.size_hint()
    }
}

impl ExactSizeIterator for Supporting<'_> {}
