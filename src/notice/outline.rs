//! The headings of a notice as a tree.
//!
//! Input: headings one after another, each with its style, number and a hash of its first words. Output: [`Node`]s, each
//! with its parent, and what is odd about the numbers. A heading closes all open ones of its style and of those that nest
//! below it; one that has the number of an earlier one under the same parent is the same node.
//! Invariants: a parent has a smaller place in `nodes` than its children, so that a walk upwards ends; nodes are never
//! removed. Cost: constant per heading, besides closing what earlier ones have opened.

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
    /// Whether a task is under it, at any depth. Then its parents are busy as well.
    pub(super) busy: bool,
}

/// An oddity of the number of a heading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Oddity {
    /// The number is neither the next one nor does it run on from an earlier heading of the style.
    Gap { expected: u32 },
    /// The heading is a repetition of the one at `first`.
    Returns { first: usize },
}

#[derive(Clone, Copy, Debug)]
struct Open {
    style: Style,
    number: u32,
    /// Its place in `nodes`.
    node: u32,
}

/// The tree of headings.
#[derive(Debug, Default)]
pub(super) struct Tree {
    /// In the order of the text.
    pub(super) nodes: Vec<Node>,
    /// The node of each parent and number.
    known: HashMap<(u32, u32), u32, FixedState>,
}

/// The tree of headings, and the branch on which the text is.
#[derive(Debug, Default)]
pub(super) struct Outline {
    pub(super) tree: Tree,
    /// The branch, from the top; the styles rise strictly.
    open: Vec<Open>,
    /// Where a style, number and hash of words first came.
    words: HashMap<(Style, u32, u64), usize, FixedState>,
    /// The last number of each style.
    last: [u32; STYLES],
    /// Tasks before any heading.
    pub(super) loose: u32,
}

/// The parent of nodes at the top.
const ROOT: u32 = u32::MAX;

impl Outline {
    /// The node in whose scope the text is.
    pub(super) fn here(&self) -> Option<u32> {
        self.open.last().map(|open| open.node)
    }

    /// The same node, to be changed.
    #[expect(clippy::indexing_slicing, reason = "an open heading has a node, and nodes are never removed")]
    pub(super) fn current(&mut self) -> Option<&mut Node> {
        self.open.last().map(|open| &mut self.tree.nodes[open.node as usize])
    }

    /// Whether a number is the next one of a style: after that of the open heading, else 1, or running on.
    pub(super) fn expects(&self, style: Style, number: u32) -> bool {
        let before = self.open.iter().find(|open| open.style == style).map_or(0, |open| open.number);
        number == before + 1 || number == self.last(style) + 1
    }

    /// Whether a heading of a style is on the branch.
    pub(super) fn is_open(&self, style: Style) -> bool {
        self.open.iter().any(|open| open.style == style)
    }

    #[expect(clippy::indexing_slicing, reason = "the array has a place for each style")]
    fn last(&self, style: Style) -> u32 {
        self.last[style as usize]
    }

    /// Enters a heading; `words` is a hash of the words behind its number.
    #[expect(clippy::indexing_slicing, reason = "the array has a place for each style, `node` is the place of a node")]
    pub(super) fn enter(&mut self, marker: Marker, words: u64) -> Vec<Oddity> {
        let Marker { style, number, span } = marker;
        let expected = self.close(style) + 1;
        let node = self.tree.node(self.here(), marker);
        let mut odd = Vec::new();
        let same_words = *self.words.entry((style, number, words)).or_insert(span.start);
        let first = same_words.min(self.tree.nodes[node as usize].marker.start);
        if first != span.start {
            odd.push(Oddity::Returns { first });
        }
        if number != expected && number != self.last(style) + 1 {
            odd.push(Oddity::Gap { expected });
        }
        self.last[style as usize] = number;
        self.open.push(Open { style, number, node });
        odd
    }

    /// Closes the headings that one of this style ends. Returns the number of its elder sibling, or 0.
    fn close(&mut self, style: Style) -> u32 {
        let mut sibling = 0;
        while let Some(open) = self.open.pop_if(|open| open.style >= style) {
            sibling = if open.style == style { open.number } else { 0 };
        }
        sibling
    }

    /// Counts one more task under a node, or before all headings. Returns its ordinal there.
    #[expect(clippy::indexing_slicing, reason = "clauses and parents hold places of nodes, which are never removed")]
    pub(super) fn count_task(&mut self, node: Option<u32>) -> u32 {
        let mut above = node;
        while let Some(id) = above.filter(|id| !self.tree.nodes[*id as usize].busy) {
            let node = &mut self.tree.nodes[id as usize];
            node.busy = true;
            above = node.parent;
        }
        let count = match node {
            Some(id) => &mut self.tree.nodes[id as usize].tasks,
            None => &mut self.loose,
        };
        *count += 1;
        *count
    }
}

impl Tree {
    /// The node of a number under a parent, made when it is new.
    fn node(&mut self, parent: Option<u32>, marker: Marker) -> u32 {
        // A node takes at least two bytes of the text and 64 bytes here: memory ends long before the numbers do.
        let next = self.nodes.len() as u32;
        debug_assert!(next < ROOT, "more headings than numbers for them");
        let node = *self.known.entry((parent.unwrap_or(ROOT), marker.number)).or_insert(next);
        if node == next {
            let title = Span::new(marker.span.end, marker.span.end);
            self.nodes.push(Node { parent, number: marker.number, marker: marker.span, title, tasks: 0, busy: false });
        }
        node
    }

    /// The numbers from the top down to a node; none before all headings.
    #[expect(clippy::indexing_slicing, reason = "tasks and parents hold places of nodes, which are never removed")]
    pub(super) fn path(&self, node: Option<u32>) -> Vec<u32> {
        let above = |node: &u32| self.nodes[*node as usize].parent;
        let nodes = std::iter::successors(node, above);
        let mut numbers: Vec<u32> = nodes.map(|node| self.nodes[node as usize].number).collect();
        numbers.reverse();
        numbers
    }

    /// The node to which the numbers lead from the top down.
    pub(super) fn find(&self, path: &[u32]) -> Option<u32> {
        path.iter()
            .try_fold(ROOT, |parent, number| self.known.get(&(parent, *number)).copied())
            .filter(|id| *id != ROOT)
    }
}
