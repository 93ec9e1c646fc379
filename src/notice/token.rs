//! Marks: the characters that give a notice its structure. Plain values; `lex` finds them.

/// The kind of a mark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    Stop,
    Semi,
    Comma,
    /// Joins the members of a list.
    Item,
    Colon,
    Newline,
    Tab,
    Pipe,
    /// A full stop behind a digit: "1."
    Dot,
    /// A numeral in a circle.
    Circled,
    Star,
    /// First character of "responsible".
    Duty,
    /// First character of "leads".
    Lead,
    /// May begin a rule of order: "the first".
    Order,
    /// May be of "not listed again".
    Again,
}

/// A mark and its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    pub(super) at: usize,
    pub(super) kind: Kind,
    pub(super) len: u8,
}

impl Token {
    #[inline]
    pub(super) fn end(&self) -> usize {
        self.at + usize::from(self.len)
    }
}

/// Those of the marks that begin from `start` up to `end`.
#[inline]
pub(super) fn within(tokens: &[Token], start: usize, end: usize) -> &[Token] {
    let rest = tokens.split_at(tokens.partition_point(|token| token.at < start)).1;
    rest.split_at(rest.partition_point(|token| token.at < end)).0
}
