//! A page with a row for each task and a column for each unit.
//!
//! Cost: one cell for each task and unit, also for those without a part; details are read once per task.

use crate::model::Result;
use crate::view::{TaskRef, View};

use super::frame;
use super::layout::{Columns, Load, Part};
use super::options::PageOptions;
use super::out::Out;
use super::sections::{self, Section};
use super::texts::{self, Text};

/// More units do not fit on an upright A3 page together with the titles.
const UPRIGHT: usize = 26;

/// Writes the page of tasks below a section. Returns the number of sections.
pub(super) fn write(
    out: &mut Out<'_>,
    view: &View,
    above: &str,
    tasks: &[TaskRef<'_>],
    columns: &Columns<'_>,
    options: &PageOptions,
) -> Result<usize> {
    let fewest_tasks = 2;
    let depth = options.depth.unwrap_or_else(|| sections::depth_for(tasks, above, tasks.len() / fewest_tasks));
    let sections = sections::group(tasks, above, depth);
    let title = frame::title_of(above, options);
    let paper = if columns.list.len() > UPRIGHT { "landscape" } else { "portrait" };
    frame::open(out, &title, options, |out| out.html(format_args!("@page{{size:A3 {paper}}}\n")));
    let vacant = tasks.iter().filter(|task| task.lead().is_none()).count();
    out.html(format_args!(
        "<p>Tasks: {}, of these vacant: {vacant}; sections: {}; units: {}; revision {}. Section rows: tasks \
         led &#183; other tasks.</p>\n",
        tasks.len(),
        sections.len(),
        columns.list.len(),
        view.revision(),
    ));
    frame::legend(out, columns);
    out.raw("<div class=\"r\" role=\"region\" tabindex=\"0\" aria-labelledby=\"c\"><table");
    frame::language(out, options);
    out.raw("><caption id=\"c\" lang=\"en\">Tasks by section, with the role of each unit</caption>\n<colgroup><col class=\"t\">");
    out.html(format_args!("<col span=\"{}\"></colgroup>\n", columns.list.len()));
    out.raw("<thead><tr><th scope=\"col\" lang=\"en\">Task</th>");
    columns.list.iter().for_each(|column| frame::unit_header(out, column.unit.name()));
    out.raw("</tr></thead>\n");
    let mut cells = vec![None; columns.list.len()];
    let texts = texts::read(view, &sections, options.title_chars)?;
    for (section, texts) in sections.iter().zip(&texts) {
        write_section(out, above, section, texts, columns, &mut cells)?;
    }
    totals(out, columns);
    out.raw("</table></div>\n");
    frame::idle_units(out, view, options);
    frame::close(out);
    Ok(sections.len())
}

fn write_section(
    out: &mut Out<'_>,
    above: &str,
    section: &Section<'_>,
    texts: &[Text],
    columns: &Columns<'_>,
    cells: &mut [Option<Part>],
) -> Result<()> {
    let common = texts::common_heading(texts);
    out.raw("<tbody><tr class=\"h\" id=\"");
    out.anchor("section:", section.name);
    out.raw("\"><th scope=\"rowgroup\">");
    out.name(sections::below(section.name, above));
    frame::heading(out, &common);
    for load in &columns.loads(&section.tasks) {
        match load.total() {
            0 => out.raw("<td>"),
            _ => out.html(format_args!("<td>{}&#183;{}</td>", load.leads(), load.others())),
        }
    }
    out.raw("\n");
    let mut last = &common;
    for (task, text) in section.tasks.iter().zip(texts) {
        out.raw("<tr id=\"");
        out.anchor("task:", task.key());
        out.raw("\"><th scope=\"row\"><a href=\"#");
        out.anchor("task:", task.key());
        out.raw("\">");
        out.name(sections::below(task.key(), above));
        out.raw("</a>");
        if task.lead().is_none() {
            out.raw(" <em lang=\"en\">vacant</em>");
        }
        if text.heading != *last {
            frame::heading(out, &text.heading);
            last = &text.heading;
        }
        frame::title(out, &text.title);
        write_cells(out, *task, columns, cells);
        out.raw("\n");
        out.spill()?;
    }
    out.raw("</tbody>\n");
    Ok(())
}

fn write_cells(out: &mut Out<'_>, task: TaskRef<'_>, columns: &Columns<'_>, cells: &mut [Option<Part>]) {
    columns.fill(cells, task.record().members().map(|member| (member.unit(), member.role())));
    for cell in cells.iter() {
        match cell {
            None => out.raw("<td>"),
            Some(part) => {
                out.html(format_args!("<td class=\"{}\">", frame::class(part.role)));
                frame::mark(out, *part);
                out.raw("");
            }
        }
    }
}

/// Writes a row of totals for each role.
fn totals(out: &mut Out<'_>, columns: &Columns<'_>) {
    out.raw("<tfoot lang=\"en\">");
    let mut row = |name: &str, count: &dyn Fn(&Load) -> usize| {
        out.html(format_args!("<tr><th scope=\"row\">{name}: {}", count(&columns.all)));
        columns.list.iter().for_each(|column| out.html(format_args!("<td>{}</td>", count(&column.load))));
        out.raw("\n");
    };
    for role in columns.roles() {
        row(frame::words(role), &|load| load.of(role));
    }
    row("all", &Load::total);
    out.raw("</tfoot>");
}
