//! The methods that add an edit, written once for edits as a plain value and for a batch of an index.

/// The methods that add an edit, for a type with a method `with`, which adds one.
macro_rules! edit_methods {
    () => {
        /// Assigns a task. Of a list of names the first leads and the others support, in this order; an
        /// [`Assignment`](crate::Assignment) can give all roles. The units replace those that the task had. Its details stay.
        /// Unknown units are created, unless the index was opened to [reject them](crate::OpenOptions::unknown_units).
        pub fn assign(self, task: impl Into<String>, units: impl $crate::model::NamedUnits) -> Self {
            let mut named = Vec::new();
            let Ok(()) = units.each_unit::<::std::convert::Infallible>(|unit, role| {
                named.push((unit.to_owned(), role));
                Ok(())
            });
            self.with($crate::edit::Edit::Assign { task: task.into(), units: named })
        }

        /// Makes a unit the lead of a known task. A unit that already has a role in the task changes to lead. The former
        /// lead becomes the first unit in the role `former`; with `None` it leaves the task. A former lead can't stay one
        /// ([`InputError::TwoLeads`](crate::InputError::TwoLeads)).
        pub fn set_lead(
            self,
            task: impl Into<String>,
            unit: impl Into<String>,
            former: Option<$crate::model::Role>,
        ) -> Self {
            self.with($crate::edit::Edit::SetLead { task: task.into(), unit: unit.into(), former })
        }

        /// Makes the next in succession the lead: the first co-lead, or else the first supporting unit. A former lead leaves
        /// the task.
        pub fn promote(self, task: impl Into<String>) -> Self {
            self.with($crate::edit::Edit::Promote { task: task.into() })
        }

        /// Takes the lead from a task. Its other units and its details stay.
        pub fn vacate(self, task: impl Into<String>) -> Self {
            self.with($crate::edit::Edit::Vacate { task: task.into() })
        }

        /// Adds a unit to a known task, after those of its role. [`Role::Lead`](crate::Role::Lead) is for vacant tasks.
        pub fn add(self, task: impl Into<String>, unit: impl Into<String>, role: $crate::model::Role) -> Self {
            self.with($crate::edit::Edit::Add { task: task.into(), unit: unit.into(), role })
        }

        /// Gives a unit of a task another role; it becomes the last unit in that role. The lead can't be changed this way
        /// ([`InputError::IsLead`](crate::InputError::IsLead)): use [`set_lead`](Self::set_lead) or [`vacate`](Self::vacate).
        pub fn set_role(self, task: impl Into<String>, unit: impl Into<String>, role: $crate::model::Role) -> Self {
            self.with($crate::edit::Edit::SetRole { task: task.into(), unit: unit.into(), role })
        }

        /// Moves a unit of a task to another place among those of its role, counted from 0.
        pub fn move_to(self, task: impl Into<String>, unit: impl Into<String>, place: usize) -> Self {
            self.with($crate::edit::Edit::MoveTo { task: task.into(), unit: unit.into(), place })
        }

        /// Takes a unit other than the lead from a task.
        pub fn withdraw(self, task: impl Into<String>, unit: impl Into<String>) -> Self {
            self.with($crate::edit::Edit::Withdraw { task: task.into(), unit: unit.into() })
        }

        /// Makes a task known. A new task is vacant; a known task stays as it is.
        pub fn declare(self, task: impl Into<String>) -> Self {
            self.with($crate::edit::Edit::Declare { task: task.into() })
        }

        /// Forgets a task with its units and details. Does nothing if the task is not known.
        pub fn remove(self, task: impl Into<String>) -> Self {
            self.with($crate::edit::Edit::Remove { task: task.into() })
        }

        /// Gives a task another key. Its units, its details and its [history](crate::View::history) go with it, and so do
        /// obligations that are about this task alone. All moves of a batch happen at once, before its other edits: so a
        /// list can be renumbered (1 to 2, 2 to 3). The new key must be free, or that of a task that is moved away.
        ///
        /// ```
        /// use responsibility_index::Index;
        ///
        /// let index = Index::in_memory();
        /// index.assign("plan/1", ["Transport"])?;
        /// index.assign("plan/2", ["Finance"])?;
        /// // A task is inserted in front.
        /// let moved = index.batch().move_task("plan/1", "plan/2").move_task("plan/2", "plan/3");
        /// moved.assign("plan/1", ["Police"]).commit()?;
        /// let view = index.view();
        /// assert_eq!(view.leads(&["plan/1", "plan/2", "plan/3"]), [Some("Police"), Some("Transport"), Some("Finance")]);
        /// assert_eq!(view.history("plan/3").count(), 2);
        /// # Ok::<(), responsibility_index::Error>(())
        /// ```
        pub fn move_task(self, from: impl Into<String>, to: impl Into<String>) -> Self {
            self.with($crate::edit::Edit::MoveTask { from: from.into(), to: to.into(), replaces: false })
        }

        /// Gives all tasks of a section other keys: the one with this key, and those below it at a `/`. A
        /// [move](Self::move_task) of each: some microseconds per task.
        pub fn move_section(self, from: impl Into<String>, to: impl Into<String>) -> Self {
            self.with($crate::edit::Edit::MoveSection { from: from.into(), to: to.into() })
        }

        /// Refuses the batch with [`Conflict::Standing`](crate::Conflict::Standing) unless the task has this standing after the
        /// edits before this one. `None` expects that the task is not known. Names are compared by unit, so an alias matches.
        /// Details are not compared.
        pub fn only_if(self, task: impl Into<String>, standing: Option<$crate::model::Standing>) -> Self {
            self.with($crate::edit::Edit::Expect { task: task.into(), standing })
        }

        /// Sets the details of a known task; `None` clears them.
        pub fn set_details(self, task: impl Into<String>, details: impl Into<Option<$crate::model::Details>>) -> Self {
            self.with($crate::edit::Edit::SetDetails { task: task.into(), details: details.into().map(Box::new) })
        }

        /// Sets the title of a known task and keeps its other details. An empty title removes it.
        pub fn set_title(self, task: impl Into<String>, title: impl Into<String>) -> Self {
            let part = $crate::edit::DetailsPart::Title(title.into());
            self.with($crate::edit::Edit::SetPart { task: task.into(), part })
        }

        /// Sets the text of a known task and keeps its other details. An empty text removes it.
        pub fn set_text(self, task: impl Into<String>, text: impl Into<String>) -> Self {
            let part = $crate::edit::DetailsPart::Text(text.into());
            self.with($crate::edit::Edit::SetPart { task: task.into(), part })
        }

        /// Sets one named field in the details of a known task and keeps its other details.
        pub fn set_field(self, task: impl Into<String>, field: impl Into<String>, value: impl Into<String>) -> Self {
            let part = $crate::edit::DetailsPart::Field(field.into(), Some(value.into()));
            self.with($crate::edit::Edit::SetPart { task: task.into(), part })
        }

        /// Removes one named field from the details of a known task, if it is there.
        pub fn unset_field(self, task: impl Into<String>, field: impl Into<String>) -> Self {
            let part = $crate::edit::DetailsPart::Field(field.into(), None);
            self.with($crate::edit::Edit::SetPart { task: task.into(), part })
        }

        /// Refuses the batch with [`Conflict::Field`](crate::Conflict::Field) unless a named field of a known task has this value
        /// after the edits before this one. `None` expects that the field is not set.
        pub fn only_if_field(self, task: impl Into<String>, field: impl Into<String>, value: Option<&str>) -> Self {
            let (task, field, value) = (task.into(), field.into(), value.map(str::to_owned));
            self.with($crate::edit::Edit::ExpectField { task, field, value })
        }

        /// Creates a unit. Does nothing if a unit with this name and kind exists. A unit of another kind is refused with
        /// [`InputError::OtherKind`](crate::InputError::OtherKind), and an alias of another unit with
        /// [`InputError::NameTaken`](crate::InputError::NameTaken).
        pub fn create_unit(self, name: impl Into<String>, kind: $crate::model::UnitKind) -> Self {
            self.with($crate::edit::Edit::CreateUnit { name: name.into(), kind })
        }

        /// Gives a unit one more name, by which it is then found everywhere.
        pub fn add_alias(self, unit: impl Into<String>, alias: impl Into<String>) -> Self {
            self.with($crate::edit::Edit::AddAlias { unit: unit.into(), alias: alias.into() })
        }

        /// Removes an alias of a unit.
        pub fn remove_alias(self, unit: impl Into<String>, alias: impl Into<String>) -> Self {
            self.with($crate::edit::Edit::RemoveAlias { unit: unit.into(), alias: alias.into() })
        }

        /// Gives a unit another canonical name. The former name becomes an alias, so that older documents still
        /// resolve. Touches no task.
        pub fn rename_unit(self, unit: impl Into<String>, name: impl Into<String>) -> Self {
            self.with($crate::edit::Edit::Rename { unit: unit.into(), name: name.into() })
        }

        /// Carries out a [reform](crate::reform): units take the place of others. About 4 µs per task that changes; a
        /// rename touches no task.
        pub fn reform(self, reform: $crate::edit::Reform) -> Self {
            self.with($crate::edit::Edit::Reform { reform })
        }

        /// Records that units took the place of others, as of a day, also of one before the index began. Moves no task, and
        /// ends no unit: for what a [reform](Self::reform) of this index did not do.
        pub fn add_lineage<U: Into<String>>(
            self,
            from: impl IntoIterator<Item = U>,
            to: impl IntoIterator<Item = U>,
            day: impl Into<Option<::jiff::civil::Date>>,
        ) -> Self {
            let (from, to) = (from.into_iter().map(Into::into), to.into_iter().map(Into::into));
            self.with($crate::edit::Edit::AddLineage { from: from.collect(), to: to.collect(), day: day.into() })
        }

        /// Takes back the end of a unit that has kept its name: it can be assigned again.
        pub fn reopen_unit(self, unit: impl Into<String>) -> Self {
            self.with($crate::edit::Edit::ReopenUnit { unit: unit.into() })
        }

        /// Gives a collective its members, in order: bodies or collectives. They replace those that it had. Unknown units are
        /// created, as by [`assign`](Self::assign), the collective as well.
        pub fn set_members<U: Into<String>>(
            self,
            collective: impl Into<String>,
            members: impl IntoIterator<Item = U>,
        ) -> Self {
            let members = members.into_iter().map(Into::into).collect();
            self.with($crate::edit::Edit::SetMembers { collective: collective.into(), members })
        }

        /// Adds a member to a collective, as the last one. Does nothing if it is a member.
        pub fn add_member(self, collective: impl Into<String>, member: impl Into<String>) -> Self {
            self.with($crate::edit::Edit::AddMember { collective: collective.into(), member: member.into() })
        }

        /// Takes a member from a collective.
        pub fn remove_member(self, collective: impl Into<String>, member: impl Into<String>) -> Self {
            self.with($crate::edit::Edit::RemoveMember { collective: collective.into(), member: member.into() })
        }

        /// Sets an [obligation](crate::report) to report, or replaces the one with its name.
        pub fn set_obligation(self, obligation: $crate::model::Obligation) -> Self {
            self.with($crate::edit::Edit::SetObligation { obligation: Box::new(obligation) })
        }

        /// Removes an obligation. Its reports stay.
        pub fn remove_obligation(self, name: impl Into<String>) -> Self {
            self.with($crate::edit::Edit::RemoveObligation { name: name.into() })
        }

        /// Files a report, or replaces that of the unit for the same due day. A unit that does not owe may report, and one that
        /// has ended.
        pub fn report(self, report: $crate::model::Report) -> Self {
            self.with($crate::edit::Edit::Report { report: Box::new(report) })
        }

        /// Takes a report back, as if it had never come.
        pub fn withdraw_report(
            self,
            obligation: impl Into<String>,
            unit: impl Into<String>,
            due: ::jiff::civil::Date,
        ) -> Self {
            let (obligation, unit) = (obligation.into(), unit.into());
            self.with($crate::edit::Edit::WithdrawReport { obligation, unit, due })
        }

        /// Removes a unit that no task names at this point of the batch. Its names become free. Walks the tasks that
        /// edits before this one have changed: where many are, remove units in a batch of their own.
        pub fn remove_unit(self, unit: impl Into<String>) -> Self {
            self.with($crate::edit::Edit::RemoveUnit { unit: unit.into() })
        }

        /// Sets whether a unit is one body or a name for many.
        pub fn set_kind(self, unit: impl Into<String>, kind: $crate::model::UnitKind) -> Self {
            self.with($crate::edit::Edit::SetKind { unit: unit.into(), kind })
        }

        /// Takes a commit back: what it changed becomes what it was, with the names and details of then. Units that it
        /// created are removed if no other task names them; those that it removed come back, for followers as new units. A
        /// bulk load can't be reverted.
        ///
        /// Refused with [`Conflict::ChangedSince`](crate::Conflict::ChangedSince), which names the first thing, where a later
        /// commit changed the same task, or an edit before this one does, or where a unit differs from what the commit made
        /// of it; with [`InputError::NameTaken`](crate::InputError::NameTaken) where another unit has a name of then.
        pub fn revert(self, revision: $crate::id::Revision) -> Self {
            self.with($crate::edit::Edit::Revert { revision })
        }
    };
}
pub(crate) use edit_methods;
