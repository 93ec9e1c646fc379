//! States to the pieces of a base and back.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use crate::commit_log::{Base, CommitLog, Head, Payload};
use crate::id::{DetailId, Revision, UnitId};
use crate::model::{Error, Result, Stamp};
use crate::state::{Fact, PARALLEL_FROM, Record, RecordsBuilder, Slot, State, Units};
use crate::threads::both;

use super::format::FormatError;
use super::format::blocks::{BLOCK, BlockV1};
use super::format::facts::FactV1;
use super::format::items::{BaseV1, ItemV1, Items, Packer, continues_item};
use super::format::rows::UnitV1;
use super::rows::{slot_from, unpack_block};

/// Takes the number and the encoded bytes of details.
pub(crate) type EachDetails<'e> = dyn FnMut(DetailId, &[u8]) -> Result<()> + 'e;

/// The details that tasks of a state have.
pub(crate) fn details_of(state: &State) -> BTreeSet<DetailId> {
    state.tasks.records().iter().map(|record| record.detail()).filter(|detail| *detail > 0).collect()
}

/// Makes the base of a state after an entry. `details` hands out at least the details that its tasks have, encoded, by
/// rising numbers.
///
/// # Errors
/// `Corrupt::Row` for details that a task has and that are not handed out.
pub(crate) fn base_of(
    state: &State,
    head: Head,
    details: &mut dyn FnMut(&mut EachDetails<'_>) -> Result<()>,
) -> Result<Base> {
    let mut packer = Packer::new(0);
    push_state(&mut packer, state, |record| record.is_known())?;
    let mut missing = details_of(state);
    details(&mut |id, bytes| {
        if missing.remove(&id) {
            packer.push(&ItemV1::Details(id, bytes)).map_err(|what| Error::Bug { what })
        } else {
            Ok(())
        }
    })?;
    if let Some(id) = missing.first() {
        return Err(FormatError::new(format!("details {id}"), "they are not in the log").into());
    }
    Ok(Base { head, tag: state.next_detail, payload: packer.finish() })
}

/// The whole state, with the keys of removed tasks and without details, as the pieces of a payload.
pub(super) fn whole_state(state: &State) -> Result<Payload> {
    let mut packer = Packer::new(0);
    push_state(&mut packer, state, |_| true)?;
    Ok(packer.finish())
}

fn push_state(packer: &mut Packer, state: &State, is_wanted: impl Fn(&Record<'_>) -> bool) -> Result<()> {
    let bug = |what| Error::Bug { what };
    let mut records = state.tasks.records().iter().filter(&is_wanted).peekable();
    let (units, tasks) =
        (state.units.numbered() as u32, state.tasks.records().iter().filter(&is_wanted).count() as u32);
    let (stamp, facts) = (state.stamp.into(), state.units.register().len() as u32);
    packer.push(&ItemV1::Base(BaseV1 { stamp, next_detail: state.next_detail, units, facts, tasks })).map_err(bug)?;
    for slot in state.units.slots() {
        packer.push(&ItemV1::Unit(UnitV1::from(slot))).map_err(bug)?;
    }
    for fact in state.units.register().iter() {
        packer.push(&ItemV1::Fact(FactV1::of(fact))).map_err(bug)?;
    }
    while records.peek().is_some() {
        packer.push(&ItemV1::Block(BlockV1::pack(records.by_ref().take(BLOCK)))).map_err(bug)?;
    }
    Ok(())
}

/// Hands out all details of a log, by rising numbers.
pub(crate) fn each_details(log: &dyn CommitLog, each: &mut EachDetails<'_>) -> Result<()> {
    let mut last = 0;
    let begin = log.oldest();
    if let Some(base) = log.bases()?.into_iter().find(|base| *base >= begin).filter(|_| begin > 0) {
        let mut finder = DetailsReader::new(format!("base {base}"));
        log.scan_base(base, &mut |_, bytes| {
            finder.add(false, bytes, &mut |id, bytes| {
                last = id;
                each(id, bytes)
            })?;
            Ok(ControlFlow::Continue(()))
        })?;
    }
    let mut finder = DetailsReader::new("log".to_owned());
    log.scan(begin, &mut |piece| {
        // Entries from before the base may still be there.
        finder.add(piece.part == 0, piece.bytes, &mut |id, bytes| if id > last { each(id, bytes) } else { Ok(()) })?;
        Ok(ControlFlow::Continue(()))
    })
    .map(drop)
}

/// Finds details in pieces.
pub(crate) struct DetailsReader {
    source: String,
    items: Items,
}

impl DetailsReader {
    pub(crate) fn new(source: String) -> DetailsReader {
        DetailsReader { source, items: Items::default() }
    }

    /// Whether an item has begun and not ended.
    pub(crate) fn is_open(&self) -> bool {
        self.items.is_open()
    }

    /// Takes the next piece; `first` says that it is the first one of an entry.
    pub(crate) fn add(&mut self, first: bool, piece: &[u8], each: &mut EachDetails<'_>) -> Result<()> {
        if first {
            self.items = Items::default();
        }
        let mut failed = None;
        let read = self.items.add(piece, &mut |item| {
            if let ItemV1::Details(id, bytes) = item
                && let Err(error) = each(id, bytes)
            {
                failed.get_or_insert(error);
            }
            Ok(())
        });
        read.map_err(|why| FormatError::new(&self.source, why))?;
        failed.map_or(Ok(()), Err)
    }
}

/// The state of a base; details are skipped.
pub(crate) fn state_of_base(log: &dyn CommitLog, revision: Revision) -> Result<(State, Head)> {
    let mut reader = BaseReader::default();
    let mut done = None;
    let (head, _) = log.scan_base(revision, &mut |_, bytes| {
        done = reader.add(bytes).map_err(|why| FormatError::new(name(revision), why))?;
        Ok(if done.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    let state = reader.finish().map_err(|why| FormatError::new(name(revision), why))?;
    Ok((State { revision, ..state }, head))
}

fn name(revision: Revision) -> String {
    format!("base {revision}")
}

/// Reads a state from the pieces of a base.
#[derive(Default)]
pub(crate) struct BaseReader {
    items: Items,
    head: Option<BaseV1>,
    units: Vec<Slot>,
    facts: Vec<Fact>,
    records: RecordsBuilder,
    tasks: usize,
}

impl BaseReader {
    /// Takes the next piece; something when all units, facts and tasks have been read.
    pub(crate) fn add(&mut self, piece: &[u8]) -> Result<Option<()>, String> {
        let BaseReader { items, head, units, facts, records, tasks } = self;
        items.add(piece, &mut |item| {
            match (item, &head) {
                (ItemV1::Base(base), None) => *head = Some(base),
                (ItemV1::Unit(unit), Some(_)) => units.push(slot_from(&unit)?),
                (ItemV1::Fact(fact), Some(_)) => facts.push(fact.fact()?),
                (ItemV1::Block(block), Some(base)) => {
                    *tasks += unpack_block(&block, base.units as UnitId, &mut |task| {
                        records.push(task);
                    })?;
                }
                (ItemV1::Details(..), Some(_)) => {}
                _ => return Err("an item of a base has no place there".to_owned()),
            }
            Ok(())
        })?;
        Ok(self.is_complete().then_some(()))
    }

    /// Whether all units and facts have been read.
    fn has_units(&self) -> bool {
        self.head.as_ref().is_some_and(|head| {
            (self.units.len(), self.facts.len()) == (head.units as usize, head.facts as usize) && !self.items.is_open()
        })
    }

    /// Takes pieces, of a whole state only. Tasks are read on two threads where there are many.
    pub(crate) fn add_all<P: AsRef<[u8]> + Sync>(&mut self, mut pieces: &[P]) -> Result<(), String> {
        while let Some((first, rest)) = pieces.split_first()
            && !self.has_units()
        {
            self.add(first.as_ref())?;
            pieces = rest;
        }
        let mut half = pieces.len() / 2;
        while pieces.get(half).is_some_and(|piece| continues_item(piece.as_ref())) {
            half += 1;
        }
        let (first, second) = pieces.split_at_checked(half).unwrap_or((pieces, &[]));
        let head = self.head.clone();
        let worth = head.as_ref().is_some_and(|head| head.tasks as usize > PARALLEL_FROM);
        let other = || {
            let mut other = BaseReader { head: head.clone(), ..BaseReader::default() };
            second.iter().try_for_each(|piece| other.add(piece.as_ref()).map(drop)).map(|()| other)
        };
        let (other, read) =
            both(worth, other, || first.iter().try_for_each(|piece| self.add(piece.as_ref()).map(drop)));
        let (BaseReader { items, records, tasks, units, facts, .. }, ()) = (other?, read?);
        if items.is_open() || self.items.is_open() || !units.is_empty() || !facts.is_empty() {
            return Err("its tasks do not follow its units".to_owned());
        }
        if tasks > 0 {
            if !self.tasks.is_multiple_of(BLOCK) {
                return Err("a block is not full".to_owned());
            }
            self.records.append(records);
            self.tasks += tasks;
        }
        Ok(())
    }

    fn is_complete(&self) -> bool {
        self.head.as_ref().is_some_and(|head| {
            let expected = [head.units, head.facts, head.tasks].map(|count| count as usize);
            [self.units.len(), self.facts.len(), self.tasks] == expected && !self.items.is_open()
        })
    }

    pub(crate) fn finish(self) -> Result<State, String> {
        let complete = self.is_complete();
        let Some(head) = self.head.filter(|_| complete) else { return Err("it is not complete".to_owned()) };
        let units = Units::of(self.units, self.facts).map_err(|(place, why)| format!("{place}: {why}"))?;
        let state = State::of(units, self.records.finish());
        state.units.check_all_tasks().map_err(|misfit| misfit.to_string())?;
        Ok(State { stamp: head.stamp.stamp()?, next_detail: head.next_detail.max(1), ..state })
    }
}

/// The stamp of the newest commit in a base.
pub(super) fn stamp_of_base(log: &dyn CommitLog, revision: Revision) -> Result<Stamp> {
    let (mut items, mut found) = (Items::default(), None);
    log.scan_base(revision, &mut |_, bytes| {
        let first = items.first(bytes, |item| match item {
            ItemV1::Base(base) => base.stamp.stamp(),
            _ => Err("it does not say what it is".to_owned()),
        });
        found = first.map_err(|why| FormatError::new(name(revision), why))?;
        Ok(if found.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) })
    })?;
    found.ok_or_else(|| FormatError::new(name(revision), "it is not complete").into())
}
