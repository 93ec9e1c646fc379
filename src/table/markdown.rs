//! Reads Markdown tables: rows of cells between bars, under a header and a rule.
//!
//! Input: a text. Output: its tables, and the lines between them. Bars behind a backslash are text, `<br>` is a line
//! break, marks of emphasis, code and links are taken off. Fenced code has no tables. Cost: one pass.

use crate::text::{between, boundary};

use super::error::TableError;
use super::grid::Table;
use super::lexicon::is_space;
use super::place::Places;
use super::prose::{Line, Parts};

/// Whether a text has a table.
pub(super) fn has_table(text: &str) -> bool {
    // Most texts without a table have no bar at all.
    if !is_row(text) {
        return false;
    }
    let mut before = "";
    text.lines().any(|line| {
        let found = is_row(before) && is_rule(line);
        before = line;
        found
    })
}

fn is_row(line: &str) -> bool {
    line.contains('|')
}

/// Whether a line separates a header from its rows: `| --- | :-: |`.
fn is_rule(line: &str) -> bool {
    let line = line.trim_matches(is_space);
    line.contains('-') && line.contains('|') && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
}

pub(super) fn read(text: &str, parts: &mut Parts) -> Result<(), TableError> {
    let mut places = Places::new(text);
    let mut lines = text.split_inclusive('\n').peekable();
    let (mut at, mut fence): (usize, Option<char>) = (0, None);
    while let Some(line) = lines.next() {
        let start = at;
        at += line.len();
        let trimmed = line.trim_matches(is_space);
        let opened = ['`', '~'].into_iter().find(|c| trimmed.starts_with([*c; 3].iter().collect::<String>().as_str()));
        if opened.is_some() && (fence.is_none() || fence == opened) {
            fence = if fence.is_some() { None } else { opened };
            continue;
        }
        let begins = fence.is_none() && is_row(line) && lines.peek().is_some_and(|next| is_rule(next));
        if !begins {
            prose(line, start, &mut places, parts);
            continue;
        }
        let mut table = Table::new(std::mem::take(&mut parts.heading));
        row(line, start, &mut places, &mut table)?;
        at += lines.next().map_or(0, str::len);
        while let Some(next) = lines.next_if(|next| is_row(next)) {
            row(next, at, &mut places, &mut table)?;
            at += next.len();
        }
        parts.tables.push(table);
    }
    Ok(())
}

/// Takes a line outside tables. A heading, or a line in bold type, is the title of the next table.
fn prose(line: &str, start: usize, places: &mut Places<'_>, parts: &mut Parts) {
    let trimmed = line.trim_matches(is_space);
    if trimmed.is_empty() {
        return;
    }
    let place = places.of(start + (line.len() - line.trim_start_matches(is_space).len()));
    let text = plain(trimmed.trim_start_matches(['#', '>', ' ']));
    if trimmed.starts_with('#') || trimmed.starts_with("**") && trimmed.trim_end_matches(':').ends_with("**") {
        parts.heading.clone_from(&text);
    }
    parts.lines.push(Line { text, place });
}

/// Adds the cells of a line to a table, as a row.
fn row(line: &str, start: usize, places: &mut Places<'_>, table: &mut Table) -> Result<(), TableError> {
    let content = line.trim_end_matches(is_space);
    let indent = content.len() - content.trim_start_matches(is_space).len();
    let first = indent + usize::from(content.get(indent..).is_some_and(|rest| rest.starts_with('|')));
    let (mut from, mut escaped) = (first, false);
    let mut cell = |from: usize, to: usize| {
        let raw = between(content, from, to);
        let spaces = raw.len() - raw.trim_start_matches(is_space).len();
        table.push(&plain(raw), places.of(start + from + if spaces == raw.len() { 0 } else { spaces }))
    };
    for (at, c) in content.char_indices().filter(|(at, _)| *at >= first) {
        if c == '|' && !escaped {
            cell(from, at)?;
            from = at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    // A bar at the end closes the last cell.
    if from < content.len() {
        cell(from, content.len())?;
    }
    table.end_row();
    Ok(())
}

/// The text of a cell or line without marks of Markdown.
pub(super) fn plain(raw: &str) -> String {
    let raw = raw.trim_matches(is_space);
    let mut text = String::with_capacity(raw.len());
    let mut chars = raw.chars();
    while let Some(c) = chars.next() {
        let after = chars.as_str();
        // The text of a mark, and the text behind the mark.
        let mark = match c {
            '\\' => after.chars().next().filter(char::is_ascii_punctuation).map(|_| after.split_at(1)),
            '`' => Some(("", after)),
            '*' | '_' => after.strip_prefix(c).map(|behind| ("", behind)),
            '<' => tag(after),
            '&' => entity(after),
            '[' => link(after),
            _ => None,
        };
        match mark {
            Some((words, behind)) => {
                text.push_str(words);
                chars = behind.chars();
            }
            None => text.push(c),
        }
    }
    let single = ['*', '_'].into_iter().find(|c| text.len() > 2 && text.starts_with(*c) && text.ends_with(*c));
    match single.and_then(|c| text.strip_prefix(c)?.strip_suffix(c)) {
        Some(inner) => inner.to_owned(),
        None => text,
    }
}

/// The longest tag, link or entity that is looked for, in bytes: a bound for the search at each mark.
const LONGEST_MARK: usize = 256;

/// The start of a text in which the end of a mark is looked for.
fn start_of(text: &str) -> &str {
    between(text, 0, boundary(text, LONGEST_MARK))
}

/// The text of the tag that begins behind `<`, which is a line break or none, and the text behind it.
fn tag(text: &str) -> Option<(&'static str, &str)> {
    let (tag, _) = start_of(text).split_once('>')?;
    let name = tag.trim_start_matches('/').trim_end_matches(['/', ' ']);
    let name: String = name.chars().take_while(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let words = match name.as_str() {
        "br" | "p" | "li" | "div" | "ul" | "ol" => "\n",
        "b" | "i" | "em" | "strong" | "span" | "sup" | "sub" | "code" | "a" | "u" | "small" | "font" => "",
        _ => return None,
    };
    Some((words, between(text, tag.len() + 1, text.len())))
}

/// The label of a link whose bracket is open, and the text behind the link.
fn link(text: &str) -> Option<(&str, &str)> {
    let (label, _) = start_of(text).split_once("](")?;
    let target = between(text, label.len() + 2, text.len());
    let (address, _) = start_of(target).split_once(')')?;
    (!label.contains(['[', '\n'])).then_some((label, between(target, address.len() + 1, target.len())))
}

/// The character of an entity behind `&`, and the text behind it. HTML knows more; these occur in Markdown.
fn entity(text: &str) -> Option<(&'static str, &str)> {
    let (name, _) = start_of(text).split_once(';')?;
    let decoded = match name {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" | "#39" => "'",
        "nbsp" => " ",
        "#124" | "vert" => "|",
        _ => return None,
    };
    Some((decoded, between(text, name.len() + 1, text.len())))
}
