//! One task of a view.

use crate::id::{Revision, UnitId};
use crate::model::{Assignment, Details, Result, Role, Standing};
use crate::state::{Others, Record};

use super::snapshot::Snapshot;
use super::unit_ref::UnitRef;

/// A known task, borrowed from a [`View`](crate::View). It is found already: its answers cost some nanoseconds per
/// unit, but for [`details`](TaskRef::details).
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

    /// The revision of the commit that last changed it.
    #[must_use]
    pub fn changed(&self) -> Revision {
        self.record.changed()
    }

    /// The unit that leads it; `None` when it is vacant.
    #[must_use]
    #[inline]
    pub fn lead(&self) -> Option<&'v str> {
        self.record.lead().map(|lead| self.snapshot.state.units.name(lead))
    }

    /// The units that lead it together with the lead, in order.
    #[must_use]
    pub fn co_leads(&self) -> InRole<'v> {
        self.in_role(Role::CoLead)
    }

    /// The units that support it, in order.
    #[must_use]
    #[inline]
    pub fn supporting(&self) -> InRole<'v> {
        self.in_role(Role::Support)
    }

    /// The units that are consulted, in order.
    #[must_use]
    pub fn consulted(&self) -> InRole<'v> {
        self.in_role(Role::Consulted)
    }

    /// The units that are informed, in order.
    #[must_use]
    pub fn informed(&self) -> InRole<'v> {
        self.in_role(Role::Informed)
    }

    fn in_role(&self, role: Role) -> InRole<'v> {
        InRole { snapshot: self.snapshot, units: self.record.in_role(role) }
    }

    /// All its units with their roles: the lead, then the others in the order of the roles.
    #[inline]
    pub fn units(&self) -> impl Iterator<Item = (UnitRef<'v>, Role)> + use<'v> {
        let snapshot = self.snapshot;
        self.record.members().map(move |member| (UnitRef { snapshot, id: member.unit() }, member.role()))
    }

    /// Its standing, as an owned value: copies the names of its units.
    #[must_use]
    pub fn standing(&self) -> Standing {
        Standing::from_trusted(self.units().map(|(unit, role)| (unit.name(), role)))
    }

    /// Its assignment as an owned value; `None` when it is vacant. Copies the names of its units.
    #[must_use]
    pub fn assignment(&self) -> Option<Assignment> {
        self.standing().into_assignment()
    }

    pub(super) fn role_of(&self, unit: UnitId) -> Option<Role> {
        self.record.members().find(|member| member.unit() == unit).map(|member| member.role())
    }

    /// Its details, read from disk; `None` when none were set. Costs as much as [`View::details`](crate::View::details).
    ///
    /// # Errors
    /// [`Error::Log`](crate::Error::Log) when a trim removed these details after the view was taken, or when the log is damaged;
    /// [`Error::Corrupt`](crate::Error::Corrupt) when the details are damaged or missing;
    /// [`Error::Engine`](crate::Error::Engine) when the device fails.
    pub fn details(&self) -> Result<Option<Details>> {
        match self.record.detail() {
            0 => Ok(None),
            id => self.snapshot.log.details(id).map(Some),
        }
    }

    pub(crate) fn record(&self) -> Record<'v> {
        self.record
    }
}

impl std::fmt::Debug for TaskRef<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.key(), self.standing())
    }
}

/// The units of a task in one role, in order.
#[derive(Clone)]
pub struct InRole<'v> {
    snapshot: &'v Snapshot,
    units: Others<'v>,
}

impl std::fmt::Debug for InRole<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.clone()).finish()
    }
}

impl<'v> Iterator for InRole<'v> {
    type Item = &'v str;

    #[inline]
    fn next(&mut self) -> Option<&'v str> {
        self.units.next().map(|member| self.snapshot.state.units.name(member.unit()))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.units.size_hint()
    }
}

impl std::iter::FusedIterator for InRole<'_> {}

impl ExactSizeIterator for InRole<'_> {}
