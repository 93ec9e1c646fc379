//! What a crowd has said, held against the index that it left.

use std::collections::{BTreeMap, HashMap, HashSet};

use responsibility_index::{Index, Revision};

use crate::member::{SHARED, count};
use crate::print::assignments;

/// All lines of the members that tell of commits and views.
#[derive(Default)]
pub(crate) struct Ledger {
    /// Commits by their notes: what they change.
    tried: HashMap<String, String>,
    acknowledged: BTreeMap<Revision, Acknowledged>,
    refused: HashSet<String>,
    /// Views that have every commit acknowledged before: the time of the call, and the revision, for synced members and
    /// lazy ones.
    fresh: Vec<(u128, Revision, bool)>,
    /// Fingerprints of assignments.
    past: HashMap<Revision, u64>,
    /// How often each other line was said, by its first two words.
    pub(crate) said: BTreeMap<String, u64>,
}

struct Acknowledged {
    note: String,
    durable: bool,
    at: u128,
}

impl Ledger {
    pub(crate) fn acknowledged(&self) -> usize {
        self.acknowledged.len()
    }

    /// Takes a line of a member, which is synced or not.
    pub(crate) fn take(&mut self, line: &str, synced: bool) -> Result<(), String> {
        let words: Vec<&str> = line.split(' ').collect();
        match words[..] {
            ["try", note, facts] => {
                self.tried.insert(note.to_owned(), facts.to_owned());
            }
            ["ack", note, revision, durable, at] => {
                let acknowledged =
                    Acknowledged { note: note.to_owned(), durable: durable == "1", at: at.parse().unwrap() };
                if let Some(other) = self.acknowledged.insert(revision.parse().unwrap(), acknowledged) {
                    return Err(format!("revision {revision} is {note} and {}", other.note));
                }
            }
            ["none", note, ref why @ ..] => {
                *self.said.entry(format!("none {}", why[0])).or_default() += 1;
                self.refused.insert(note.to_owned());
            }
            ["unknown", _] => *self.said.entry("unknown".to_owned()).or_default() += 1,
            ["fresh", at, revision] => {
                self.fresh.push((at.parse().unwrap(), revision.parse().unwrap(), synced));
            }
            ["past", revision, fingerprint] => {
                let (revision, fingerprint) = (revision.parse().unwrap(), fingerprint.parse().unwrap());
                let before = self.past.insert(revision, fingerprint);
                if before.is_some_and(|before| before != fingerprint) {
                    return Err(format!("two members have other assignments of revision {revision}"));
                }
            }
            ["done" | "busy" | "away" | "trimmed" | "owner", ..] => {
                *self.said.entry(words[..2].join(" ")).or_default() += 1;
            }
            _ => {}
        }
        Ok(())
    }

    /// No fresh view lacks a commit that it must have.
    fn check_fresh(&self) -> Result<(), String> {
        for (sees_lazy, word) in [(false, "synced"), (true, "lazy")] {
            let seen = self.acknowledged.iter().filter(|(_, commit)| commit.durable || sees_lazy);
            // By the time of the acknowledgement: the newest revision so far.
            let mut newest: Vec<(u128, Revision)> = seen.map(|(revision, commit)| (commit.at, *revision)).collect();
            newest.sort_unstable();
            let mut most = 0;
            for (_, revision) in &mut newest {
                most = most.max(*revision);
                *revision = most;
            }
            for (at, revision, _) in self.fresh.iter().filter(|(.., synced)| *synced != sees_lazy) {
                let before = newest.partition_point(|(acknowledged, _)| acknowledged < at);
                let least = before.checked_sub(1).map_or(0, |last| newest[last].1);
                if *revision < least {
                    return Err(format!(
                        "a fresh view of a {word} member has {revision}, {least} was acknowledged before"
                    ));
                }
            }
        }
        Ok(())
    }

    /// Holds the index against what was said. Returns the horizon.
    pub(crate) fn check(&self, index: &Index) -> Result<Revision, String> {
        self.check_fresh()?;
        let text = |error: responsibility_index::Error| format!("{error:?}");
        let (horizon, view) = (index.horizon().map_err(text)?, index.view());
        let last = self.acknowledged.last_key_value().map_or(0, |(revision, _)| *revision);
        if view.revision() < last {
            return Err(format!("revision {last} was acknowledged, the index has {}", view.revision()));
        }
        let mut found = HashSet::new();
        // Of each process the number of its newest commit.
        let mut newest: HashMap<String, u64> = HashMap::new();
        let mut shared = count(&index.view_at(horizon).map_err(text)?, SHARED);
        let (mut next, mut counted) = (horizon + 1, 0);
        for commit in index.commits(..).map_err(text)? {
            let commit = commit.map_err(text)?;
            let (revision, note) = (commit.revision(), commit.note().why.clone());
            if revision != next {
                return Err(format!("revision {revision} is in place of {next}"));
            }
            next += 1;
            if let Some(other) = self.acknowledged.get(&revision).filter(|other| other.note != note) {
                return Err(format!("revision {revision} is {note}, and was acknowledged to be {}", other.note));
            }
            let Some(facts) = self.tried.get(&note) else { return Err(format!("nobody tried {note:?}")) };
            if self.refused.contains(&note) {
                return Err(format!("{note} was refused and is revision {revision}"));
            }
            if !found.insert(note.clone()) {
                return Err(format!("{note} is in the history twice"));
            }
            // Once a commit is done, those that ended unknown before are in the history or never will be.
            let (name, number) = note.rsplit_once('.').unwrap_or_default();
            let number = number.parse().map_err(|_| format!("strange note {note:?}"))?;
            if newest.insert(name.to_owned(), number).is_some_and(|before| before >= number) {
                return Err(format!("{note} is in the history after a later commit of the same process"));
            }
            let mut changed: Vec<String> =
                commit.units().into_iter().filter_map(|unit| Some(unit.after?.name)).collect();
            changed.retain(|name| name.starts_with("clerk-"));
            let units = changed.into_iter().map(|name| format!("unit={name}"));
            let tasks = commit.tasks().map(|task| {
                let units = task.after.map(|standing| standing.units().map(|(unit, _)| unit.to_owned()).collect());
                format!("{}={}", task.key, units.map_or_else(|| "-".to_owned(), |units: Vec<String>| units.join("+")))
            });
            let mut expected: Vec<&str> = facts.split(',').collect();
            let mut changed: Vec<String> = units.chain(tasks).collect();
            expected.sort_unstable();
            changed.sort_unstable();
            // A rename and the end of an alias are two changes of one unit.
            changed.dedup();
            if changed != expected {
                return Err(format!("{note} is {changed:?} in the history, not {expected:?}"));
            }
            if facts.starts_with(SHARED) {
                (shared, counted) = (shared + 1, counted + 1);
                let value = crate::member::digits(shared).join("+");
                if *facts != format!("{SHARED}={value}") {
                    return Err(format!("revision {revision} counts to {facts}, not to {shared}"));
                }
            }
        }
        if next != view.revision() + 1 || count(&view, SHARED) != shared {
            return Err(format!("{next} follows {}, {shared} is counted as {}", view.revision(), count(&view, SHARED)));
        }
        let of_shared =
            |note: &&Acknowledged| self.tried.get(&note.note).is_some_and(|facts| facts.starts_with(SHARED));
        let acknowledged = self.acknowledged.values().filter(of_shared).count() as u64;
        if horizon == 0 && counted < acknowledged || shared < acknowledged {
            return Err(format!("{acknowledged} steps of the counter were acknowledged, it is at {shared}"));
        }
        for (revision, fingerprint) in self.past.iter().filter(|(revision, _)| **revision >= horizon).take(40) {
            if assignments(&index.view_at(*revision).map_err(text)?) != *fingerprint {
                return Err(format!("a member had other assignments of revision {revision}"));
            }
        }
        let findings = index.verify().map_err(text)?;
        if findings.is_empty() { Ok(horizon) } else { Err(format!("{findings:?}")) }
    }
}
