//! Lists of rectifications: a problem, its measures as numbered lines, and below them the units for all of them.
//!
//! Input: a line that is nothing but the label of measures. Output: the style of the numbers that are text of the problem
//! and no headings. There is one if at least two numbered lines without clauses of their own follow, and then a labelled
//! line. Cost: 3000 bytes behind such a line are looked at, once.

use super::scanner::Scanner;
use crate::notice::heading::{Marker, Style, marker_at};
use crate::notice::label;
use crate::notice::lexicon::{self, Part};
use crate::notice::text::{Span, starts_with_any};
use crate::notice::token::{Kind, within};

/// The measures of a problem take no more bytes: 1000 Chinese characters.
const LONGEST_MEASURES: usize = 3000;

/// The label of measures, spaced out, takes no more bytes: 20 Chinese characters.
const LONGEST_LABEL: usize = 60;

impl Scanner<'_> {
    /// Notes the style of the measures that begin behind the line at `at`, if it is the label of measures.
    pub(super) fn begin_measures(&mut self, at: usize) {
        let start = self.skip_space(at);
        let near = self.between(start, self.boundary(start + LONGEST_LABEL));
        let Some(end) = starts_with_any(near, &lexicon::MEASURES) else { return };
        let Some(rest) = self.after(start + end).strip_prefix(lexicon::is_colon) else { return };
        if let Some(line) = self.next_line(self.text.len() - rest.len()) {
            self.measures = self.style_of_measures(line);
        }
    }

    /// Whether a number is that of a measure. One that nests higher ends the measures.
    pub(super) fn is_measure(&mut self, marker: Marker) -> bool {
        let is_measure = self.measures.is_some_and(|style| marker.style >= style);
        if !is_measure {
            self.measures = None;
        }
        is_measure
    }

    fn style_of_measures(&self, at: usize) -> Option<Style> {
        let end = self.boundary(at + LONGEST_MEASURES);
        let style = marker_at(self.text, self.skip_space(at))?.style;
        if self.scan.outline.is_open(style) {
            return None;
        }
        let (mut start, mut count) = (at, 0);
        for line in self.between(at, end).split(lexicon::is_break) {
            match marker_at(self.text, self.skip_space(start)) {
                Some(marker) if marker.style < style => return None,
                Some(_) if self.has_clause(Span::new(start, start + line.len())) => return None,
                Some(marker) => count += usize::from(marker.style == style),
                None if self.starts_with_label(start) => return (count > 1).then_some(style),
                None => {}
            }
            start += line.len() + 1;
        }
        None
    }

    /// Whether a line has role words in a bracket, or a label.
    fn has_clause(&self, line: Span) -> bool {
        let units = |part| matches!(part, Part::Lead | Part::Support | Part::Unmarked);
        let mut depth = 0_usize;
        within(self.tokens, line.start, line.end).iter().any(|token| match token.kind {
            Kind::Lead | Kind::Duty => depth > 0,
            Kind::Open | Kind::Close => {
                depth = if token.kind == Kind::Open { depth + 1 } else { depth.saturating_sub(1) };
                false
            }
            Kind::Colon => label::before(self.text, token.at, line.start).is_some_and(|label| units(label.part)),
            _ => false,
        })
    }
}
