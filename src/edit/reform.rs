//! A reform of units, as a plain value. Decides nothing.

use crate::view::TaskSet;

/// A reform of units: which units take the place of which others, and who gets their tasks. One edit of a
/// [`Batch`](crate::Batch), so that it can be planned, noted, dated and reverted.
///
/// See [`reform`](crate::reform) for the rules.
///
/// ```
/// use responsibility_index::Index;
/// use responsibility_index::reform::Reform;
///
/// let index = Index::in_memory();
/// index.assign("plan/1", ["Roads", "Railways", "Finance"])?;
/// index.assign("plan/2", ["Finance", "Railways"])?;
///
/// let plan = index.batch().reform(Reform::of(["Roads", "Railways"]).becomes(["Transport"])).plan()?;
/// assert_eq!(plan.collapsed().map(|task| task.key).collect::<Vec<_>>(), ["plan/1"]);
/// plan.commit()?;
/// let view = index.view();
/// assert!(view.supporting("plan/1").eq(["Finance"]));
/// assert_eq!(view.unit("Roads")?.name(), "Transport");
/// assert_eq!(view.unit("Transport")?.predecessors().map(|unit| unit.name()).collect::<Vec<_>>(), ["Roads", "Railways"]);
/// # Ok::<(), responsibility_index::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use = "a reform does nothing until it is part of edits that are committed"]
pub struct Reform {
    pub(crate) sources: Vec<String>,
    pub(crate) results: Vec<String>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) leave_undecided: bool,
}

/// Who gets which places of the sources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Rule {
    Give(Tasks, Vec<String>),
    DropSupport,
    Rest(String),
}

/// Some tasks by their keys: those of a section, or a list. Made from a prefix, from a list of keys, or from a
/// [`TaskSet`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tasks(pub(crate) Selected);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Selected {
    Section(String),
    Keys(Vec<String>),
}

impl From<&str> for Tasks {
    /// The tasks of a section: the task with this key, and those below it.
    fn from(prefix: &str) -> Tasks {
        Tasks(Selected::Section(prefix.to_owned()))
    }
}

impl From<String> for Tasks {
    /// The tasks of a section: the task with this key, and those below it.
    fn from(prefix: String) -> Tasks {
        Tasks(Selected::Section(prefix))
    }
}

impl From<&TaskSet> for Tasks {
    fn from(tasks: &TaskSet) -> Tasks {
        tasks.keys().collect()
    }
}

impl<K: Into<String>> FromIterator<K> for Tasks {
    fn from_iter<I: IntoIterator<Item = K>>(keys: I) -> Tasks {
        Tasks(Selected::Keys(keys.into_iter().map(Into::into).collect()))
    }
}

impl Reform {
    /// A reform of some units. Without [results](Reform::becomes) they are abolished.
    pub fn of<U: Into<String>>(sources: impl IntoIterator<Item = U>) -> Reform {
        Reform { sources: names(sources), ..Reform::default() }
    }

    /// The units that take their place. Those that are not known are created. A source that is also a result goes on, and
    /// keeps what no rule gives away; the other sources end.
    pub fn becomes<U: Into<String>>(self, results: impl IntoIterator<Item = U>) -> Reform {
        Reform { results: names(results), ..self }
    }

    /// A transfer of some tasks from one unit to another; both go on.
    pub fn transfer(from: impl Into<String>, to: impl Into<String>, tasks: impl Into<Tasks>) -> Reform {
        let from = from.into();
        Reform::of([from.clone()]).becomes([from]).give(tasks, [to.into()])
    }

    /// Gives the places of the sources in some tasks to these units, in this order. The first rule that has a task counts.
    pub fn give<U: Into<String>>(self, tasks: impl Into<Tasks>, to: impl IntoIterator<Item = U>) -> Reform {
        let to = names(to);
        self.rule(Rule::Give(tasks.into(), to))
    }

    /// Gives the places of the sources in all tasks that no rule before this one has to a unit.
    pub fn rest(self, to: impl Into<String>) -> Reform {
        let to = to.into();
        self.rule(Rule::Rest(to))
    }

    /// Takes the sources off the tasks that they do not lead and that no rule before this one has.
    pub fn drop_support(self) -> Reform {
        self.rule(Rule::DropSupport)
    }

    /// Leaves tasks that no rule has with the unit that ends: [`View::undecided`](crate::View::undecided) lists them.
    /// Without this such tasks refuse the reform.
    pub fn leave_undecided(self) -> Reform {
        Reform { leave_undecided: true, ..self }
    }

    fn rule(mut self, rule: Rule) -> Reform {
        self.rules.push(rule);
        self
    }
}

fn names<U: Into<String>>(units: impl IntoIterator<Item = U>) -> Vec<String> {
    units.into_iter().map(Into::into).collect()
}
