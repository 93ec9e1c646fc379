//! The rules of the protocol, each of which can be left out, and the properties that they hold.

use std::fmt;

/// A rule of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    /// Head check, cut, frames, rewriting and the mark are under the append lock.
    AppendLock,
    /// An append, a trim and a sync check that the newest entry of the handle is still there, by id.
    HeadById,
    /// An append looks for others' entries unless the lock has its own number.
    LastWriter,
    /// Nothing of an append exists before its last frame.
    LastFrame,
    /// A frame and a header continue the log only if they name the id of the entry before.
    ChainById,
    /// Each use of a segment has a new salt, without which no frame of an earlier use is whole.
    FreshSalt,
    /// The first append of a handle, and one after a failure, cuts what follows the end.
    CutTail,
    /// A cut is synced before anything is written after it.
    SyncCut,
    /// What is damaged is not cut.
    RefuseDamage,
    /// Bytes above the mark are written again before the first sync through a descriptor.
    WriteAgain,
    /// The segments are synced before the mark moves.
    SyncBeforeMark,
    /// All segments from the mark's on are synced, not the newest only.
    SyncAllSegments,
    /// A sync that fails stops its handle.
    FailedSyncStops,
    /// The mark moves only if its entry is still there, by id.
    TargetById,
    /// The name of a new segment is synced before its header is written.
    SyncNewName,
    /// A handle syncs the names before it first moves the mark into a segment.
    SyncNames,
    /// The mark never moves back.
    MarkNeverBack,
    /// The mark moves into the older of two slots.
    TwoSlots,
    /// An opening syncs the mark.
    SyncMark,
    /// A synced handle shows and acknowledges only up to the mark.
    ShowUpToMark,
    /// A frame has the revision that was durable when it was written.
    FramesTellDurable,
    /// An opening reads the mark before it looks for the end.
    MarkBeforeEnd,
    /// An opening reads the rows before the mark and the end.
    RowsBeforeEnd,
    /// The log is synced before a checkpoint is written.
    CheckpointAfterSync,
    /// The checkpoint tells the log how far it was durable and where it ended.
    KnownEntry,
    /// The name of a base is synced before segments are removed.
    SyncBase,
    /// Only segments before the one of the mark are removed: the header of the next is durable.
    TrimBelowMark,
    /// The removal of a segment is synced before the next one.
    OneByOne,
    /// An opening reads on in the next segment only if its header continues the log.
    HeaderChains,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

/// The rules that are left out.
#[derive(Clone, Copy, Default)]
pub(crate) struct Without(u32);

impl Without {
    pub(crate) const NONE: Without = Without(0);

    pub(crate) fn these(rules: &[Rule]) -> Without {
        Without(rules.iter().fold(0, |all, rule| all | 1 << *rule as u32))
    }

    pub(crate) fn has(self, rule: Rule) -> bool {
        self.0 & 1 << rule as u32 != 0
    }
}

/// What is promised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Property {
    /// What a synced handle has acknowledged or shown is recovered, whatever happens but rot.
    DurableIsKept,
    /// What a lazy handle has acknowledged or shown is there until the power fails or a sync fails.
    LazyIsKept,
    /// An append is recovered whole or not at all.
    NothingTorn,
    /// An append that failed is not recovered.
    NothingRefused,
    /// No two handles acknowledge different entries of one revision.
    OneHistory,
    /// Nothing is called damaged, lost or forked that is not.
    NoFalseAlarm,
    /// Rot that takes durable entries is reported, unless nothing that is left says that they were durable.
    RotIsReported,
    /// Rot before the entry of a checkpoint keeps nothing from being opened.
    RowsCarryDamage,
}

impl fmt::Display for Property {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}
