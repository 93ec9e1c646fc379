//! The parts that all pages share: the head, the legend, cells of roles, texts of tasks, the end.

use crate::model::Role;
use crate::text::first_chars;
use crate::view::View;

use super::layout::{Columns, Part};
use super::options::PageOptions;
use super::out::Out;
use super::style;
use super::texts::Short;

/// Nothing may be loaded, run or sent by a page.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// The most units without a task that are listed unfolded.
const FEW: usize = 60;

/// Opens a page: its head, and its title as the first heading.
pub(super) fn open(out: &mut Out<'_>, title: &str, options: &PageOptions, rules: impl FnOnce(&mut Out<'_>)) {
    out.raw("<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">");
    out.raw("<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">");
    out.html(format_args!("<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">\n<title>"));
    out.text(title);
    out.raw("</title>\n<style>\n");
    style::common(out);
    rules(out);
    out.raw("</style></head>\n<body><h1");
    language(out, options);
    out.raw(">");
    out.name(title);
    out.raw("</h1>\n");
}

/// Closes a page.
pub(super) fn close(out: &mut Out<'_>) {
    out.raw("</body></html>\n");
}

/// Adds the attribute of the language of names, if the options give one.
pub(super) fn language(out: &mut Out<'_>, options: &PageOptions) {
    if !options.language.is_empty() {
        out.raw(" lang=\"");
        out.text(&options.language);
        out.raw("\"");
    }
}

/// The title of the page.
pub(super) fn title_of(section: &str, options: &PageOptions) -> String {
    match (options.title.as_str(), section) {
        ("", "") => "Responsibility matrix".to_owned(),
        ("", section) => format!("Responsibility matrix: {section}"),
        (title, _) => title.to_owned(),
    }
}

/// The class of a role.
pub(super) fn class(role: Role) -> &'static str {
    match role {
        Role::Lead => "l",
        Role::CoLead => "j",
        Role::Support => "s",
        Role::Consulted => "c",
        Role::Informed => "i",
    }
}

/// The tasks of a role, in words.
pub(super) fn words(role: Role) -> &'static str {
    match role {
        Role::Lead => "leads",
        Role::CoLead => "co-leads",
        Role::Support => "supports",
        Role::Consulted => "consulted",
        Role::Informed => "informed",
    }
}

/// Writes the mark of a part: `L`; `L2`, `L3`, ... for co-leads; 1, 2, ... for supporting units; `C` and `I`.
pub(super) fn mark(out: &mut Out<'_>, part: Part) {
    match part.role {
        Role::Lead => out.raw("L"),
        Role::CoLead => out.html(format_args!("L{}", part.rank + 1)),
        Role::Support => out.html(format_args!("{}", part.rank)),
        Role::Consulted => out.raw("C"),
        Role::Informed => out.raw("I"),
    }
}

/// Writes what the marks mean, for the roles that there are.
pub(super) fn legend(out: &mut Out<'_>, columns: &Columns<'_>) {
    out.raw("<p class=\"k\">");
    for (at, role) in columns.roles().enumerate() {
        out.raw(if at > 0 { "; " } else { "" });
        out.raw(match role {
            Role::Lead => "<b class=\"l\">L</b> leads",
            Role::CoLead => "<b class=\"j\">L2</b> <b class=\"j\">L3</b> &#8230; lead jointly, in order",
            Role::Support => "<b class=\"s\">1</b> <b class=\"s\">2</b> &#8230; support, in order",
            Role::Consulted => "<b class=\"c\">C</b> is consulted",
            Role::Informed => "<b class=\"i\">I</b> is informed",
        });
    }
    out.raw("</p>\n");
}

/// Writes the column headers of units, with anchors.
pub(super) fn unit_header(out: &mut Out<'_>, name: &str) {
    out.raw("<th scope=\"col\" id=\"");
    out.anchor("unit:", name);
    out.raw("\"");
    // A longer name is cut on the screen: see the rules of headers.
    if first_chars(name, 9).1 {
        out.raw(" title=\"");
        out.text(name);
        out.raw("\"");
    }
    out.raw("><span>");
    out.name(name);
    out.raw("</span></th>");
}

/// Writes a title of a task, behind a space; nothing where there is none.
pub(super) fn title(out: &mut Out<'_>, title: &Short) {
    if !title.text.is_empty() {
        out.raw(" ");
        out.name(&title.text);
        out.raw(if title.more { "&#8230;" } else { "" });
    }
}

/// Writes a heading in small type, behind a space; nothing where there is none.
pub(super) fn heading(out: &mut Out<'_>, heading: &Short) {
    if !heading.text.is_empty() {
        out.raw(" <small>");
        out.name(&heading.text);
        out.raw(if heading.more { "&#8230;</small>" } else { "</small>" });
    }
}

/// Writes a number of tasks.
pub(super) fn tasks(out: &mut Out<'_>, tasks: usize) {
    out.html(format_args!("{tasks} {}", if tasks == 1 { "task" } else { "tasks" }));
}

/// Lists the units that no task of the index names; folded where they are many.
pub(super) fn idle_units(out: &mut Out<'_>, view: &View, options: &PageOptions) {
    let idle: Vec<&str> = view.idle_units().map(|unit| unit.name()).collect();
    if idle.is_empty() {
        return;
    }
    let folded = idle.len() > FEW;
    out.raw(if folded { "<details><summary>" } else { "<p>" });
    out.html(format_args!("Units that no task names: {}", idle.len()));
    out.raw(if folded { "</summary><p" } else { "<span" });
    language(out, options);
    out.raw(if folded { ">" } else { "> &#8211; " });
    for (at, name) in idle.into_iter().enumerate() {
        out.raw(if at > 0 { "; " } else { "" });
        out.name(name);
    }
    out.raw(if folded { "</p></details>\n" } else { "</span></p>\n" });
}

/// Writes the units of a task as a sentence: the lead in bold type, then those of each role in order.
pub(super) fn units<'u>(out: &mut Out<'_>, units: impl Iterator<Item = (&'u str, Role)>) {
    let mut before: Option<Role> = None;
    for (at, (name, role)) in units.enumerate() {
        if at == 0 && role != Role::Lead {
            out.raw("<em lang=\"en\">vacant</em>");
        }
        match (role, before == Some(role)) {
            (Role::Lead, _) => out.raw("<b>"),
            (_, true) => out.raw(", "),
            (Role::Support, false) => out.raw(" with "),
            (_, false) => out.html(format_args!("; {role}: ")),
        }
        out.name(name);
        out.raw(if role == Role::Lead { "</b>" } else { "" });
        before = Some(role);
    }
    if before.is_none() {
        out.raw("<em lang=\"en\">vacant</em>");
    }
}
