//! Reverts of commits that are not the newest: exactly what was, or a refusal; never an index that breaks its rules.

use jiff::civil::date;
use responsibility_index::reform::Reform;
use responsibility_index::report::{Answer, Due, Obligation, Report};
use responsibility_index::testing;
use responsibility_index::{Conflict, Edits, Error, Index, OpenOptions, Revision, UnitKind};

use crate::common::{Home, Numbers};
use crate::{batch, exported, op};

/// Commits each of the edits, and refuses to revert the one at a place, with nothing changed.
#[track_caller]
fn is_refused(place: usize, edits: impl IntoIterator<Item = Edits>) {
    let index = Index::in_memory();
    let mut revisions: Vec<Revision> = Vec::new();
    for edits in edits {
        revisions.push(index.commit(edits).unwrap().revision());
    }
    let before = exported(&index.view());
    let refused = index.batch().revert(revisions[place]).commit();
    assert!(matches!(refused, Err(Error::Conflict(Conflict::ChangedSince { .. }))), "{refused:?}");
    assert_eq!(exported(&index.view()), before);
    index.compact().unwrap();
    assert_eq!(index.verify().unwrap(), []);
}

fn edits() -> Edits {
    Edits::new()
}

fn owed_by(units: &[&str]) -> Obligation {
    Obligation::new("o", Due::on([date(2020, 1, 1)])).units(units.to_vec())
}

/// Planning did not check the units of a fact, and opening did: the index could not be opened again.
#[test]
fn a_fact_about_a_unit_that_was_removed_since_does_not_come_back() {
    let replaced =
        [edits().set_obligation(owed_by(&["A"])), edits().set_obligation(owed_by(&["B"])), edits().remove_unit("A")];
    is_refused(1, replaced);
    let due = date(2020, 1, 1);
    is_refused(
        1,
        [
            edits().set_obligation(owed_by(&[])).assign("t", ["A"]).report(Report::new("o", "A", due, Answer::Excused)),
            edits().withdraw_report("o", "A", due),
            edits().remove("t"),
            edits().remove_unit("A"),
        ],
    );
}

/// Whether a name finds a unit was told from what a change said of its end alone.
#[test]
fn a_unit_that_gave_its_names_away_gets_none_back() {
    let create = || edits().create_unit("A", UnitKind::Body);
    let renamed = edits().rename_unit("A", "A2").remove_alias("A2", "A");
    is_refused(1, [create(), renamed, edits().reform(Reform::of(["A2"]).becomes(["X"]).rest("X"))]);
    let alias = create().add_alias("A", "Old");
    let merged = edits().create_unit("X", UnitKind::Body).reform(Reform::of(["A"]).becomes(["X"]));
    is_refused(1, [alias, edits().remove_alias("A", "Old"), merged]);
}

#[test]
fn members_do_not_come_back_where_they_would_break_a_rule() {
    let collectives = || edits().set_members("H", ["A"]).set_members("G", ["A"]).add_member("G", "H");
    is_refused(1, [collectives(), edits().remove_member("G", "H"), edits().add_member("H", "G")]);
    let body = edits().create_unit("G", UnitKind::Body);
    is_refused(1, [body, edits().set_kind("G", UnitKind::Collective), edits().add_member("G", "A")]);
    let merged = edits().create_unit("X", UnitKind::Body).reform(Reform::of(["A"]).becomes(["X"]));
    is_refused(1, [edits().set_members("G", ["A", "B"]), edits().remove_member("G", "A"), merged]);
    let abolished = edits().create_unit("A", UnitKind::Body).reform(Reform::of(["A"]));
    is_refused(1, [abolished, edits().reopen_unit("A"), edits().set_members("G", ["A"])]);
}

#[test]
fn an_obligation_does_not_come_back_with_a_unit_that_gave_its_names_away() {
    let merged = edits().create_unit("X", UnitKind::Body).reform(Reform::of(["A"]).becomes(["X"]));
    is_refused(1, [edits().set_obligation(owed_by(&["A"])), edits().set_obligation(owed_by(&["B"])), merged]);
}

/// Random edits, and reverts of any revision: whatever succeeds, the export is read back as it is, the past is what it was,
/// and the index opens again.
#[test]
fn random_reverts_keep_every_rule() {
    let mut reverted = [0, 0];
    for seed in 0..60 {
        let mut numbers = Numbers::new(5_000 + seed);
        let home = if seed % 15 == 0 { Home::disk() } else { Home::memory() };
        let open = || home.open(&OpenOptions::new().checkpoint_after(2)).unwrap();
        let mut index = open();
        let mut exports = vec![exported(&index.view())];
        for _ in 0..40 {
            if numbers.one_in(3) && exports.len() > 1 {
                let revision = 1 + numbers.below(exports.len() - 1);
                match index.batch().revert(revision as u64).commit() {
                    Ok(_) => reverted[0] += 1,
                    Err(Error::Conflict(_) | Error::Input(_)) => reverted[1] += 1,
                    Err(other) => panic!("seed {seed}: {other}"),
                }
            } else {
                // Most are refused by themselves; what succeeds is what counts.
                drop(batch(&index, &[op(&mut numbers)]));
            }
            if numbers.one_in(6) {
                drop(index);
                index = open();
            }
            if index.revision() as usize == exports.len() {
                exports.push(exported(&index.view()));
            }
        }
        let newest = exported(&index.view());
        let copy = Index::in_memory();
        copy.import_jsonl(newest.as_bytes()).unwrap_or_else(|error| panic!("seed {seed}: {error}\n{newest}"));
        assert_eq!(exported(&copy.view()), newest, "seed {seed}");
        assert_eq!(index.verify().unwrap(), [], "seed {seed}");
        for (revision, export) in exports.iter().enumerate().step_by(5) {
            assert_eq!(exported(&index.view_at(revision as u64).unwrap()), *export, "seed {seed}, {revision}");
            assert_eq!(
                exported(&testing::view_at(&index, revision as u64).unwrap()),
                *export,
                "seed {seed}, {revision}"
            );
        }
    }
    assert!(reverted.iter().all(|count| *count > 100), "{reverted:?}");
}
