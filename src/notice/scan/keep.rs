//! Tells whether the clause that was read is one, and keeps it with the text it governs.

use super::scanner::{Clause, Scanner};
use crate::notice::clause::Reading;
use crate::notice::finding_kind::{FindingKind, Found};
use crate::notice::lead::says_a_part;
use crate::notice::lexicon::{self, Part, is_space};
use crate::notice::members::Leftover;
use crate::notice::text::{Span, contains_any, has_length};

/// The longest name, in characters, that is kept as a unit although it does not end as names of units do.
const LONGEST_DOUBTFUL: usize = 8;
/// A shorter line, in bytes (20 Chinese characters), is a line of its own: a line broken in the middle of a sentence is
/// as wide as the page.
const SHORT_LINE: usize = 60;

/// Whether a character before a clause is of its line, not of the text of the task: a bullet, a mark of Markdown, a
/// quotation that begins.
fn is_lead_in(c: char) -> bool {
    is_space(c) || lexicon::is_bar(c) || lexicon::is_bullet(c) || lexicon::is_markup(c) || lexicon::opens_quote(c)
}

impl Scanner<'_> {
    /// Whether the draft is a clause. `strict` is for clauses without brackets, which are easily taken for prose: without
    /// a label each of the units has to be a body or an area by itself, in brackets half of them.
    pub(super) fn accepts(&self, reading: &Reading, strict: bool) -> bool {
        if self.draft.is_empty() || !says_a_part(reading) {
            return false;
        }
        let whole = self.draft.iter().filter(|mention| mention.whole).count();
        match (reading.labelled, strict) {
            (true, strict) => !strict || whole > 0,
            (false, true) => reading.leftover.is_empty() && whole == self.draft.len(),
            (false, false) => reading.leftover.ignored.is_empty() && whole > 0 && 2 * whole >= self.draft.len(),
        }
    }

    /// Whether at least half of the units of the draft, and of each of its groups one, are bodies or areas by themselves,
    /// and the others short and without a verb.
    pub(super) fn is_mostly_whole(&self) -> bool {
        let whole = self.draft.iter().filter(|mention| mention.whole).count();
        let mut others = self.draft.iter().filter(|mention| !mention.whole).map(|mention| mention.span.of(self.text));
        if others.any(|name| has_length(name, LONGEST_DOUBTFUL + 1) || contains_any(name, &lexicon::ROLE_WORDS)) {
            return false;
        }
        let mut groups = self.draft.chunk_by(|a, b| a.group == b.group);
        2 * whole >= self.draft.len() && whole > 0 && groups.all(|group| group.iter().any(|mention| mention.whole))
    }

    /// Reports the units of the draft that may not be units.
    pub(super) fn report_doubtful(&mut self) {
        let doubtful = self.draft.iter().filter(|mention| !mention.whole);
        self.scan.found.extend(doubtful.map(|mention| Found { kind: FindingKind::DoubtfulName, span: mention.span }));
    }

    /// Reports the pieces of a clause that name no unit.
    pub(super) fn report_leftover(&mut self, reading: &Reading) {
        let Leftover { ignored, persons } = &reading.leftover;
        ignored.iter().for_each(|span| self.found(FindingKind::PartIgnored, *span));
        persons.iter().for_each(|span| self.found(FindingKind::PersonSetAside, *span));
    }

    /// Whether all units of the draft support somebody whom it does not name.
    pub(super) fn only_supports(&self, reading: &Reading) -> bool {
        let somebody = reading.labelled || reading.unnamed || !reading.leftover.persons.is_empty();
        somebody && self.draft.iter().all(|mention| mention.own_part() == Part::Support)
    }

    pub(super) fn keep_everywhere(&mut self, reading: &Reading) {
        self.scan.everywhere.extend(reading.everywhere);
    }

    /// Keeps the draft as a clause at `span`, which is not empty, and goes on behind it. Supporting units alone are no
    /// clause: they are reported, and the text before them is left for the next clause.
    pub(super) fn record(&mut self, span: Span, reading: &Reading) {
        self.keep_everywhere(reading);
        self.report_leftover(reading);
        self.group += reading.groups + 1;
        if !self.joins_last(span, reading) {
            if self.only_supports(reading) {
                self.found(FindingKind::NoLead, span);
                self.draft.clear();
                self.role_at = None;
                self.go_to(span.end);
                return;
            }
            let task = self.task_of(span);
            self.push(span, task, reading);
        }
        self.cut_title(span);
        self.go_on(span.end, true);
    }

    /// Keeps the draft as a clause of its own, which governs `task`.
    pub(super) fn push(&mut self, span: Span, task: Span, reading: &Reading) {
        debug_assert!(!self.draft.is_empty(), "a clause without units at {}", span.start);
        let first = self.scan.mentions.len();
        self.scan.mentions.append(&mut self.draft);
        self.scan.clauses.push(Clause {
            span,
            task,
            node: self.scan.outline.here(),
            mentions: (first, self.scan.mentions.len()),
            shared: reading.role_words.shared,
            time: reading.time,
        });
    }

    /// Ends the title of the heading before a clause within it.
    fn cut_title(&mut self, clause: Span) {
        let text = self.text;
        if let Some(here) = self.scan.outline.current()
            && here.title.start < clause.start
            && clause.start < here.title.end
        {
            here.title = Span::new(here.title.start, clause.start).trim_edges(text);
        }
    }

    /// Supporting units straight behind a clause belong to it.
    fn joins_last(&mut self, span: Span, reading: &Reading) -> bool {
        let support = self.draft.iter().all(|mention| mention.part == Part::Support);
        if !self.behind_clause || !support || reading.role_words.lead || span.start < self.since {
            return false;
        }
        if !self.follows_directly(span.start) {
            return false;
        }
        debug_assert!(self.scan.clauses.last().is_some_and(|last| last.span.end == self.since), "no clause ends here");
        let Some(last) = self.scan.clauses.last_mut() else { return false };
        self.scan.mentions.append(&mut self.draft);
        last.mentions.1 = self.scan.mentions.len();
        last.span.end = span.end;
        last.time = last.time.or(reading.time);
        true
    }

    /// The text that a clause governs: its own paragraph as far as no clause governs it yet, or, where that is empty,
    /// everything since the clause, heading number or row before.
    fn task_of(&self, clause: Span) -> Span {
        let line = self.line_start.max(self.since);
        let own = Span::new(line, clause.start).trim_edges(self.text);
        let start = if own.is_empty() { self.since } else { self.paragraph_start(line) };
        Span::new(start, clause.start).trim_task(self.text).trim_end_by(self.text, is_lead_in)
    }

    /// The start of the paragraph of a line, where lines are broken in the middle of sentences.
    fn paragraph_start(&self, line: usize) -> usize {
        // The end of the words before `start`: long lines of blanks before it are passed over once.
        let (mut start, mut words) = (line, self.text.len());
        while start > self.since {
            let before = self.between(self.since, start);
            let before = before.strip_suffix(lexicon::is_break).unwrap_or(before);
            if words > self.since + before.len() {
                words = self.since + before.trim_end_matches(is_space).len();
            }
            let last = self.between(self.since, words).chars().next_back();
            let begin = self.since + before.rfind(lexicon::is_break).map_or(0, |at| at + 1);
            let title = begin == self.since && self.scan.outline.here().is_some();
            let ended = last.is_none_or(|c| lexicon::is_stop(c) || lexicon::closes(c));
            if title || ended || start - begin < SHORT_LINE {
                break;
            }
            start = begin;
        }
        start
    }
}
