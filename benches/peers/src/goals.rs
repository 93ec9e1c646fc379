//! The goals of this crate, and whether a run met them. Ratios are taken within the run; times and bytes are absolute.

use crate::contender::Kind;
use crate::layout::digits;
use crate::lmdb_roaring;
use crate::report::Report;
use crate::row::Row;

/// The figure that one of this crate is divided by.
#[derive(Clone, Copy)]
enum Against {
    BestPeer,
    Limit,
    Column(&'static str),
    /// The figure of this crate in another row.
    Own(Row),
    /// None: an absolute number, in this many seconds or bytes.
    Absolute(f64),
}

struct Goal {
    row: Row,
    what: &'static str,
    against: Against,
    most: f64,
}

const fn goal(row: Row, what: &'static str, against: Against, most: f64) -> Goal {
    Goal { row, what, against, most }
}

const GOALS: [Goal; 35] = [
    goal(Row::Load, "bulk load, to the best peer", Against::BestPeer, 0.22),
    goal(Row::Load, "bulk load, to filling maps", Against::Limit, 0.5),
    goal(Row::Lead, "lead, to the best peer", Against::BestPeer, 0.12),
    goal(Row::Lead, "lead, to maps", Against::Limit, 1.0),
    goal(Row::Lead, "lead, to maps with the default hasher", Against::Column("HashMap, default"), 0.5),
    goal(Row::Leads, "lead, 64 at once, to maps", Against::Limit, 0.45),
    goal(Row::Units, "all units, to the best peer", Against::BestPeer, 0.18),
    goal(Row::Units, "all units, to maps", Against::Limit, 1.4),
    goal(Row::UnitsOfMany, "all units, 64 at once, to maps", Against::Limit, 0.7),
    goal(Row::Unknown, "miss, to the best peer", Against::BestPeer, 0.35),
    goal(Row::LedByBusy, "led by, per key, Zipf, to the best peer", Against::BestPeer, 0.3),
    goal(Row::LedByBusy, "led by, per key, Zipf, to maps", Against::Limit, 1.0),
    goal(Row::LedByAny, "led by, per key, any unit, to the best peer", Against::BestPeer, 0.5),
    goal(Row::LedByAny, "led by, per key, any unit, to maps", Against::Limit, 1.0),
    goal(Row::LedBySmall, "led by, 20 tasks, to the best peer", Against::BestPeer, 0.4),
    goal(Row::Count, "count, to the best peer", Against::BestPeer, 0.08),
    goal(Row::Count, "count, to maps", Against::Limit, 1.0),
    goal(Row::SharedCount, "intersection, count, to the best peer", Against::BestPeer, 0.005),
    goal(Row::SharedCount, "intersection, count, to maps", Against::Limit, 0.1),
    goal(Row::Shared, "intersection, per key, to the best peer", Against::BestPeer, 0.02),
    goal(Row::Shared, "intersection, per key, to maps", Against::Limit, 0.1),
    goal(Row::Count, "count, to LMDB + numbers + roaring", Against::Column(lmdb_roaring::NAME), 0.15),
    goal(
        Row::SharedCount,
        "intersection, count, to LMDB + numbers + roaring",
        Against::Column(lmdb_roaring::NAME),
        0.15,
    ),
    goal(Row::Synced, "reassign, durable, to the best peer", Against::BestPeer, 1.0),
    goal(Row::Synced, "reassign, durable, to append + fdatasync", Against::Limit, 1.0),
    goal(Row::SyncedByEight, "reassign, durable, 8 threads, to the best peer", Against::BestPeer, 0.33),
    goal(Row::Lazy, "reassign, lazy, to the best peer", Against::BestPeer, 0.9),
    goal(Row::LazyLong, "a long run, lazy, to the best peer", Against::BestPeer, 1.0),
    goal(Row::FreshUnderLazy, "lead while another thread writes, to the best peer", Against::BestPeer, 0.15),
    goal(Row::FreshUnderLazy, "lead while another thread writes, to no writer", Against::Own(Row::FreshIdle), 1.5),
    goal(
        Row::SyncedBesideIdle,
        "reassign, durable, with an idle process, to one process",
        Against::Own(Row::SyncedAlone),
        1.05,
    ),
    goal(Row::Seen, "a commit seen by another process, milliseconds", Against::Absolute(1e-3), 1.0),
    goal(Row::DiskLoaded, "disk after the load, to SQLite", Against::Column("SQLite"), 0.35),
    goal(Row::DiskEdited, "disk after the long run, to SQLite", Against::Column("SQLite"), 1.0),
    goal(Row::ResidentOwn, "memory, bytes per task", Against::Absolute(1.0), 90.0),
];
/// One more goal: seconds to open a million tasks.
const OPEN: Goal = goal(Row::OpenClean, "open, clean, seconds", Against::Absolute(1.0), 0.180);

/// Returns a head and a line for each goal that the run has figures for; nothing if it has none or gives no ratios.
pub(crate) fn lines(report: &Report<'_>) -> Vec<Vec<String>> {
    if report.refusal.is_some() {
        return Vec::new();
    }
    let goals = GOALS.iter().chain([&OPEN]);
    let mut lines: Vec<Vec<String>> = goals.filter_map(|goal| line(report, goal)).collect();
    if !lines.is_empty() {
        lines.insert(0, ["goal", "at most", "measured", ""].map(str::to_owned).to_vec());
    }
    lines
}

fn line(report: &Report<'_>, goal: &Goal) -> Option<Vec<String>> {
    let ours = report.value(goal.row, Kind::Ours)?;
    let base = match goal.against {
        Against::BestPeer => report.value(goal.row, Kind::Peer)?,
        Against::Limit => report.value(goal.row, Kind::Limit)?,
        Against::Column(name) => report.column(goal.row, name)?,
        Against::Own(row) => report.value(row, Kind::Ours)?,
        Against::Absolute(unit) => unit,
    };
    let measured = ours / base;
    let met = if measured <= goal.most { "met" } else { "missed" };
    Some(vec![goal.what.to_owned(), digits(goal.most), digits(measured), met.to_owned()])
}
