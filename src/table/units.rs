//! The names of units while tables are read: each once, under a number.
//!
//! Input: cells of units. Output: the numbers of the units that a cell names. Most cells are lists of plain names, which
//! recur: a piece between separators that is only a name is split, checked and completed the first time, and looked up
//! from then on. Any other cell is read by `names`.
//! Invariant: each name has one number; two names that are one when folded have the same `same`.
//! Cost: one look-up per name; memory in proportion to the names that are different.

use std::borrow::Cow;
use std::collections::HashMap;

use foldhash::fast::FixedState;

use crate::model::{check_unit_name, folded};
use crate::notice::NameCompleter;
use crate::text::between;

use super::letters::{self, Part};
use super::lexicon::{self, is_han};
use super::names::{self, Note};

/// The number of a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct UnitId(u32);

/// A name.
#[derive(Debug)]
pub(super) struct Unit<'t> {
    pub(super) name: Cow<'t, str>,
    /// The number of its folded form, which is that of all names that are one with it.
    pub(super) same: UnitId,
    /// Whether an index takes the name.
    pub(super) is_valid: bool,
    /// Whether it is counted already.
    pub(super) is_counted: bool,
    has_han: bool,
}

/// A unit that a cell names, and the part that the cell gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) unit: UnitId,
    pub(super) part: Option<Part>,
}

/// The names of all cells so far.
#[derive(Debug, Default)]
pub(super) struct Units<'t> {
    units: Vec<Unit<'t>>,
    by_name: HashMap<Cow<'t, str>, UnitId, FixedState>,
    /// The pieces of cells without Chinese characters: those that are only a name have its number.
    pieces: HashMap<&'t str, Option<UnitId>, FixedState>,
    /// The same for cells with Chinese characters, where a piece can mean something else.
    pieces_in_han: HashMap<&'t str, Option<UnitId>, FixedState>,
    completer: NameCompleter,
}

impl<'t> Units<'t> {
    pub(super) fn get(&self, id: UnitId) -> &Unit<'t> {
        #[expect(clippy::indexing_slicing, reason = "only `id` makes numbers, and no unit is removed")]
        &self.units[id.0 as usize]
    }

    /// Notes that a unit is counted; whether for the first time.
    pub(super) fn take(&mut self, id: UnitId) -> bool {
        #[expect(clippy::indexing_slicing, reason = "only `id` makes numbers, and no unit is removed")]
        let unit = &mut self.units[id.0 as usize];
        !std::mem::replace(&mut unit.is_counted, true)
    }

    /// The number of a name.
    pub(super) fn id(&mut self, name: Cow<'t, str>) -> UnitId {
        if let Some(id) = self.by_name.get(&name) {
            return *id;
        }
        // The texts of tables have fewer than 2^32 bytes each: so many names take more memory than there is.
        let id = UnitId(u32::try_from(self.units.len()).unwrap_or(u32::MAX));
        let (is_valid, has_han) = (check_unit_name(&name).is_ok(), name.contains(is_han));
        self.units.push(Unit { name: name.clone(), same: id, is_valid, is_counted: false, has_han });
        let plain = match folded(&name) {
            Cow::Owned(plain) if plain != *name => Some(plain),
            _ => None,
        };
        self.by_name.insert(name, id);
        if let Some(plain) = plain {
            let same = self.id(Cow::Owned(plain));
            #[expect(clippy::indexing_slicing, reason = "the unit was pushed above")]
            (self.units[id.0 as usize].same = same);
        }
        id
    }

    /// Reads the names in a cell, in order. Chinese names of one part are completed by the words that they share: a
    /// jurisdiction or an ending that is spoken once. `persons` tells that the cells of the column have persons and units.
    pub(super) fn read(&mut self, cell: &'t str, persons: bool, named: &mut Vec<Named>, notes: &mut Vec<Note>) {
        named.clear();
        if persons || self.read_plain(cell, named).is_none() {
            named.clear();
            for name in names::split(cell, persons, notes) {
                named.push(Named { unit: self.id(name.text), part: name.part });
            }
        }
        self.complete(named);
    }

    /// Reads a cell that is a list of plain names; `None` for any other.
    fn read_plain(&mut self, cell: &'t str, named: &mut Vec<Named>) -> Option<()> {
        if letters::is_nothing(cell) || lexicon::is_to_be_named(cell) {
            return None;
        }
        let han = !cell.is_ascii() && cell.contains(is_han);
        let mut from = 0;
        for (at, byte) in cell.bytes().enumerate() {
            if is_of_word(byte) {
                continue;
            }
            let Some(c) = between(cell, at, cell.len()).chars().next() else { continue };
            if lexicon::opens(c) || lexicon::closes(c) {
                return None;
            }
            if lexicon::separates(c) {
                self.piece(between(cell, from, at), han, named)?;
                from = at + c.len_utf8();
            }
        }
        self.piece(between(cell, from, cell.len()), han, named)
    }

    /// Takes a piece that is only a name, or that is empty; `None` for any other.
    fn piece(&mut self, piece: &'t str, han: bool, named: &mut Vec<Named>) -> Option<()> {
        // Most pieces have a space before them at most.
        let piece = piece.strip_prefix(' ').unwrap_or(piece);
        let is_bare = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
        let is_trimmed = is_bare(piece.bytes().next()) && is_bare(piece.bytes().next_back());
        let piece = if is_trimmed { piece } else { piece.trim_matches(lexicon::is_edge) };
        if piece.is_empty() {
            return Some(());
        }
        let pieces = if han { &self.pieces_in_han } else { &self.pieces };
        let unit = match pieces.get(piece) {
            Some(unit) => *unit,
            None => {
                let unit = names::plain(piece, han).map(|name| self.id(name));
                let pieces = if han { &mut self.pieces_in_han } else { &mut self.pieces };
                pieces.insert(piece, unit);
                unit
            }
        };
        named.push(Named { unit: unit?, part: None });
        Some(())
    }

    fn complete(&mut self, named: &mut [Named]) {
        for run in named.chunk_by_mut(|before, name| before.part == name.part) {
            if run.len() < 2 || !run.iter().any(|name| self.get(name.unit).has_han) {
                continue;
            }
            let units = &self.units;
            #[expect(clippy::indexing_slicing, reason = "only `id` makes numbers, and no unit is removed")]
            let names = run.iter().map(|name| &*units[name.unit.0 as usize].name);
            for (at, name) in self.completer.complete(names) {
                let unit = self.id(Cow::Owned(name));
                #[expect(clippy::indexing_slicing, reason = "the completer has the places of the names in the run")]
                (run[at].unit = unit);
            }
        }
    }
}

/// Whether no bracket or separator begins with this byte: letters, digits, spaces, the characters from U+4000 to U+9FFF,
/// and bytes that continue a character.
fn is_of_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b' ' || (0x80..=0xBF).contains(&byte) || (0xE4..=0xE9).contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_bracket_or_separator_begins_like_a_word() {
        for c in ('\0'..=char::MAX).filter(|c| lexicon::opens(*c) || lexicon::closes(*c) || lexicon::separates(*c)) {
            assert!(!is_of_word(c.encode_utf8(&mut [0; 4]).as_bytes()[0]), "{c}");
        }
    }

    #[test]
    fn a_name_has_one_number_in_all_cells_and_names_that_look_alike_are_the_same() {
        let (mut units, mut named, mut notes) = (Units::default(), Vec::new(), Vec::new());
        let mut read = |cell: &'static str| {
            units.read(cell, false, &mut named, &mut notes);
            named
                .iter()
                .map(|named| (units.get(named.unit).name.to_string(), units.get(named.unit).same))
                .collect::<Vec<_>>()
        };
        let first = read("Finance; Police");
        assert_eq!(read("Police / Finance"), [first[1].clone(), first[0].clone()]);
        assert_eq!(read("Finance (lead)"), [first[0].clone()]);
        assert_eq!(read("\u{FF30}olice")[0].1, first[1].1);
    }

    #[test]
    fn a_piece_that_says_more_is_read_as_such_each_time() {
        let (mut units, mut named, mut notes) = (Units::default(), Vec::new(), Vec::new());
        for _ in 0..2 {
            units.read("Lead: Transport, Finance, etc.", false, &mut named, &mut notes);
            assert!(named.iter().all(|named| named.part == Some(Part::Lead)) && named.len() == 2);
            units.read("N/A", false, &mut named, &mut notes);
            assert_eq!(named, []);
        }
        assert_eq!(notes.len(), 2);
    }
}
