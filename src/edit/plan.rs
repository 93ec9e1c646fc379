//! Plans a batch: the view before and edits in, their effect out.
//!
//! Unit edits take effect at once; task edits gather in one draft per task, so that each task has one change.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use crate::id::UnitId;
use crate::model::{
    Conflict, Details, Error, InputError, MAX_UNITS_OF_A_TASK, Result, Role, Stamp, Standing, check_task_key,
    check_text,
};
use crate::order::compare_keys;
use crate::state::{self, Change, Member, State, TaskImage, pack};
use crate::view::View;

use super::details::StoredDetails;
use super::draft::{Draft, DraftDetails};
use super::edits::{DetailsPart, Edit, Edits};
use super::effect::{Effect, standing};
use super::moves::{Move, Moves};
use super::unit_planner::{UnitPlanner, bug};

/// The rules of an index for its batches.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    /// Whether naming an unknown unit creates it.
    pub(crate) create_units: bool,
}

/// Decides what the edits change in the view.
///
/// `None` if it needs details that are not among those that were `read`: another commit has set them since.
pub(crate) fn plan(
    view: &View,
    edits: &Edits,
    rules: Rules,
    read: &StoredDetails,
    clock: u64,
) -> Result<Option<Effect>> {
    check_text(&edits.note.why)?;
    check_text(&edits.note.who)?;
    if let Some(expected) = edits.expected.filter(|expected| *expected != view.revision()) {
        return Err(Conflict::Revision { expected, found: view.revision() }.into());
    }
    let stamp = view.state().stamp.next(clock, edits.day)?;
    let moves = Moves::of(edits, view).map_err(|(place, error)| at(edits, place, error.into()))?;
    let mut planner = Planner::new(view.state(), rules, stamp, read);
    planner.move_all(&moves)?;
    for (place, edit) in edits.list.iter().enumerate() {
        planner.edit(edit).map_err(|error| at(edits, place, error))?;
        if planner.unread {
            return Ok(None);
        }
    }
    planner.finish(view, stamp).map(Some)
}

/// The error of the edit at a place.
fn at(edits: &Edits, place: usize, error: Error) -> Error {
    match error {
        // In a batch of one edit the position says nothing.
        Error::Input(mistake) if edits.list.len() > 1 => {
            let task = edits.list.get(place).and_then(Edit::task).map(str::to_owned);
            Error::Edit { position: place + 1, task, mistake }
        }
        other => other,
    }
}

pub(super) struct Planner<'p> {
    pub(super) before: &'p State,
    /// The state before with the units of the batch. Its tasks are those before.
    pub(super) units: UnitPlanner,
    drafts: HashMap<&'p str, Draft<'p>>,
    pub(super) read: &'p StoredDetails,
    /// The tasks in which reforms have put one unit in the places of several.
    pub(super) collapsed: BTreeSet<&'p str>,
    /// Whether details are needed that were not read.
    unread: bool,
}

impl<'p> Planner<'p> {
    fn new(before: &'p State, rules: Rules, stamp: Stamp, read: &'p StoredDetails) -> Planner<'p> {
        let units = UnitPlanner::new(before.clone(), rules.create_units, stamp.day);
        Planner { before, units, drafts: HashMap::new(), read, collapsed: BTreeSet::new(), unread: false }
    }

    fn move_all(&mut self, moves: &'p Moves<'_>) -> Result<()> {
        if moves.tasks.is_empty() {
            return Ok(());
        }
        let taken: Vec<_> = moves.tasks.iter().map(|task| self.draft(&task.from).take()).collect();
        for (Move { from, to, .. }, (members, details)) in moves.tasks.iter().zip(taken) {
            let draft = self.draft(to);
            (draft.is_known, draft.members, draft.details) = (true, members, details);
            draft.moved_from = Some(from);
        }
        self.units.move_obligations(moves)
    }

    fn edit(&mut self, edit: &'p Edit) -> Result<()> {
        match edit {
            Edit::Assign { task, units } => self.assign(task, units),
            Edit::SetLead { task, unit, former } => self.set_lead(task, unit, *former),
            Edit::Promote { task } => self.promote(task),
            Edit::Vacate { task } => {
                self.known(task)?.members.retain(|member| !member.is_lead());
                Ok(())
            }
            Edit::Add { task, unit, role } => self.add(task, unit, *role),
            Edit::SetRole { task, unit, role } => self.set_role(task, unit, *role),
            Edit::MoveTo { task, unit, place } => self.move_to(task, unit, *place),
            Edit::Withdraw { task, unit } => {
                let (draft, place) = self.place_of(task, unit)?;
                draft.members.remove(place);
                Ok(())
            }
            Edit::Declare { task } => {
                check_task_key(task)?;
                self.draft(task).is_known = true;
                Ok(())
            }
            Edit::Remove { task } => {
                check_task_key(task)?;
                drop(self.draft(task).take());
                Ok(())
            }
            // Done before all other edits.
            Edit::MoveTask { .. } | Edit::MoveSection { .. } => Ok(()),
            Edit::Expect { task, standing } => self.expect(task, standing.as_ref()),
            Edit::SetDetails { task, details } => self.set_details(task, details.as_deref()),
            Edit::SetPart { task, part } => self.set_part(task, part),
            Edit::ExpectField { task, field, value } => self.expect_field(task, field, value.as_deref()),
            Edit::CreateUnit { name, kind } => self.units.create_unit(name, *kind),
            Edit::AddAlias { unit, alias } => self.units.add_alias(unit, alias),
            Edit::RemoveAlias { unit, alias } => self.units.remove_alias(unit, alias),
            Edit::Rename { unit, name } => self.units.rename(unit, name),
            Edit::SetKind { unit, kind } => self.units.set_kind(unit, *kind),
            Edit::RemoveUnit { unit } => self.remove_unit(unit),
            Edit::Reform { reform } => self.reform(reform),
            Edit::AddLineage { from, to, day } => self.units.add_lineage_of(from, to, *day),
            Edit::ReopenUnit { unit } => self.units.reopen(unit),
            Edit::SetMembers { collective, members } => self.units.set_members(collective, members),
            Edit::AddMember { collective, member } => self.units.add_member(collective, member),
            Edit::RemoveMember { collective, member } => self.units.remove_member(collective, member),
            Edit::SetObligation { obligation } => self.units.set_obligation(obligation),
            Edit::RemoveObligation { name } => self.units.remove_obligation(name),
            Edit::Report { report } => self.units.report(report),
            Edit::WithdrawReport { obligation, unit, due } => self.units.withdraw_report(obligation, unit, *due),
            Edit::Revert { revision } => self.revert(*revision),
        }
    }

    pub(super) fn draft(&mut self, task: &'p str) -> &mut Draft<'p> {
        let before = self.before;
        self.drafts.entry(task).or_insert_with(|| Draft::of(before, task))
    }

    fn known(&mut self, task: &'p str) -> Result<&mut Draft<'p>, InputError> {
        check_task_key(task)?;
        let draft = self.draft(task);
        if draft.is_known { Ok(draft) } else { Err(InputError::UnknownTask { task: task.to_owned() }) }
    }

    fn assign(&mut self, task: &'p str, named: &[(String, Role)]) -> Result<()> {
        check_task_key(task)?;
        if named.first().is_none_or(|(_, role)| *role != Role::Lead) {
            return Err(InputError::NoUnits { task: Some(task.to_owned()) }.into());
        }
        check_number_of_units(task, named.len())?;
        let mut members = Vec::with_capacity(named.len());
        let mut seen = HashSet::new();
        for (name, role) in named {
            let unit = self.units.resolve(name)?;
            // Up to 16 units, looking through the list is faster than hashing.
            let in_list = |members: &[Member]| members.iter().any(|member| member.unit() == unit);
            let twice = if named.len() > 16 { !seen.insert(unit) } else { in_list(&members) };
            if twice {
                return Err(self.named_twice(task, unit, name));
            }
            members.push(Member::new(unit, *role));
        }
        let draft = self.draft(task);
        (draft.is_known, draft.members) = (true, members);
        Ok(())
    }

    fn name(&self, unit: UnitId) -> String {
        self.units.state.units.name(unit).to_owned()
    }

    fn named_twice(&self, task: &str, unit: UnitId, written: &str) -> Error {
        let unit = self.name(unit);
        InputError::UnitTwice { task: Some(task.to_owned()), unit, written: written.to_owned() }.into()
    }

    fn set_lead(&mut self, task: &'p str, name: &str, former: Option<Role>) -> Result<()> {
        self.known(task)?;
        let unit = self.units.resolve(name)?;
        let before = self.draft(task).lead().filter(|lead| *lead != unit);
        if let Some(lead) = before.filter(|_| former == Some(Role::Lead)) {
            return Err(self.two_leads(task, lead, unit).into());
        }
        let draft = self.draft(task);
        draft.set_lead(unit, former);
        check_number_of_units(task, draft.members.len())?;
        Ok(())
    }

    fn promote(&mut self, task: &'p str) -> Result<()> {
        let draft = self.known(task)?;
        let mut next = draft.members.iter().filter(|member| matches!(member.role(), Role::CoLead | Role::Support));
        match next.next().map(|next| next.unit()) {
            Some(next) => draft.set_lead(next, None),
            None => return Err(InputError::NoSuccessor { task: task.to_owned() }.into()),
        }
        Ok(())
    }

    fn add(&mut self, task: &'p str, name: &str, role: Role) -> Result<()> {
        self.known(task)?;
        let unit = self.units.resolve(name)?;
        let draft = self.draft(task);
        if draft.place_of(unit).is_some() {
            return Err(self.named_twice(task, unit, name));
        }
        self.check_lead_is_free(task, unit, role)?;
        let draft = self.draft(task);
        check_number_of_units(task, draft.members.len() + 1)?;
        draft.add(unit, role);
        Ok(())
    }

    /// Checks that a unit does not become a second lead.
    fn check_lead_is_free(&mut self, task: &'p str, unit: UnitId, role: Role) -> Result<(), InputError> {
        let Some(lead) = self.draft(task).lead().filter(|_| role == Role::Lead) else { return Ok(()) };
        Err(self.two_leads(task, lead, unit))
    }

    fn two_leads(&self, task: &str, lead: UnitId, unit: UnitId) -> InputError {
        InputError::TwoLeads { task: Some(task.to_owned()), lead: self.name(lead), unit: self.name(unit) }
    }

    /// The place of a unit other than the lead.
    fn place_of(&mut self, task: &'p str, name: &str) -> Result<(&mut Draft<'p>, usize)> {
        self.known(task)?;
        let unit = self.units.known(name)?;
        let draft = self.draft(task);
        let (task, name) = (task.to_owned(), name.to_owned());
        match draft.place_of(unit) {
            Some(0) if draft.lead().is_some() => Err(InputError::IsLead { task, unit: name }.into()),
            Some(place) => Ok((draft, place)),
            None => Err(InputError::NotNamed { task, unit: name }.into()),
        }
    }

    fn set_role(&mut self, task: &'p str, name: &str, role: Role) -> Result<()> {
        let (draft, place) = self.place_of(task, name)?;
        let unit = draft.members.get(place).map(|member| (member.unit(), member.role()));
        let Some((unit, _)) = unit.filter(|(_, before)| *before != role) else { return Ok(()) };
        self.check_lead_is_free(task, unit, role)?;
        let draft = self.draft(task);
        draft.members.remove(place);
        draft.add(unit, role);
        Ok(())
    }

    fn move_to(&mut self, task: &'p str, name: &str, place: usize) -> Result<()> {
        let (draft, at) = self.place_of(task, name)?;
        let member = draft.members.remove(at);
        let role = member.role();
        let first = draft.members.partition_point(|other| other.role() < role);
        let units = draft.members.iter().filter(|other| other.role() == role).count() + 1;
        if place >= units {
            return Err(InputError::NoSuchPlace { task: task.to_owned(), place, role, units }.into());
        }
        draft.members.insert(first + place, member);
        Ok(())
    }

    fn expect(&mut self, task: &'p str, expected: Option<&Standing>) -> Result<()> {
        check_task_key(task)?;
        let draft = self.draft(task);
        let (is_known, members) = (draft.is_known, draft.members.clone());
        // Names are compared by the units they mean, so that an alias or a rename does not matter.
        let named = expected.into_iter().flat_map(Standing::units);
        let units = named.map(|(name, role)| Some(Member::new(self.units.state.units.find(name)?, role)));
        if expected.is_some() == is_known && units.eq(members.iter().copied().map(Some)) {
            return Ok(());
        }
        let found = is_known.then(|| standing(&self.units.state, &members));
        Err(Conflict::Standing { task: task.to_owned(), expected: expected.cloned(), found }.into())
    }

    fn set_details(&mut self, task: &'p str, details: Option<&'p Details>) -> Result<()> {
        details.map_or(Ok(()), Details::check)?;
        let read = self.read;
        let draft = self.known(task)?;
        // What a document said is not the caller's, and stays; it is lost with details that can't be read.
        let before = match &draft.details {
            DraftDetails::Set(details) => Some(&**details),
            DraftDetails::Stored(0) => None,
            DraftDetails::Stored(id) => match read.get(*id) {
                None if !read.are_lost(*id) => {
                    self.unread = true;
                    return Ok(());
                }
                read => read,
            },
        };
        let said =
            before.and_then(|before| before.said.clone()).filter(|_| details.is_none_or(|new| new.said.is_none()));
        draft.details = match (details, said) {
            (None, None) => DraftDetails::Stored(0),
            (Some(details), None) => DraftDetails::Set(Cow::Borrowed(details)),
            (details, said) => {
                // Of details that are removed, what a document said stays.
                let details = details.cloned().unwrap_or_default();
                DraftDetails::Set(Cow::Owned(Details { said, ..details }))
            }
        };
        Ok(())
    }

    /// The details of a known task as the edits so far have left them. `None` if they were not read.
    fn details(&mut self, task: &'p str) -> Result<Option<Cow<'p, Details>>, InputError> {
        let read = self.read;
        let details = match &self.known(task)?.details {
            DraftDetails::Set(details) => Some(details.clone()),
            DraftDetails::Stored(0) => Some(Cow::Owned(Details::default())),
            DraftDetails::Stored(id) => read.get(*id).map(Cow::Borrowed),
        };
        self.unread = details.is_none();
        Ok(details)
    }

    fn set_part(&mut self, task: &'p str, part: &DetailsPart) -> Result<()> {
        let Some(details) = self.details(task)? else { return Ok(()) };
        let mut details = details.into_owned();
        part.put_into(&mut details);
        details.check()?;
        self.draft(task).details = DraftDetails::Set(Cow::Owned(details));
        Ok(())
    }

    fn expect_field(&mut self, task: &'p str, field: &str, expected: Option<&str>) -> Result<()> {
        let Some(details) = self.details(task)? else { return Ok(()) };
        let found = details.fields.get(field);
        if found.map(String::as_str) == expected {
            return Ok(());
        }
        let (expected, found) = (expected.map(str::to_owned), found.cloned());
        Err(Conflict::Field { task: task.to_owned(), field: field.to_owned(), expected, found }.into())
    }

    fn remove_unit(&mut self, name: &str) -> Result<()> {
        let unit = self.units.known(name)?;
        if let Some(task) = self.task_of(unit) {
            return Err(InputError::UnitInUse { unit: self.name(unit), task: task.to_owned() }.into());
        }
        self.units.remove(unit)
    }

    /// The first task, by key, that names a unit.
    pub(super) fn task_of(&self, unit: UnitId) -> Option<&'p str> {
        self.tasks_of(unit).min_by(|a, b| compare_keys(a, b))
    }

    /// The tasks that name a unit after the edits so far.
    pub(super) fn tasks_of(&self, unit: UnitId) -> impl Iterator<Item = &'p str> {
        let state: &'p State = self.before;
        let lists = state.units.tasks(unit).into_iter().flat_map(|tasks| tasks.lists());
        let before = lists.flat_map(|list| list.ids().iter().collect::<Vec<_>>());
        let before = before.filter_map(|task| state.tasks.record(task)).map(|record| record.key());
        let before = before.filter(|key| !self.drafts.contains_key(key));
        let drafts = self.drafts.iter().filter(move |(_, draft)| draft.place_of(unit).is_some());
        before.chain(drafts.map(|(key, _)| *key))
    }

    /// Turns the drafts into changes, in key order, so that new tasks are numbered in that order.
    fn finish(self, before: &View, stamp: Stamp) -> Result<Effect> {
        let Planner { units, drafts, read, collapsed, .. } = self;
        let UnitPlanner { state: mut with_units, mut changes, mut touched, .. } = units;
        let mut drafts: Vec<(&str, Draft<'_>)> = drafts.into_iter().collect();
        drafts.sort_unstable_by(|a, b| compare_keys(a.0, b.0));
        let is_changed = before.revision() + 1;
        let mut new_details = Vec::new();
        let mut changed = Vec::new();
        for (key, draft) in &drafts {
            let stored = draft.stored();
            let detail = match &draft.details {
                DraftDetails::Stored(id) => *id,
                DraftDetails::Set(details) if **details == Details::default() => 0,
                DraftDetails::Set(details) if read.get(stored) == Some(details) => stored,
                DraftDetails::Set(details) => {
                    let id = with_units.next_detail;
                    with_units.next_detail += 1;
                    new_details.push((id, details.clone().into_owned()));
                    id
                }
            };
            let was = draft.was.as_ref().map(|(members, detail)| TaskImage { members, detail: *detail });
            let is = draft.is_known.then_some(TaskImage { members: &draft.members, detail });
            if was != is {
                let (was_changed, moved_from) = (draft.was_changed, draft.moved_from.filter(|_| is.is_some()));
                changed.push(state::TaskChange { key, was, is, was_changed, is_changed, moved_from });
            }
        }
        let tasks: Vec<Change> = pack(changed).into_iter().map(Change::Tasks).collect();
        let (mut after, by_tasks) = with_units.apply(&tasks).map_err(bug)?;
        touched.merge(by_tasks);
        changes.extend(tasks);
        if !changes.is_empty() {
            (after.revision, after.stamp) = (is_changed, stamp);
        }
        let collapsed = collapsed.into_iter().map(str::to_owned).collect();
        let (before, after) = (before.clone(), before.with(after));
        Ok(Effect { before, after, changes, details: new_details, touched, collapsed })
    }
}

pub(super) fn check_number_of_units(task: &str, units: usize) -> Result<(), InputError> {
    if units > MAX_UNITS_OF_A_TASK {
        return Err(InputError::TooManyUnits { task: task.to_owned(), units, most: MAX_UNITS_OF_A_TASK });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::id::DetailId;
    use crate::id::Revision;
    use crate::view::{ReadLog, TaskAt};

    struct NoDetails;

    impl ReadLog for NoDetails {
        fn details(&self, id: DetailId) -> Result<Details> {
            panic!("details {id} were read while edits were planned")
        }

        fn task_at(&self, revision: Revision, _: &str) -> Result<TaskAt> {
            panic!("commit {revision} was read while edits were planned")
        }

        fn changes(&self, revision: Revision) -> Result<Option<Vec<Change>>> {
            panic!("commit {revision} was read while edits were planned")
        }

        fn horizon(&self) -> Result<Revision> {
            panic!("the horizon was read while edits were planned")
        }
    }

    fn planned(view: &View, list: Vec<Edit>) -> Result<Option<Effect>> {
        let edits = Edits { list, ..Edits::default() };
        plan(view, &edits, Rules { create_units: true }, &StoredDetails::default(), 0)
    }

    /// Planning runs under the writer's lock: an unknown name used to be compared with all names there, and details to be
    /// read from disk.
    #[test]
    fn planning_neither_looks_for_near_names_nor_reads_details() {
        let empty = View::new(State::empty(), Arc::new(NoDetails));
        let details = Some(Box::new(Details::titled("title")));
        let assign = Edit::Assign { task: "t".to_owned(), units: vec![("Transport".to_owned(), Role::Lead)] };
        let set = Edit::SetDetails { task: "t".to_owned(), details };
        let view = planned(&empty, vec![assign, set.clone()]).unwrap().unwrap().after;
        assert!(planned(&view, vec![set]).unwrap().is_none(), "what a document said may be in them");
        let part = Edit::SetPart { task: "t".to_owned(), part: DetailsPart::Title("other".to_owned()) };
        assert!(planned(&view, vec![part]).unwrap().is_none(), "whoever asked has to read them");
        let unknown = Edit::Rename { unit: "Transprot".to_owned(), name: "Roads".to_owned() };
        match planned(&view, vec![unknown]).unwrap_err() {
            Error::Input(InputError::UnknownUnit { near, .. }) => assert_eq!(near, Vec::<String>::new()),
            other => panic!("{other:?}"),
        }
    }
}
