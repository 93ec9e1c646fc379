//! The rows of the comparison: their order, labels and units. Uses no other file.

/// One measured quantity. Lower is better in every row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    Load,
    LoadTidy,
    LoadUnsorted,
    Lead,
    Leads,
    Units,
    UnitsOfMany,
    Unknown,
    LedByBusy,
    LedByAny,
    LedBySmall,
    Count,
    SharedCount,
    Shared,
    FreshIdle,
    FreshUnderSynced,
    FreshUnderLazy,
    Synced,
    SyncedZeroes,
    SyncedByEight,
    Lazy,
    LazyLong,
    LazySlow,
    LazyLongest,
    SyncedAlone,
    SyncedBesideIdle,
    SyncedBesideReader,
    Seen,
    SeenLate,
    SeenWhole,
    SeenCost,
    SeenPaced,
    SeenPacedCost,
    OtherLead,
    OtherLeadNewest,
    OpenClean,
    OpenKilled,
    Replay,
    DiskLoaded,
    DiskEdited,
    ResidentOwn,
    ResidentAll,
}

#[derive(Clone, Copy)]
pub(crate) enum Unit {
    Nanoseconds,
    Microseconds,
    Milliseconds,
    Megabytes,
    Bytes,
    Number,
}

impl Unit {
    /// Its sign, and the factor that seconds or bytes are multiplied by.
    pub(crate) fn scale(self) -> (&'static str, f64) {
        match self {
            Unit::Nanoseconds => ("ns", 1e9),
            Unit::Microseconds => ("us", 1e6),
            Unit::Milliseconds => ("ms", 1e3),
            Unit::Megabytes => ("MB", 1e-6),
            Unit::Bytes => ("bytes", 1.0),
            Unit::Number => ("", 1.0),
        }
    }
}

impl Row {
    /// The row whose figure of this crate is compared with those of this one.
    pub(crate) fn ours(self) -> Row {
        match self {
            Row::SyncedZeroes => Row::Synced,
            // Its reader is woken, whatever those of others do.
            Row::SeenPaced => Row::Seen,
            Row::SeenPacedCost => Row::SeenCost,
            other => other,
        }
    }

    /// Every row in the order of the table, with its label and unit.
    pub(crate) const ALL: [(Row, &'static str, Unit); 42] = [
        (Row::Load, "bulk load, durable", Unit::Milliseconds),
        (Row::LoadTidy, "the same, until all is tidy and closed", Unit::Milliseconds),
        (Row::LoadUnsorted, "bulk load, durable, keys in no order", Unit::Milliseconds),
        (Row::Lead, "lead of a task", Unit::Nanoseconds),
        (Row::Leads, "lead, 64 asked at once, per task", Unit::Nanoseconds),
        (Row::Units, "all units of a task", Unit::Nanoseconds),
        (Row::UnitsOfMany, "all units, 64 tasks asked at once, per task", Unit::Nanoseconds),
        (Row::Unknown, "a task that is not there", Unit::Nanoseconds),
        (Row::LedByBusy, "led by a unit drawn by Zipf, per key", Unit::Nanoseconds),
        (Row::LedByAny, "led by any unit, per key", Unit::Nanoseconds),
        (Row::LedBySmall, "led by a unit of 20 tasks, the whole", Unit::Nanoseconds),
        (Row::Count, "how many a unit leads or supports", Unit::Nanoseconds),
        (Row::SharedCount, "led by A and supported by B, count", Unit::Microseconds),
        (Row::Shared, "the same, per key", Unit::Nanoseconds),
        (Row::FreshIdle, "lead from a new snapshot, p50", Unit::Nanoseconds),
        (Row::FreshUnderSynced, "the same while another thread writes durably, p50", Unit::Nanoseconds),
        (Row::FreshUnderLazy, "the same while another thread writes lazily, p50", Unit::Nanoseconds),
        (Row::Synced, "reassign, durable, p50", Unit::Microseconds),
        (Row::SyncedZeroes, "the limit where zeroes were synced ahead", Unit::Microseconds),
        (Row::SyncedByEight, "reassign, durable, 8 threads, per commit", Unit::Microseconds),
        (Row::Lazy, "reassign, lazy", Unit::Microseconds),
        (Row::LazyLong, "the same, a long run at once", Unit::Microseconds),
        (Row::LazySlow, "of them those above 5 ms", Unit::Number),
        (Row::LazyLongest, "the longest of them", Unit::Milliseconds),
        (Row::SyncedAlone, "reassign, durable, one process, p50", Unit::Microseconds),
        (Row::SyncedBesideIdle, "the same with a process that does nothing, p50", Unit::Microseconds),
        (Row::SyncedBesideReader, "the same with a process that asks for leads, p50", Unit::Microseconds),
        (Row::Seen, "from its return until another process sees it, p50", Unit::Microseconds),
        (Row::SeenLate, "the same, p99", Unit::Microseconds),
        (Row::SeenWhole, "from its call until another process sees it, p50", Unit::Microseconds),
        (Row::SeenCost, "processor time of the process that waits for it, per second", Unit::Milliseconds),
        (Row::SeenPaced, "from its return until a process that asks each millisecond sees it, p50", Unit::Microseconds),
        (Row::SeenPacedCost, "processor time of that process, per second", Unit::Milliseconds),
        (Row::OtherLead, "lead from a new snapshot in another process while one writes, p50", Unit::Nanoseconds),
        (Row::OtherLeadNewest, "the same, with all that is acknowledged, p50", Unit::Nanoseconds),
        (Row::OpenClean, "open, clean", Unit::Milliseconds),
        (Row::OpenKilled, "open, killed while writing", Unit::Milliseconds),
        (Row::Replay, "replay, per edit", Unit::Microseconds),
        (Row::DiskLoaded, "on disk after the load", Unit::Megabytes),
        (Row::DiskEdited, "on disk after the long run", Unit::Megabytes),
        (Row::ResidentOwn, "own memory, per task", Unit::Bytes),
        (Row::ResidentAll, "and mapped pages, per task", Unit::Bytes),
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_listed_once_and_in_order() {
        assert!(Row::ALL.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
