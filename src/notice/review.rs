//! Findings that need the whole notice: units, rules, headings without tasks, reports of every year, lines of which
//! nothing was read.
//!
//! Cost: a few passes over the parts of the notice, and one over its text.

use crate::model::UnitKind;

use super::finding_kind::{FindingKind, Found};
use super::lexicon;
use super::model::Notice;
use super::name;
use super::text::{Span, contains_any};
use super::unread;
use super::variants::variants;
use super::yearly::Yearly;

/// Adds the findings to those of the notice. `first_named` has the first place of each unit, `headers` the lines that
/// were read as the title of the document or as headers of tables.
pub(super) fn add_findings(notice: &mut Notice<'_>, first_named: &[Span], headers: Vec<Span>) {
    report_units(notice, first_named);
    let Notice { rules, found, .. } = notice;
    found.extend(rules.iter().map(|(rule, span)| Found { kind: FindingKind::RuleFound { rule: *rule }, span: *span }));
    report_headings(notice);
    let Notice { yearly, found, .. } = notice;
    let yearly = yearly.iter().enumerate();
    found.extend(
        yearly.map(|(report, Yearly { span, .. })| Found { kind: FindingKind::YearlyReport { report }, span: *span }),
    );
    report_unread(notice, headers);
}

/// Reports collectives, bodies with two names, and names that may be two spellings of one.
#[expect(clippy::indexing_slicing, reason = "pairs hold places of units, and each unit has a first place")]
fn report_units(notice: &mut Notice<'_>, first_named: &[Span]) {
    let Notice { units, found, .. } = notice;
    for (at, (unit, span)) in units.iter().zip(first_named).enumerate() {
        if unit.kind == UnitKind::Collective {
            found.push(Found { kind: FindingKind::Collective { unit: at }, span: *span });
        } else if let Some(second) = name::second_plate(&unit.name) {
            found.push(Found { kind: FindingKind::TwoNames { unit: at, second }, span: *span });
        }
    }
    let names: Vec<&str> = units.iter().map(|unit| &*unit.name).collect();
    for (other, unit) in variants(&names) {
        found.push(Found { kind: FindingKind::NameVariant { unit, other }, span: first_named[unit] });
    }
}

/// Reports the lines of which nothing was read. A finding about the number of a heading does not cover the words behind
/// the number.
fn report_unread(notice: &mut Notice<'_>, headers: Vec<Span>) {
    let Notice { text, tasks, found, .. } = notice;
    let of_words = |found: &&Found| match found.kind {
        FindingKind::NumberingGap { .. } | FindingKind::HeadingRepeated { .. } => false,
        // It covers the title only: words behind the title are reported as a line.
        FindingKind::HeadingWithoutTask => contains_any(found.span.of(text), &lexicon::RESPONSIBILITY),
        _ => true,
    };
    let mut read = headers;
    read.extend(tasks.iter().flat_map(|task| [task.clause, task.text]));
    read.extend(found.iter().filter(of_words).map(|found| found.span));
    found.extend(unread::find_all(text, read));
}

/// Reports the uppermost headings without a task below them.
#[expect(clippy::indexing_slicing, reason = "a parent is the place of a node")]
fn report_headings(notice: &mut Notice<'_>) {
    let Notice { tree, found, .. } = notice;
    let nodes = &tree.nodes;
    let under_busy = |parent: Option<u32>| parent.is_none_or(|parent| nodes[parent as usize].busy);
    let empty = nodes.iter().filter(|node| !node.busy && under_busy(node.parent));
    found.extend(empty.map(|node| {
        let span = Span::new(node.marker.start, node.title.end.max(node.marker.end));
        Found { kind: FindingKind::HeadingWithoutTask, span }
    }));
}
