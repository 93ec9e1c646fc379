//! Names like an unknown one, for errors. A look at all names: never to be done while others wait for a lock.
//!
//! Cost: a walk over the letters of all names; those with enough letters in common, at most [`MOST_COMPARED`], are
//! compared by edit distance, about a microsecond each.

use crate::model::{Error, InputError, OtherTime, are_same, check_obligation_name, check_unit_name};
use crate::state::{State, Units};

/// The most names that an error suggests.
const SUGGESTIONS: usize = 3;
/// Longer names get no suggestion: 95 % of names in notices have at most 48 bytes.
const LONGEST: usize = 64;
/// The most names that are compared by edit distance: some 20 ms of work.
const MOST_COMPARED: usize = 20_000;

/// The error for a name that no unit has, without suggestions.
pub(crate) fn unknown(name: &str) -> InputError {
    match check_unit_name(name) {
        // A name that is too long is quoted at its beginning only.
        Err(too_long @ InputError::TooLong { .. }) => too_long,
        _ => InputError::UnknownUnit { name: name.to_owned(), near: Vec::new(), other_time: None },
    }
}

/// The error for an obligation that there is not, without suggestions.
pub(crate) fn unknown_obligation(name: &str) -> InputError {
    match check_obligation_name(name) {
        Err(too_long @ InputError::TooLong { .. }) => too_long,
        _ => InputError::UnknownObligation { name: name.to_owned(), near: Vec::new() },
    }
}

/// Adds suggestions to an error that names an unknown unit or obligation.
pub(crate) fn with_suggestions(error: Error, state: &State) -> Error {
    match error {
        Error::Input(source) => Error::Input(suggest(source, state, None)),
        Error::Edit { position, task, mistake } => {
            Error::Edit { position, task, mistake: suggest(mistake, state, None) }
        }
        other => other,
    }
}

/// When a unit has a name that none has in the state; `None` if none ever had it, as far as `newest` and the state tell.
fn other_time(name: &str, state: &State, newest: Option<&Units>) -> Option<OtherTime> {
    let revision = state.revision;
    let unit_of = |unit| state.units.get(unit).map(|unit| unit.name.to_string());
    if let Some((newest, unit)) = newest.and_then(|newest| Some((newest, newest.find(name)?))) {
        let slot = newest.slot(unit)?;
        // Since when a unit has an alias is not known.
        let is_name = slot.unit.as_ref().is_some_and(|unit| are_same(&unit.name, name));
        let since = slot.former().last().map(|former| former.until).filter(|_| is_name);
        return Some(OtherTime { revision, unit: unit_of(unit), since, until: None });
    }
    let had = (0..).zip(state.units.slots()).filter_map(|(unit, slot)| {
        let former = slot.former().iter().rev().find(|former| are_same(&former.name, name))?;
        Some((former.until, unit))
    });
    had.max().map(|(until, unit)| OtherTime { revision, unit: unit_of(unit), since: None, until: Some(until) })
}

pub(crate) fn suggest(error: InputError, state: &State, newest: Option<&Units>) -> InputError {
    match error {
        InputError::UnknownUnit { name, .. } => {
            let names = state.units.iter().flat_map(|(_, unit)| unit.names()).map(|known| &**known);
            let (near, other_time) = (near(&name, names), other_time(&name, state, newest).map(Box::new));
            InputError::UnknownUnit { name, near, other_time }
        }
        InputError::UnknownObligation { name, .. } => {
            let near = near(&name, state.units.register().obligations().map(|(known, _)| &**known));
            InputError::UnknownObligation { name, near }
        }
        other => other,
    }
}

/// Known names like an unknown one, the nearest first.
fn near<'n>(name: &str, names: impl Iterator<Item = &'n str>) -> Vec<String> {
    if name.len() > LONGEST {
        return Vec::new();
    }
    let asked = Asked::new(name);
    let mut near: Vec<(f64, &str)> = names
        .filter(|known| known.len() <= 4 * LONGEST && asked.may_be_like(known))
        .take(MOST_COMPARED)
        .map(|known| (asked.likeness(known), known))
        .filter(|(likeness, _)| *likeness > 0.5)
        .collect();
    near.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    near.into_iter().take(SUGGESTIONS).map(|(_, name)| name.to_owned()).collect()
}

/// The unknown name, prepared for many comparisons.
struct Asked {
    name: String,
    letters: Letters,
}

impl Asked {
    fn new(name: &str) -> Asked {
        let name = name.to_lowercase();
        let letters = Letters::of(&name);
        Asked { name, letters }
    }

    /// Whether the likeness may be above 0.5. An edit distance is at least the length of the longer name without the
    /// letters that have a partner in the other.
    fn may_be_like(&self, known: &str) -> bool {
        let letters = Letters::of(known);
        let partners = (letters.also_in(known, self.letters), self.letters.also_in(&self.name, letters));
        let inside = partners.0 == letters.count || partners.1 == self.letters.count;
        inside || 2 * partners.0.min(partners.1) > letters.count.max(self.letters.count)
    }

    /// From 0 to 1. A name inside the other counts as near, also where much is missing: people leave out the
    /// jurisdiction.
    fn likeness(&self, known: &str) -> f64 {
        let known = known.to_lowercase();
        let edits = strsim::normalized_damerau_levenshtein(&self.name, &known);
        let inside = |short: &str, long: &str| short.chars().nth(1).is_some() && long.contains(short);
        if inside(&self.name, &known) || inside(&known, &self.name) { 0.5 + edits / 2.0 } else { edits }
    }
}

/// The number of letters of a name, and the set of them: a bit per letter modulo 64, without case.
#[derive(Clone, Copy)]
struct Letters {
    count: usize,
    set: u64,
}

impl Letters {
    fn of(name: &str) -> Letters {
        name.chars().fold(Letters { count: 0, set: 0 }, |letters, letter| Letters {
            count: letters.count + 1,
            set: letters.set | bit(letter),
        })
    }

    /// The number of letters of the name that may also be in another.
    fn also_in(self, name: &str, other: Letters) -> usize {
        if self.set & !other.set == 0 {
            return self.count;
        }
        name.chars().filter(|letter| other.set & bit(*letter) != 0).count()
    }
}

fn bit(letter: char) -> u64 {
    let lower =
        if letter.is_ascii() { letter.to_ascii_lowercase() } else { letter.to_lowercase().next().unwrap_or(letter) };
    1 << (u32::from(lower) % 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggestions_are_the_nearest_names() {
        let units = ["省发改委", "省财政厅", "省科技厅", "市发改委", "Transport"];
        let near = |name| near(name, units.into_iter());
        assert_eq!(near("发改委"), ["市发改委", "省发改委"]);
        assert_eq!(near("省科学厅"), ["省科技厅"]);
        assert_eq!(near("transprot"), ["Transport"]);
        assert_eq!(near("TRANSPORT"), ["Transport"]);
        assert!(near("Health").is_empty());
        assert!(super::near("Health", ["H"].into_iter()).is_empty(), "a letter is in many names");
    }

    #[test]
    fn the_quick_look_skips_no_name_that_is_near() {
        let names = [
            "ab",
            "abcdef",
            "abdcef",
            "fedcba",
            "abc/1",
            "ABCDEF",
            "xyz",
            "abcdefghijklmnop",
            "aab",
            "bb",
            "aaaaaxyz",
            "aaaaapqr",
        ];
        for asked in names {
            for known in names {
                let name = Asked::new(asked);
                assert!(name.may_be_like(known) || name.likeness(known) <= 0.5, "{asked} {known}");
            }
        }
    }
}
