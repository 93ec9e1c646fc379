//! Headings as callers see them: the path of each, its number as written, its title and its place.

use super::model::Notice;
use super::outline::Node;

/// One heading of a notice.
#[derive(Clone)]
pub struct Heading<'n> {
    notice: &'n Notice<'n>,
    node: &'n Node,
    path: Vec<u32>,
}

impl Notice<'_> {
    /// The headings of all levels, in the order of the text, also those without a task. One whose path the text has
    /// already is the same heading, and a finding.
    ///
    /// ```
    /// use responsibility_index::notice::Notice;
    ///
    /// // "I. Works. (1) Roads. Repair the roads. (Responsible: ...). II. Checks."
    /// let notice = Notice::read("一、建设\n（一）道路\n修好道路。（责任单位：市交通局）\n二、检查\n");
    /// let headings: Vec<_> = notice.headings().map(|h| (h.path().to_vec(), h.title().to_owned(), h.line())).collect();
    /// assert_eq!(
    ///     headings,
    ///     [(vec![1], "建设".into(), 1), (vec![1, 1], "道路".into(), 2), (vec![2], "检查".into(), 4)]
    /// );
    /// ```
    pub fn headings(&self) -> impl ExactSizeIterator<Item = Heading<'_>> + DoubleEndedIterator {
        self.tree.nodes.iter().map(|node| {
            let mut path = self.tree.path(node.parent);
            path.push(node.number);
            Heading { notice: self, node, path }
        })
    }

    /// The heading of a section: of that of a task, or of one above it.
    ///
    /// ```
    /// use responsibility_index::notice::Notice;
    ///
    /// let notice = Notice::read("一、建设\n（一）道路\n修好道路。（责任单位：市交通局）\n");
    /// let section = notice.task(0).expect("one task").section();
    /// // From the top down, as a page shows where a task is.
    /// let above = (1..=section.len()).filter_map(|depth| notice.heading_of(&section[..depth]));
    /// assert_eq!(above.map(|heading| heading.title().to_owned()).collect::<Vec<_>>(), ["建设", "道路"]);
    /// ```
    #[must_use]
    pub fn heading_of(&self, section: &[u32]) -> Option<Heading<'_>> {
        let node = self.tree.nodes.get(self.tree.find(section)? as usize)?;
        Some(Heading { notice: self, node, path: section.to_vec() })
    }
}

impl<'n> Heading<'n> {
    /// The numbers from the top down to the heading, as in [`Task::section`](super::Task::section): `[1, 1, 4]`.
    #[must_use]
    pub fn path(&self) -> &[u32] {
        &self.path
    }

    /// The number with its marks, as written.
    #[must_use]
    pub fn mark(&self) -> &'n str {
        self.node.marker.of(self.notice.text)
    }

    /// The words behind the number, as written: up to the end of the line, the first stop or colon, the clause of a task,
    /// or 60 characters. In a row of a table the words of its task. Empty where there are none.
    #[must_use]
    pub fn title(&self) -> &'n str {
        self.node.title.of(self.notice.text)
    }

    /// The line of the number, from 1.
    #[must_use]
    pub fn line(&self) -> u32 {
        self.notice.position(self.node.marker.start).0
    }

    /// The column of the number in characters, from 1.
    #[must_use]
    pub fn column(&self) -> u32 {
        self.notice.position(self.node.marker.start).1
    }
}

impl std::fmt::Debug for Heading<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Heading")
            .field("path", &self.path)
            .field("mark", &self.mark())
            .field("title", &self.title())
            .field("line", &self.line())
            .finish()
    }
}
