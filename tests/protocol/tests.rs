//! What is explored: every promise in every state, and for each rule a promise that is broken without it.

use std::time::Instant;

use crate::explorer::{Explored, explore};
use crate::model::{Access, Model};
use crate::rules::{Property, Rule, Without};
use crate::state::Left;

use Access::{Lazy, Synced};
use Property::{
    DurableIsKept, LazyIsKept, NoFalseAlarm, NothingRefused, NothingTorn, OneHistory, RotIsReported, RowsCarryDamage,
};

/// Nothing goes wrong; up to three entries, in two segments of two frames.
const CALM: Left = Left {
    attempts: 3,
    long: 0,
    kills: 0,
    powers: 0,
    failed_syncs: 0,
    no_space: 0,
    rots: 0,
    checkpoints: 0,
    lost_rows: 0,
    bases: 0,
    trims: 0,
};
const POWER: Left = Left { powers: 1, ..CALM };
/// Kill, power failure, failed sync and full disk, with an append of two frames.
const FAULTS: Left = Left { long: 1, kills: 1, failed_syncs: 1, no_space: 1, ..POWER };
const ROT: Left = Left { long: 1, kills: 1, rots: 1, checkpoints: 1, ..POWER };
const TRIM: Left = Left { kills: 1, checkpoints: 1, bases: 2, trims: 1, ..POWER };
const FAILED_SYNC: Left = Left { failed_syncs: 1, ..CALM };

const TWO: Model = Model {
    without: Without::NONE,
    asks: None,
    access: [Synced; 2],
    both: true,
    segments: 2,
    cells: 2,
    shared: false,
    halves: false,
    entries: 3,
    most: POWER,
};
const MIXED: Model = Model { access: [Synced, Lazy], ..TWO };
const ONE: Model = Model { both: false, ..TWO };
const LAZY: Model = Model { access: [Lazy; 2], ..ONE };

/// One frame per segment.
const fn short(model: Model) -> Model {
    Model { segments: model.entries, cells: 1, ..model }
}

fn search(name: &str, model: &Model, most: usize) -> Explored<Property> {
    let begin = Instant::now();
    let found = explore(model, most);
    let seconds = begin.elapsed().as_secs_f64();
    println!("{name}: {} states, {} steps, {seconds:.1} s", found.states, found.steps);
    found
}

/// Explores models to their ends, in which nothing may be broken.
fn hold(models: &[(&str, Model)]) {
    for (name, model) in models {
        let found = search(name, model, 300_000_000);
        if let Some((property, path)) = found.broken {
            panic!("{name}: {property} is broken:\n{path}");
        }
        assert!(found.complete, "{name} has more than {} states", found.states);
    }
}

/// Explores models without some rules until a property is broken.
fn break_without(table: &[(&[Rule], Model, Property)]) {
    for (rules, model, property) in table {
        let model = Model { without: Without::these(rules), asks: Some(*property), ..*model };
        let found = search(&format!("without {rules:?}"), &model, 1_000_000);
        assert!(found.broken.is_some(), "{property} holds without {rules:?}");
    }
}

#[test]
fn every_promise_holds_for_one_process_under_kills_power_failures_failed_syncs_and_a_full_disk() {
    hold(&[
        ("synced", Model { most: Left { no_space: 0, ..FAULTS }, ..ONE }),
        ("lazy", Model { most: Left { no_space: 0, long: 0, ..FAULTS }, ..LAZY }),
        ("frames in one sector", Model { shared: true, most: Left { kills: 0, ..FAULTS }, ..ONE }),
        ("halves of frames", Model { halves: true, most: Left { failed_syncs: 0, ..FAULTS }, ..ONE }),
    ]);
}

#[test]
fn every_promise_holds_for_one_process_under_rot_and_with_checkpoints_bases_and_trims() {
    hold(&[
        ("rot", Model { most: Left { long: 0, ..ROT }, ..ONE }),
        ("rot, lazy", Model { most: Left { kills: 0, ..ROT }, ..LAZY }),
        ("trim", short(Model { most: TRIM, ..ONE })),
        ("trim, lazy", short(Model { most: Left { kills: 0, lost_rows: 1, ..TRIM }, ..LAZY })),
    ]);
}

#[test]
fn every_promise_holds_for_two_processes() {
    hold(&[
        ("two", TWO),
        ("two, one lazy", MIXED),
        ("two, rotation", short(TWO)),
        ("two, kill", Model { most: Left { kills: 1, ..CALM }, ..TWO }),
        ("two, failed sync", Model { most: FAILED_SYNC, ..TWO }),
        ("two, checkpoint", Model { most: Left { checkpoints: 1, ..CALM }, ..TWO }),
        ("two, trim", short(Model { most: Left { bases: 1, trims: 1, ..CALM }, ..TWO })),
    ]);
}

#[test]
#[ignore = "explores some ten million states: minutes in release"]
fn full_every_promise_holds_for_more_entries_and_with_everything_on() {
    let more = Left { attempts: 4, ..FAULTS };
    let all = Left { rots: 1, checkpoints: 1, lost_rows: 1, bases: 1, trims: 1, ..FAULTS };
    let most = Left { long: 0, kills: 0, no_space: 0, lost_rows: 0, ..all };
    let four = |model: Model| Model { entries: 4, segments: 3, most: more, ..model };
    hold(&[
        ("four entries", four(ONE)),
        ("four entries, lazy", four(LAZY)),
        ("two power failures", Model { most: Left { powers: 2, kills: 0, ..FAULTS }, halves: true, ..ONE }),
        ("everything", short(Model { most: all, ..ONE })),
        ("everything, lazy", short(Model { most: all, ..LAZY })),
        ("two, faults", Model { most: Left { long: 0, no_space: 0, ..FAULTS }, ..TWO }),
        ("two, one lazy, faults", Model { most: Left { long: 0, no_space: 0, kills: 0, ..FAULTS }, ..MIXED }),
        ("two, rot", Model { most: Left { long: 0, kills: 0, ..ROT }, ..MIXED }),
        ("two, trim", short(Model { most: Left { kills: 0, bases: 1, ..TRIM }, ..MIXED })),
        ("two, everything", short(Model { most: Left { attempts: 2, kills: 1, ..most }, ..MIXED })),
        ("two, frames of two", Model { most: Left { kills: 0, no_space: 0, ..FAULTS }, shared: true, ..TWO }),
    ]);
}

#[test]
fn each_rule_of_appends_and_syncs_is_needed() {
    let failed = Model { most: Left { attempts: 4, ..FAILED_SYNC }, ..TWO };
    let rot = Model { most: Left { attempts: 2, rots: 1, ..POWER }, ..MIXED };
    let faults = Model { most: FAULTS, ..ONE };
    let refused = Model { most: Left { long: 1, no_space: 1, ..FAILED_SYNC }, ..ONE };
    break_without(&[
        (&[Rule::AppendLock], TWO, OneHistory),
        (&[Rule::HeadById], failed, NoFalseAlarm),
        (&[Rule::LastWriter], short(Model { most: Left { kills: 1, ..CALM }, ..MIXED }), LazyIsKept),
        (&[Rule::LastFrame], faults, NothingTorn),
        (&[Rule::LastFrame], refused, NothingRefused),
        (&[Rule::ChainById], failed, NothingTorn),
        (&[Rule::CutTail], rot, RotIsReported),
        (&[Rule::RefuseDamage], rot, RotIsReported),
        (&[Rule::WriteAgain], Model { most: Left { no_space: 0, ..FAULTS }, ..ONE }, DurableIsKept),
        (&[Rule::SyncBeforeMark], faults, DurableIsKept),
        (&[Rule::SyncAllSegments], short(Model { most: POWER, ..ONE }), DurableIsKept),
        (&[Rule::FailedSyncStops], Model { most: Left { failed_syncs: 1, ..POWER }, ..ONE }, DurableIsKept),
        (&[Rule::TargetById], Model { most: Left { rots: 1, ..CALM }, ..TWO }, OneHistory),
        (&[Rule::SyncNewName], faults, NoFalseAlarm),
        // Either of them is enough for the newest segment.
        (&[Rule::SyncNewName, Rule::SyncNames], Model { most: POWER, ..ONE }, DurableIsKept),
    ]);
}

#[test]
fn each_rule_of_the_mark_of_openings_and_of_trims_is_needed() {
    let back = Model { most: Left { attempts: 2, kills: 1, rots: 1, ..CALM }, ..TWO };
    let rot = Model { most: ROT, ..ONE };
    let trim = short(Model { most: TRIM, ..ONE });
    break_without(&[
        // With two slots a mark that moves back leaves the newer one, and the newer one is whole whatever is written.
        (&[Rule::MarkNeverBack, Rule::TwoSlots], back, RotIsReported),
        (
            &[Rule::TwoSlots],
            Model { halves: true, most: Left { checkpoints: 0, long: 0, ..ROT }, ..ONE },
            RotIsReported,
        ),
        (&[Rule::SyncMark], rot, RotIsReported),
        (&[Rule::ShowUpToMark], TWO, DurableIsKept),
        (&[Rule::FramesTellDurable], rot, RotIsReported),
        (&[Rule::MarkBeforeEnd], TWO, NoFalseAlarm),
        (&[Rule::RowsBeforeEnd], Model { most: Left { checkpoints: 1, ..CALM }, ..TWO }, NoFalseAlarm),
        (&[Rule::CheckpointAfterSync], rot, NoFalseAlarm),
        (&[Rule::KnownEntry], rot, RotIsReported),
        (&[Rule::KnownEntry], Model { most: Left { powers: 0, ..ROT }, ..ONE }, RowsCarryDamage),
        (&[Rule::HeaderChains], rot, RotIsReported),
        (&[Rule::SyncBase], trim, NoFalseAlarm),
        (&[Rule::TrimBelowMark], trim, NoFalseAlarm),
        (&[Rule::OneByOne], trim, NoFalseAlarm),
    ]);
}

/// Where a frame is one unit, ids guard against the same: no other bytes chain by chance. The two rules are kept for
/// bytes that the model does not have: payload that looks like frames, and frames of other lengths.
#[test]
fn no_promise_needs_a_new_salt_or_a_synced_cut_while_ids_chain() {
    let without = |rule| Model { without: Without::these(&[rule]), most: Left { no_space: 0, ..FAULTS }, ..ONE };
    hold(&[
        ("without a new salt", without(Rule::FreshSalt)),
        ("without a new salt, one frame per segment", short(without(Rule::FreshSalt))),
        ("without a synced cut", without(Rule::SyncCut)),
    ]);
}
