//! A page of more tasks and units than a table can show: how busy each unit is in each section, the load of every unit,
//! and the tasks of each section.
//!
//! Input: sections and columns. Output: a grid of sections and the busiest units, shaded by quantile; one line per unit;
//! a folded list per section, or a link to a page of its own. Cost: one pass over the tasks; the cells of the grid are
//! sorted once.

use crate::model::{Result, Role};
use crate::view::{TaskRef, View};

use super::frame;
use super::layout::{Columns, Load};
use super::options::{PageOptions, UNITS_OF_A_GRID};
use super::out::Out;
use super::sections::{self, Section};
use super::style::{self, SHADES};
use super::texts::{self, Text};

/// Where the tasks of a section are.
#[derive(Clone, Copy)]
pub(super) enum Lists {
    /// On the page, folded.
    Folded,
    /// On pages of their own.
    Pages,
}

/// A page of sections.
pub(super) struct Grid<'p, 'v> {
    pub(super) view: &'v View,
    pub(super) above: &'p str,
    pub(super) tasks: usize,
    pub(super) sections: &'p [Section<'v>],
    pub(super) columns: &'p Columns<'v>,
    pub(super) options: &'p PageOptions,
    pub(super) lists: Lists,
}

/// The file of the page of a section, by its place, from 0.
pub(super) fn file_of(place: usize) -> String {
    format!("section-{}.html", place + 1)
}

impl Grid<'_, '_> {
    pub(super) fn write(&self, out: &mut Out<'_>) -> Result<()> {
        let Grid { view, columns, options, .. } = *self;
        frame::open(out, &frame::title_of(self.above, options), options, |out| {
            out.raw("@page{size:A3 landscape}\n");
            style::lists(out);
        });
        let assigned = columns.all.leads();
        out.html(format_args!(
            "<p>Tasks: {}, of these vacant: {}; sections: {}; units: {}; revision {}. Cells: tasks led &#183; \
             other tasks; a seventh of the cells has each shade.</p>\n",
            self.tasks,
            self.tasks - assigned.min(self.tasks),
            self.sections.len(),
            columns.list.len(),
            view.revision(),
        ));
        // For pages of sections their texts are read when those are written.
        let chars = if let Lists::Folded = self.lists { options.title_chars } else { 0 };
        let texts = texts::read(view, self.sections, chars)?;
        self.grid(out, &texts)?;
        out.raw("<h2 id=\"load\">Load of all units</h2>\n");
        self.loads(out)?;
        frame::idle_units(out, view, options);
        if let Lists::Folded = self.lists {
            out.raw("<h2 id=\"tasks\">Tasks by section</h2>\n");
            for (section, texts) in self.sections.iter().zip(&texts) {
                self.list(out, section, texts)?;
            }
        }
        frame::close(out);
        Ok(())
    }

    fn grid(&self, out: &mut Out<'_>, texts: &[Vec<Text>]) -> Result<()> {
        let shown = self.busiest();
        let rest = self.columns.list.len() - shown.iter().filter(|shown| **shown).count();
        let rows: Vec<Vec<Load>> = self.sections.iter().map(|section| self.cells_of(section, &shown)).collect();
        let shades = Shades::of(rows.iter().flat_map(|row| row.iter().take(row.len().saturating_sub(1))));
        out.raw("<div class=\"r g\" role=\"region\" tabindex=\"0\" aria-labelledby=\"c\"><table");
        frame::language(out, self.options);
        out.raw("><caption id=\"c\" lang=\"en\">Sections, with the number of tasks of each unit</caption>\n<colgroup><col class=\"t\">");
        let width = self.columns.list.len() - rest + 1 + usize::from(rest > 0);
        out.html(format_args!("<col span=\"{width}\"></colgroup>\n<thead><tr><th scope=\"col\" lang=\"en\">Section"));
        for (column, _) in self.columns.list.iter().zip(&shown).filter(|(_, shown)| **shown) {
            out.raw("<th scope=\"col\"><a href=\"#");
            out.anchor("unit:", column.unit.name());
            out.raw("\"><span>");
            out.name(column.unit.name());
            out.raw("</span></a>");
        }
        if rest > 0 {
            out.html(format_args!("<th scope=\"col\" lang=\"en\"><span>{rest} others</span>"));
        }
        out.raw("<th scope=\"col\" lang=\"en\"><span>all</span></thead>\n<tbody>");
        for (at, ((section, row), texts)) in self.sections.iter().zip(&rows).zip(texts).enumerate() {
            out.raw("<tr><th scope=\"row\"><a href=\"");
            match self.lists {
                Lists::Folded => {
                    out.raw("#");
                    out.anchor("section:", section.name);
                }
                Lists::Pages => out.raw(&file_of(at)),
            }
            out.raw("\">");
            out.name(sections::below(section.name, self.above));
            out.raw("</a>");
            frame::heading(out, &texts::common_heading(texts));
            out.raw(" <small lang=\"en\">");
            frame::tasks(out, section.tasks.len());
            out.raw("</small>");
            let last = row.len().saturating_sub(1);
            for (at, load) in row.iter().enumerate().filter(|(at, _)| *at < last || rest > 0) {
                let shade = if at < last { shades.of_load(load) } else { 0 };
                cell(out, load, shade);
            }
            let mut all = Load::default();
            row.iter().for_each(|load| all.add_all(load));
            cell(out, &all, 0);
            out.raw("\n");
            out.spill()?;
        }
        out.raw("</tbody>\n<tfoot lang=\"en\"><tr><th scope=\"row\">all");
        let mut others = Load::default();
        for (column, shown) in self.columns.list.iter().zip(&shown) {
            if *shown {
                cell(out, &column.load, 0);
            } else {
                others.add_all(&column.load);
            }
        }
        if rest > 0 {
            cell(out, &others, 0);
        }
        cell(out, &self.columns.all, 0);
        out.raw("</tfoot></table></div>\n");
        Ok(())
    }

    /// For each column whether it is one of the busiest units, which the grid shows.
    fn busiest(&self) -> Vec<bool> {
        let mut totals: Vec<(usize, usize)> =
            self.columns.list.iter().map(|column| column.load.total()).zip(0..).collect();
        totals.sort_by_key(|(total, place)| (std::cmp::Reverse(*total), *place));
        let mut shown = vec![false; self.columns.list.len()];
        for (_, place) in totals.into_iter().take(UNITS_OF_A_GRID) {
            shown.iter_mut().skip(place).take(1).for_each(|shown| *shown = true);
        }
        shown
    }

    /// The loads of a section: one for each shown column, then that of all others together.
    fn cells_of(&self, section: &Section<'_>, shown: &[bool]) -> Vec<Load> {
        let mut row = Vec::with_capacity(UNITS_OF_A_GRID + 1);
        let mut others = Load::default();
        for (load, shown) in self.columns.loads(&section.tasks).iter().zip(shown) {
            if *shown { row.push(*load) } else { others.add_all(load) }
        }
        row.push(others);
        row
    }

    /// Writes a line for each unit: the tasks that it leads, to the right, and its other tasks, to the left.
    fn loads(&self, out: &mut Out<'_>) -> Result<()> {
        const HALF: usize = 100;
        let loads = || self.columns.list.iter().map(|column| column.load);
        let most = loads().map(|load| load.leads().max(load.others())).max().unwrap_or(1).max(1);
        out.raw("<table class=\"b\"");
        frame::language(out, self.options);
        out.raw("><caption lang=\"en\">Units, with the number of their tasks</caption>\n<thead lang=\"en\"><tr><th scope=\"col\">Unit");
        let roles: Vec<Role> = self.columns.roles().collect();
        roles.iter().for_each(|role| out.html(format_args!("<th scope=\"col\">{}", frame::words(*role))));
        out.raw("<th scope=\"col\">other tasks | leads</thead>\n<tbody>");
        for column in &self.columns.list {
            let (name, load) = (column.unit.name(), column.load);
            out.raw("<tr id=\"");
            out.anchor("unit:", name);
            out.raw("\"><th scope=\"row\">");
            out.name(name);
            roles.iter().for_each(|role| out.html(format_args!("<td>{}", load.of(*role))));
            // Every part is at least a line of one pixel.
            let width = |count: usize| (count * HALF).div_ceil(most);
            let (right, left) = (width(load.leads()), width(load.others()));
            out.html(format_args!(
                "<td><svg viewBox=\"0 0 200 9\" aria-hidden=\"true\"><path class=\"l\" d=\"M{HALF} 0h{right}v9h-{right}z\"/>\
                 <path class=\"s\" d=\"M{HALF} 0h-{left}v9h{left}z\"/></svg>\n"
            ));
            out.spill()?;
        }
        out.raw("</tbody></table>\n");
        Ok(())
    }

    fn list(&self, out: &mut Out<'_>, section: &Section<'_>, texts: &[Text]) -> Result<()> {
        out.raw("<details id=\"");
        out.anchor("section:", section.name);
        out.raw("\"><summary>");
        out.name(sections::below(section.name, self.above));
        let vacant = section.tasks.iter().filter(|task| task.lead().is_none()).count();
        frame::heading(out, &texts::common_heading(texts));
        out.raw(" <small>");
        frame::tasks(out, section.tasks.len());
        if vacant > 0 {
            out.html(format_args!(", {vacant} vacant"));
        }
        out.raw("</small></summary><ul");
        frame::language(out, self.options);
        out.raw(">\n");
        for (task, text) in section.tasks.iter().zip(texts) {
            self.item(out, *task, text);
            out.spill()?;
        }
        out.raw("</ul></details>\n");
        Ok(())
    }

    fn item(&self, out: &mut Out<'_>, task: TaskRef<'_>, text: &Text) {
        out.raw("<li id=\"");
        out.anchor("task:", task.key());
        out.raw("\">");
        out.name(sections::below(task.key(), self.above));
        frame::title(out, &text.title);
        out.raw(": ");
        frame::units(out, task.units().map(|(unit, role)| (unit.name(), role)));
        out.raw("\n");
    }
}

fn cell(out: &mut Out<'_>, load: &Load, shade: usize) {
    match (load.total(), shade) {
        (0, _) => out.raw("<td>"),
        (_, 0) => out.html(format_args!("<td>{}&#183;{}", load.leads(), load.others())),
        _ => out.html(format_args!("<td class=\"q{shade}\">{}&#183;{}", load.leads(), load.others())),
    }
}

/// The shades of cells: as many cells have each, as far as equal cells allow. A scale that is linear would leave all
/// but the busiest unit pale, since a few units have most tasks.
struct Shades {
    totals: Vec<usize>,
}

impl Shades {
    fn of<'l>(loads: impl Iterator<Item = &'l Load>) -> Shades {
        let mut totals: Vec<usize> = loads.map(Load::total).filter(|total| *total > 0).collect();
        totals.sort_unstable();
        Shades { totals }
    }

    /// The shade of a cell, from 1; 0 for an empty one.
    fn of_load(&self, load: &Load) -> usize {
        let total = load.total();
        if total == 0 || self.totals.is_empty() {
            return 0;
        }
        let below = self.totals.partition_point(|other| *other < total);
        1 + below * SHADES / self.totals.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(tasks: usize) -> Load {
        let mut load = Load::default();
        (0..tasks).for_each(|_| load.add(Role::Lead));
        load
    }

    #[test]
    fn shades_follow_the_order_of_cells_and_not_their_size() {
        let loads: Vec<Load> = [1, 2, 3, 4, 5, 6, 7000].map(load).to_vec();
        let shades = Shades::of(loads.iter());
        assert!(loads.iter().map(|load| shades.of_load(load)).eq(1..=7));
        assert_eq!(shades.of_load(&Load::default()), 0);
        let alike: Vec<Load> = [3; 5].map(load).to_vec();
        assert_eq!(Shades::of(alike.iter()).of_load(&load(3)), 1);
    }
}
