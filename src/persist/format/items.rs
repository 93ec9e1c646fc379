//! The items of the log: what entries and bases are made of, and how items are packed into pieces.
//!
//! A piece of the log begins with one byte. 1: whole items follow, one after the other. 2, 3, 4: the first, a middle or
//! the last part of one item that is too large for a piece. Items are encoded with bincode; the log has checksums.
//!
//! An entry is a commit: one `Commit` item, the changes of units and facts, the changes of tasks in blocks of up to 256, and
//! the new details by rising numbers. A base is a state: one `Base` item, all units in the order of their numbers, all facts,
//! all tasks in blocks, and the details that tasks name.
//!
//! The tag of a piece is the number of the next new details after it. So details are in the first piece whose tag is
//! above their number. In a base the pieces before the details have tag 0.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::id::{DetailId, Revision, UnitId};
use crate::state::{Member, TaskChange, TaskChanges, TaskImage};

use super::blocks::{BlockV1, Keys, KeysV1};
use super::facts::FactV1;
use super::frame::{decode_bytes, encode_into};
use super::members;
use super::rows::{EndedV1, KindV1, StampV1, UnitV1};
use crate::commit_log::{MAX_PIECE, Payload};

const WHOLE: u8 = 1;
const FIRST: u8 = 2;
const MIDDLE: u8 = 3;
const LAST: u8 = 4;
/// A piece with more bytes takes no further item: what is read to find one item is about as much.
const FULL: usize = 64 << 10;

/// One item.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum ItemV1<'r> {
    #[serde(borrow)]
    Commit(CommitV1<'r>),
    #[serde(borrow)]
    UnitChange(UnitChangeV1<'r>),
    #[serde(borrow)]
    Tasks(TasksV1<'r>),
    /// An encoded [`DetailsV1`](super::rows::DetailsV1): it is skipped more often than read.
    Details(DetailId, &'r [u8]),
    Base(BaseV1),
    /// A unit of a base, also one that was removed.
    Unit(UnitV1),
    #[serde(borrow)]
    Block(BlockV1<'r>),
    /// A fact before and after.
    FactChange(Option<FactV1>, Option<FactV1>),
    /// A fact of a base.
    Fact(FactV1),
}

/// What a commit says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CommitV1<'r> {
    pub(crate) stamp: StampV1,
    pub(crate) why: &'r str,
    pub(crate) who: &'r str,
    /// The number of tasks of a bulk load, and of those of them that had been there before.
    pub(crate) loaded: Option<u64>,
    pub(crate) earlier: Option<u64>,
}

/// What a base says about itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct BaseV1 {
    /// Of the newest commit in it.
    pub(crate) stamp: StampV1,
    pub(crate) next_detail: DetailId,
    pub(crate) units: u32,
    pub(crate) facts: u32,
    pub(crate) tasks: u32,
}

/// The change of a unit: the facts that differ, or all of them where the unit comes or goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnitChangeV1<'r> {
    pub(crate) unit: UnitId,
    #[serde(borrow)]
    pub(crate) was: Option<UnitFactsV1<'r>>,
    #[serde(borrow)]
    pub(crate) is: Option<UnitFactsV1<'r>>,
    /// The place among the aliases where those of `was` give way to those of `is`, and the same among the members.
    pub(crate) at: u32,
    pub(crate) members_at: u32,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UnitFactsV1<'r> {
    #[serde(borrow)]
    pub(crate) name: Option<&'r str>,
    pub(crate) kind: Option<KindV1>,
    #[serde(borrow)]
    pub(crate) aliases: Vec<&'r str>,
    pub(crate) members: Vec<UnitId>,
    pub(crate) ended: Option<Option<EndedV1>>,
}

/// Changes of up to 256 tasks: one list per property, in the order of the changes. Lists of zeroes are empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct TasksV1<'r> {
    #[serde(borrow)]
    keys: KeysV1<'r>,
    /// The numbers of units plus 1, before and after; 0 where the task was or is not known.
    was: Vec<u16>,
    is: Vec<u16>,
    /// For each task the units before, then the units after, as [`members`] packs them.
    #[serde(borrow)]
    units: Cow<'r, [u8]>,
    was_details: Vec<DetailId>,
    is_details: Vec<DetailId>,
    /// The revisions of the changes before.
    was_changed: Vec<Revision>,
    /// The places of tasks that were moved, by rising places, and the keys under which they were.
    #[serde(borrow)]
    moved: Vec<(u16, Cow<'r, str>)>,
}

impl TasksV1<'_> {
    pub(crate) fn pack(tasks: &TaskChanges) -> TasksV1<'static> {
        let mut keys = Keys::with_capacity(tasks.len());
        let (mut was, mut is) = (Vec::with_capacity(tasks.len()), Vec::with_capacity(tasks.len()));
        let mut units = Vec::with_capacity(tasks.members().len() * Member::BYTES);
        for task in tasks.iter() {
            keys.push(task.key);
            was.push(members::pack(members_of(task.was), &mut units));
            is.push(members::pack(members_of(task.is), &mut units));
        }
        TasksV1 {
            keys: keys.finish(),
            was: unless_zeroes(was.into_iter()),
            is: unless_zeroes(is.into_iter()),
            units: Cow::Owned(units),
            was_details: unless_zeroes(tasks.iter().map(|task| task.details()[0])),
            is_details: unless_zeroes(tasks.iter().map(|task| task.details()[1])),
            was_changed: unless_zeroes(tasks.iter().map(|task| task.was_changed)),
            moved: (0..)
                .zip(tasks.iter())
                .filter_map(|(at, task)| Some((at, task.moved_from?.to_owned().into())))
                .collect(),
        }
    }

    /// Whether it has a change of a task.
    pub(crate) fn names(&self, task: &str) -> bool {
        let mut found = false;
        self.keys.each(&mut |key| found |= key == task).is_some() && found
    }

    /// The changes, as those of a commit of this revision; `None` where the lists do not fit together.
    pub(crate) fn unpack(&self, revision: Revision) -> Option<TaskChanges> {
        let mut changes = TaskChanges::default();
        let (mut packed, mut before, mut after) = (&*self.units, Vec::new(), Vec::new());
        let count = self.keys.len();
        let small = [&self.was, &self.is];
        let large = [&self.was_details, &self.is_details, &self.was_changed];
        let fit = |length: usize| length == 0 || length == count;
        if !small.iter().all(|list| fit(list.len())) || !large.iter().all(|list| fit(list.len())) {
            return None;
        }
        let mut moved = self.moved.iter().peekable();
        let mut at = 0;
        let mut fits = true;
        self.keys.each(&mut |key| {
            let (was, is) = (number(&self.was, at), number(&self.is, at));
            let was = members::take(was, &mut packed, &mut before);
            let is = was.and_then(|_| members::take(is, &mut packed, &mut after));
            let Some((was, is)) = was.zip(is).filter(|_| fits) else {
                fits = false;
                return;
            };
            let change = TaskChange {
                key,
                was: was.then(|| TaskImage { members: &before, detail: number(&self.was_details, at) }),
                is: is.then(|| TaskImage { members: &after, detail: number(&self.is_details, at) }),
                was_changed: number(&self.was_changed, at),
                is_changed: revision,
                moved_from: moved.next_if(|(place, _)| usize::from(*place) == at).map(|(_, from)| &**from),
            };
            changes.push(change);
            at += 1;
        })?;
        (fits && packed.is_empty() && moved.peek().is_none()).then_some(changes)
    }
}

fn members_of(image: Option<TaskImage<'_>>) -> Option<impl Iterator<Item = Member>> {
    image.map(|image| image.members.iter().copied())
}

/// All numbers; none if all of them are 0.
fn unless_zeroes<N: Default + PartialEq>(numbers: impl Iterator<Item = N> + Clone) -> Vec<N> {
    let are_zeroes = numbers.clone().all(|number| number == N::default());
    if are_zeroes { Vec::new() } else { numbers.collect() }
}

/// The number at a place of a list, which is 0 in an empty one.
fn number<N: Copy + Default>(list: &[N], at: usize) -> N {
    list.get(at).map_or_else(N::default, |number| *number)
}

/// Packs items into the pieces of a payload.
pub(crate) struct Packer {
    payload: Payload,
    open: Vec<u8>,
    tag: u64,
}

impl Packer {
    /// Begins a payload. `tag` is that of the pieces before the first details.
    pub(crate) fn new(tag: u64) -> Packer {
        Packer { payload: Payload::default(), open: begun(), tag }
    }

    /// Adds an item. Details raise the tag.
    pub(crate) fn push(&mut self, item: &ItemV1<'_>) -> Result<(), String> {
        let start = self.open.len();
        encode_into(item, &mut self.open)?;
        let tag = match item {
            ItemV1::Details(id, _) => self.tag.max(id.saturating_add(1)),
            _ => self.tag,
        };
        if self.open.len() > MAX_PIECE {
            let large = self.open.split_off(start);
            self.flush();
            if large.len() >= MAX_PIECE {
                self.tag = tag;
                return self.push_in_parts(&large);
            }
            self.open.extend(large);
        }
        self.tag = tag;
        if self.open.len() > FULL {
            self.flush();
        }
        Ok(())
    }

    fn push_in_parts(&mut self, item: &[u8]) -> Result<(), String> {
        let mut parts = item.chunks(MAX_PIECE - 1).peekable();
        let mut kind = FIRST;
        while let Some(part) = parts.next() {
            if parts.peek().is_none() {
                kind = LAST;
            }
            self.payload.push(self.tag, [&[kind], part].concat());
            kind = MIDDLE;
        }
        Ok(())
    }

    /// Ends the piece: the next item begins another one.
    pub(crate) fn flush(&mut self) {
        if self.open.len() > 1 {
            self.payload.push(self.tag, std::mem::replace(&mut self.open, begun()));
        }
    }

    pub(crate) fn finish(mut self) -> Payload {
        if self.open.len() > 1 {
            self.payload.push(self.tag, self.open);
        }
        self.payload
    }
}

/// A piece without items, with room for those of a small commit: a buffer that grows costs more than the encoding.
fn begun() -> Vec<u8> {
    let mut piece = Vec::with_capacity(256);
    piece.push(WHOLE);
    piece
}

/// Whether a piece continues an item of the piece before.
pub(crate) fn continues_item(piece: &[u8]) -> bool {
    matches!(piece.first(), Some(&(MIDDLE | LAST)))
}

/// Joins the pieces of one payload to items.
#[derive(Default)]
pub(crate) struct Items {
    /// The parts so far of an item in parts; empty between items.
    parts: Vec<u8>,
    open: bool,
}

impl Items {
    /// Hands out the items that end in a piece.
    pub(crate) fn add(
        &mut self,
        piece: &[u8],
        each: &mut dyn FnMut(ItemV1<'_>) -> Result<(), String>,
    ) -> Result<(), String> {
        let (kind, bytes) = piece.split_first().ok_or("a piece is empty")?;
        match (*kind, self.open) {
            (WHOLE, false) => {
                let mut rest = bytes;
                while !rest.is_empty() {
                    let (item, used) = decode_bytes(rest)?;
                    each(item)?;
                    rest = rest.get(used..).unwrap_or_default();
                }
                Ok(())
            }
            (FIRST, false) => {
                (self.open, self.parts) = (true, bytes.to_vec());
                Ok(())
            }
            (MIDDLE, true) => {
                self.parts.extend_from_slice(bytes);
                Ok(())
            }
            (LAST, true) => {
                self.open = false;
                let mut whole = std::mem::take(&mut self.parts);
                whole.extend_from_slice(bytes);
                let (item, used) = decode_bytes(&whole)?;
                if used != whole.len() {
                    return Err(format!("{} bytes are left over", whole.len() - used));
                }
                each(item)
            }
            (WHOLE | FIRST | MIDDLE | LAST, _) => Err("a part of an item is missing".to_owned()),
            (other, _) => Err(format!("a piece of kind {other} is not known")),
        }
    }

    /// Takes the first item, if it ends in this piece; the items after it are not decoded.
    pub(crate) fn first<T>(
        &mut self,
        piece: &[u8],
        take: impl FnOnce(ItemV1<'_>) -> Result<T, String>,
    ) -> Result<Option<T>, String> {
        let (mut take, mut taken) = (Some(take), None);
        let read = self.add(piece, &mut |item| {
            taken = take.take().map(|take| take(item));
            // Ends the reading: a piece may have thousands of tasks.
            Err(String::new())
        });
        match taken {
            Some(taken) => taken.map(Some),
            None => read.map(|()| None),
        }
    }

    /// Whether an item has begun and not ended.
    pub(crate) fn is_open(&self) -> bool {
        self.open
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An item that fits into a piece by itself may not fit behind the items before it.
    #[test]
    fn items_of_any_size_after_others_are_read_as_they_were_packed() {
        // Encoding adds up to 9 bytes to each.
        let sizes = [MAX_PIECE - FULL, MAX_PIECE - 10, MAX_PIECE - 8, MAX_PIECE - 7, MAX_PIECE - 6, MAX_PIECE];
        for (before, size) in [0, FULL - 100].into_iter().flat_map(|before| sizes.map(|size| (before, size))) {
            let details = [vec![1; before], vec![2; size], vec![3; 5]];
            let mut packer = Packer::new(0);
            for (id, bytes) in (1..).zip(&details) {
                packer.push(&ItemV1::Details(id, bytes)).unwrap();
            }
            let mut items = Items::default();
            let mut read = Vec::new();
            for piece in packer.finish().pieces() {
                assert!(piece.bytes.len() <= MAX_PIECE);
                let added = items.add(&piece.bytes, &mut |item| {
                    if let ItemV1::Details(id, bytes) = item {
                        read.push((id, bytes.to_vec()));
                    }
                    Ok(())
                });
                assert_eq!(added, Ok(()), "{size} bytes after {before}");
            }
            assert!((1..).zip(details).eq(read), "{size} bytes after {before}");
        }
    }
}
