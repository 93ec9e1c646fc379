//! The options of reading.

use super::lead::Basis;

/// Options of reading: the bases of a lead that are accepted, and units of every later task.
#[derive(Clone, Debug)]
pub struct Reader {
    convention: bool,
    shared: bool,
    everywhere: bool,
}

impl Default for Reader {
    fn default() -> Reader {
        Reader { convention: true, shared: true, everywhere: false }
    }
}

impl Reader {
    /// Accepts every basis; reports units of every later task and doesn't add them.
    #[must_use]
    pub fn new() -> Reader {
        Reader::default()
    }

    /// Whether a clause without a marked lead is a task. If not, it is a finding.
    #[must_use]
    pub fn accept_convention(mut self, accept: bool) -> Reader {
        self.convention = accept;
        self
    }

    /// Whether a clause is a task when its units share the task and none of them is marked. If not, it is a finding.
    #[must_use]
    pub fn accept_shared(mut self, accept: bool) -> Reader {
        self.shared = accept;
        self
    }

    /// Whether units that the text adds to every later task are added.
    #[must_use]
    pub fn add_units_everywhere(mut self, add: bool) -> Reader {
        self.everywhere = add;
        self
    }

    pub(super) fn accepts(&self, basis: Basis) -> bool {
        match basis {
            Basis::Explicit | Basis::Rule => true,
            Basis::Convention => self.convention,
            Basis::Shared => self.shared,
        }
    }

    /// Whether units of every later task are added to the tasks.
    pub(super) fn adds_units_everywhere(&self) -> bool {
        self.everywhere
    }
}
