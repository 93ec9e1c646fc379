//! The tags of pages by what they do to the text.

/// What a tag does to the text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Tag {
    /// Nothing, as emphasis and links do.
    #[default]
    Inline,
    /// Ends a line.
    Break,
    /// Begins and ends a line.
    Block,
    /// A block whose white space counts.
    Preformatted,
    Table,
    /// A group of rows.
    Rows,
    Row,
    Cell,
    /// Its content is no text of the page.
    Hidden,
}

impl Tag {
    /// The tag of a name in lower case.
    pub(super) fn of(name: &[u8]) -> Tag {
        match name {
            b"br" => Tag::Break,
            b"pre" | b"listing" => Tag::Preformatted,
            b"table" => Tag::Table,
            b"thead" | b"tbody" | b"tfoot" => Tag::Rows,
            b"tr" => Tag::Row,
            b"td" | b"th" => Tag::Cell,
            b"script" | b"style" | b"title" | b"template" | b"noscript" | b"iframe" | b"noembed" | b"noframes" => {
                Tag::Hidden
            }
            b"address" | b"article" | b"aside" | b"blockquote" | b"body" | b"caption" | b"center" | b"dd"
            | b"details" | b"dialog" | b"dir" | b"div" | b"dl" | b"dt" | b"fieldset" | b"figcaption" | b"figure"
            | b"footer" | b"form" | b"h1" | b"h2" | b"h3" | b"h4" | b"h5" | b"h6" | b"head" | b"header" | b"hgroup"
            | b"hr" | b"html" | b"legend" | b"li" | b"main" | b"menu" | b"nav" | b"ol" | b"optgroup" | b"option"
            | b"p" | b"search" | b"section" | b"summary" | b"ul" => Tag::Block,
            _ => Tag::Inline,
        }
    }
}
