//! The headings of a notice as a tree, with what is odd about their numbers. Knows numbers and order, not clauses.

use std::collections::HashMap;

use foldhash::fast::FixedState;

use super::heading::{Marker, STYLES, Style};
use super::text::Span;

/// A place in the outline: where tasks are counted.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) parent: Option<u32>,
    pub(super) number: u32,
    pub(super) marker: Span,
    pub(super) title: Span,
    /// Tasks straight under it.
    pub(super) tasks: u32,
    /// Whether a task is under it, at any depth.
    pub(super) busy: bool,
}

/// What is odd about a heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Oddity {
    /// Another number was to come.
    Gap { expected: u32 },
    /// It stood before.
    Returns { first: usize },
}

#[derive(Clone, Copy, Debug)]
struct Open {
    style: Style,
    number: u32,
    node: u32,
}

/// Headings, in a tree. A heading that returns under the same heading is the same node.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) nodes: Vec<Node>,
    open: Vec<Open>,
    known: HashMap<(u32, u32), u32, FixedState>,
    words: HashMap<(Style, u32, u64), usize, FixedState>,
    last: [u32; STYLES],
    /// Tasks before any heading.
    pub(super) loose: u32,
}

const ROOT: u32 = u32::MAX;

impl Outline {
    /// The node in whose scope the text is.
    pub(super) fn here(&self) -> Option<u32> {
        self.open.last().map(|open| open.node)
    }

    /// The same node, to be changed.
    #[expect(clippy::indexing_slicing, reason = "an open heading has a node, and nodes are never removed")]
    pub(super) fn current(&mut self) -> Option<&mut Node> {
        self.open.last().map(|open| &mut self.nodes[open.node as usize])
    }

    /// The number that comes next in a style: among its siblings where there are some, else 1 or running on.
    pub(super) fn expects(&self, style: Style, number: u32) -> bool {
        match self.open.iter().find(|open| open.style == style) {
            Some(open) => number == open.number + 1 || number == self.last(style) + 1,
            None => number == 1 || number == self.last(style) + 1,
        }
    }

    /// Whether a style is in use above or at this place.
    pub(super) fn is_open(&self, style: Style) -> bool {
        self.open.iter().any(|open| open.style == style)
    }

    fn last(&self, style: Style) -> u32 {
        self.last.get(style as usize).copied().unwrap_or(0)
    }

    /// Enters a heading; `words` is what stands behind its number.
    pub(super) fn enter(&mut self, marker: Marker, words: u64) -> Vec<Oddity> {
        let sibling = self.leave(marker.style);
        let parent = self.here();
        let node = self.node(parent, marker);
        let mut odd = Vec::new();
        let expected = sibling.unwrap_or(0) + 1;
        let running_on = marker.number == self.last(marker.style) + 1;
        let at = marker.span.start;
        let same_words = *self.words.entry((marker.style, marker.number, words)).or_insert(at);
        let same_place = self.nodes.get(node as usize).map_or(at, |n| n.marker.start);
        let first = same_words.min(same_place);
        if first != at {
            odd.push(Oddity::Returns { first });
        }
        if marker.number != expected && !running_on {
            odd.push(Oddity::Gap { expected });
        }
        if let Some(last) = self.last.get_mut(marker.style as usize) {
            *last = marker.number;
        }
        self.open.push(Open { style: marker.style, number: marker.number, node });
        odd
    }

    /// Leaves what a heading of this style ends; the number of its elder sibling.
    fn leave(&mut self, style: Style) -> Option<u32> {
        let mut sibling = None;
        while let Some(open) = self.open.last().copied().filter(|open| open.style >= style) {
            sibling = (open.style == style).then_some(open.number);
            self.open.pop();
        }
        sibling
    }

    fn node(&mut self, parent: Option<u32>, marker: Marker) -> u32 {
        let next = u32::try_from(self.nodes.len()).unwrap_or(ROOT - 1);
        let node = *self.known.entry((parent.unwrap_or(ROOT), marker.number)).or_insert(next);
        if node == next {
            let title = Span::new(marker.span.end, marker.span.end);
            self.nodes.push(Node { parent, number: marker.number, marker: marker.span, title, tasks: 0, busy: false });
        }
        node
    }

    /// Counts one more task under a node: its ordinal there.
    pub(super) fn count_task(&mut self, node: Option<u32>) -> u32 {
        let Some(node) = node else {
            self.loose += 1;
            return self.loose;
        };
        let mut above = Some(node);
        while let Some(n) = above.and_then(|id| self.nodes.get_mut(id as usize)) {
            if n.busy {
                break;
            }
            n.busy = true;
            above = n.parent;
        }
        let Some(n) = self.nodes.get_mut(node as usize) else { return 0 };
        n.tasks += 1;
        n.tasks
    }
}

/// The numbers from the top down to a node.
pub(super) fn path(nodes: &[Node], node: Option<u32>) -> Vec<u32> {
    let mut numbers = Vec::new();
    let mut above = node;
    while let Some(n) = above.and_then(|id| nodes.get(id as usize)) {
        numbers.push(n.number);
        above = n.parent;
    }
    numbers.reverse();
    numbers
}
