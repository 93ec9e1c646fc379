//! The page of a plan: each task that changes, with its units before and after.
//!
//! Units are matched by their numbers, so that a renamed unit is one column. Cost: a cell for each task that changes and
//! each unit that has a part in one before or after.

use crate::edit::Effect;
use crate::id::{DetailId, UnitId};
use crate::model::{Result, Role};
use crate::state::{Change, Member, TaskChange, TaskImage};

use super::frame;
use super::layout::{Columns, Part};
use super::options::{MOST_TASKS, PageForm, PageOptions, PageReport, check};
use super::out::Out;
use super::style;
use super::texts::Text;

/// Units before and after, by their numbers.
type Parts = (UnitId, Role);

/// Writes what edits change.
pub(super) fn write(effect: &Effect, options: &PageOptions, out: &mut Out<'_>) -> Result<PageReport> {
    let tasks: Vec<TaskChange<'_>> = effect.changes.iter().flat_map(Change::tasks).collect();
    check("tasks", tasks.len(), MOST_TASKS)?;
    let (before, after) = (effect.before(), effect.after());
    let parts = tasks.iter().flat_map(|task| parts_of(task.was).chain(parts_of(task.is)));
    let numbered = before.state().units.numbered().max(after.state().units.numbered());
    let columns = Columns::of(numbered, |unit| after.unit_of(unit).or_else(|| before.unit_of(unit)), parts);
    let form = if tasks.len() * columns.list.len() > options.most_cells { PageForm::List } else { PageForm::Table };
    let title = if options.title.is_empty() { "Changes to the responsibility matrix" } else { &options.title };
    frame::open(out, title, options, |out| {
        out.raw("@page{size:A3 landscape}\n");
        style::lists(out);
    });
    let (from, to) = (before.revision(), effect.revision());
    out.html(format_args!("<p>Tasks that change: {}; revision {from} &#8594; {to}.</p>\n", tasks.len()));
    unit_changes(effect, options, out);
    let texts = texts(effect, &tasks, options.title_chars)?;
    let page = ChangePage { effect, tasks: &tasks, texts: &texts, columns: &columns, options };
    match form {
        PageForm::Table => page.table(out)?,
        _ => page.list(out)?,
    }
    frame::close(out);
    Ok(PageReport { form, tasks: tasks.len(), units: columns.list.len(), sections: 0, bytes: 0 })
}

fn parts_of(image: Option<TaskImage<'_>>) -> impl Iterator<Item = Parts> {
    let members: &[Member] = image.map_or(&[], |image| image.members);
    members.iter().map(|member| (member.unit(), member.role()))
}

/// Lists the units that edits create, change or remove.
fn unit_changes(effect: &Effect, options: &PageOptions, out: &mut Out<'_>) {
    let mut open = false;
    for change in effect.units() {
        out.raw(if open { "; " } else { "<p>Units: " });
        out.raw("<span");
        frame::language(out, options);
        out.raw(">");
        match (change.before, change.after) {
            (Some(before), Some(after)) if before.name() != after.name() => {
                out.raw("<del>");
                out.name(before.name());
                out.raw("</del> &#8594; <ins>");
                out.name(after.name());
                out.raw("</ins></span>");
            }
            (Some(_), Some(after)) => {
                out.name(after.name());
                out.raw("</span> ");
                out.raw(if after.ended().is_some() { "ends" } else { "changes" });
            }
            (None, Some(after)) => {
                out.raw("<ins>");
                out.name(after.name());
                out.raw("</ins></span> is new");
            }
            (Some(before), None) => {
                out.raw("<del>");
                out.name(before.name());
                out.raw("</del></span> is removed");
            }
            (None, None) => out.raw("</span>"),
        }
        open = true;
    }
    out.raw(if open { "</p>\n" } else { "" });
}

struct ChangePage<'p, 'v> {
    effect: &'p Effect,
    tasks: &'p [TaskChange<'p>],
    /// The texts of each task.
    texts: &'p [Text],
    columns: &'p Columns<'v>,
    options: &'p PageOptions,
}

impl ChangePage<'_, '_> {
    fn table(&self, out: &mut Out<'_>) -> Result<()> {
        frame::legend(out, self.columns);
        out.raw("<p>A cell that changes is outlined: <del>before</del> <ins>after</ins>.</p>\n");
        out.raw("<div class=\"r\" role=\"region\" tabindex=\"0\" aria-labelledby=\"c\"><table");
        frame::language(out, self.options);
        out.raw(
            "><caption id=\"c\" lang=\"en\">Tasks that change, with the role of each unit before and after</caption>\n",
        );
        out.raw("<colgroup><col class=\"t\">");
        if !self.columns.list.is_empty() {
            out.html(format_args!("<col span=\"{}\">", self.columns.list.len()));
        }
        out.raw("</colgroup>\n<thead><tr><th scope=\"col\" lang=\"en\">Task");
        self.columns.list.iter().for_each(|column| frame::unit_header(out, column.unit.name()));
        out.raw("</thead>\n<tbody>");
        let (mut was, mut is) = (vec![None; self.columns.list.len()], vec![None; self.columns.list.len()]);
        for (task, text) in self.tasks.iter().zip(self.texts) {
            out.raw("<tr id=\"");
            out.anchor("task:", task.key);
            out.raw("\"><th scope=\"row\">");
            head(out, task, text);
            self.columns.fill(&mut was, parts_of(task.was));
            self.columns.fill(&mut is, parts_of(task.is));
            was.iter().zip(&is).for_each(|(was, is)| cell(out, *was, *is));
            out.raw("\n");
            out.spill()?;
        }
        out.raw("</tbody></table></div>\n");
        Ok(())
    }

    fn list(&self, out: &mut Out<'_>) -> Result<()> {
        out.raw("<ul");
        frame::language(out, self.options);
        out.raw(">\n");
        for (task, text) in self.tasks.iter().zip(self.texts) {
            out.raw("<li id=\"");
            out.anchor("task:", task.key);
            out.raw("\">");
            head(out, task, text);
            if task.was.map(|was| was.members) != task.is.map(|is| is.members) {
                out.raw(": ");
                for (image, tag, state) in
                    [(task.was, "del", self.effect.before().state()), (task.is, "ins", self.effect.after().state())]
                {
                    let Some(image) = image else { continue };
                    out.html(format_args!("<{tag}>"));
                    let members = image.members.iter();
                    frame::units(out, members.map(|member| (state.units.name(member.unit()), member.role())));
                    out.html(format_args!("</{tag}> "));
                }
            }
            out.raw("\n");
            out.spill()?;
        }
        out.raw("</ul>\n");
        Ok(())
    }
}

/// Writes the key and the title of a task, and how it changes as a whole.
fn head(out: &mut Out<'_>, task: &TaskChange<'_>, text: &Text) {
    if let Some(from) = task.moved_from {
        out.raw("<del>");
        out.name(from);
        out.raw("</del> ");
    }
    out.name(task.key);
    out.raw(match (task.was, task.is) {
        (None, Some(_)) => " <em lang=\"en\">new</em>",
        (Some(_), None) => " <em lang=\"en\">removed</em>",
        (_, Some(is)) if !is.members.first().is_some_and(|first| first.is_lead()) => " <em lang=\"en\">vacant</em>",
        _ if task.changes_details() => " <em lang=\"en\">details</em>",
        _ => "",
    });
    frame::title(out, &text.title);
}

/// The texts of tasks after the edits; before them where a task is removed. Empty ones where no characters are shown.
fn texts(effect: &Effect, tasks: &[TaskChange<'_>], chars: usize) -> Result<Vec<Text>> {
    let mut texts = vec![Text::default(); tasks.len()];
    if chars == 0 {
        return Ok(texts);
    }
    let details = |task: &TaskChange<'_>| task.is.or(task.was).map_or(0, |image| image.detail);
    let new = |id: DetailId| {
        let at = effect.details.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        effect.details.get(at).map(|(_, details)| details)
    };
    for (task, text) in tasks.iter().zip(&mut texts) {
        if let Some(details) = new(details(task)) {
            *text = Text::of_details(details.clone(), chars);
        }
    }
    let stored = tasks.iter().map(details).zip(0..).filter(|(id, _)| new(*id).is_none());
    #[expect(clippy::indexing_slicing, reason = "the places are those of the tasks")]
    effect.before().details_at(stored, &mut |place, details| texts[place] = Text::of_details(details, chars))?;
    Ok(texts)
}

fn cell(out: &mut Out<'_>, was: Option<Part>, is: Option<Part>) {
    let Some(shown) = is.or(was) else { return out.raw("<td>") };
    let changes = if was == is { "" } else { " x" };
    out.html(format_args!("<td class=\"{}{changes}\">", if is.is_some() { frame::class(shown.role) } else { "n" }));
    if was == is {
        return frame::mark(out, shown);
    }
    for (part, tag) in [(was, "del"), (is, "ins")] {
        let Some(part) = part else { continue };
        out.html(format_args!("<{tag}>"));
        frame::mark(out, part);
        out.html(format_args!("</{tag}>"));
    }
}
