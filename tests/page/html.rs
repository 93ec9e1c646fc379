//! Reads a page as far as the tests ask: tokens without an error, anchors, links, rows of cells.

use std::collections::{BTreeMap, BTreeSet};

use html5gum::{StartTag, Token, Tokenizer};

/// A cell of a table: its tag, its class and its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cell {
    pub(crate) is_head: bool,
    pub(crate) class: String,
    pub(crate) text: String,
}

/// A row of a table: its anchor, its class and its cells.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) cells: Vec<Cell>,
}

/// What a page has.
#[derive(Debug, Default)]
pub(crate) struct Html {
    pub(crate) rows: Vec<Row>,
    pub(crate) ids: BTreeSet<String>,
    pub(crate) links: Vec<String>,
    pub(crate) tags: BTreeMap<String, usize>,
    /// All text between tags, without that of styles.
    pub(crate) text: String,
}

impl Html {
    /// Reads a page, and checks what holds for every page.
    pub(crate) fn read(page: &str) -> Html {
        let mut html = Html::default();
        let mut open: Vec<String> = Vec::new();
        for token in Tokenizer::new(page) {
            match token.unwrap() {
                Token::Error(error) => panic!("{error:?}"),
                Token::Comment(comment) => panic!("{comment:?}"),
                Token::Doctype(doctype) => assert_eq!(&doctype.name[..], b"html"),
                Token::StartTag(tag) => html.start(&tag, &mut open),
                Token::EndTag(tag) => {
                    let name = text(&tag.name);
                    let at = open.iter().rposition(|open| *open == name).unwrap_or_else(|| panic!("</{name}>"));
                    let left =
                        open.drain(at..).skip(1).find(|left| !["td", "th", "tr", "li", "col"].contains(&left.as_str()));
                    assert_eq!(left, None, "inside {name}");
                }
                Token::String(string) if open.last().is_some_and(|open| open == "style") => {
                    let rules = text(&string);
                    assert!(!rules.contains("url(") && !rules.contains("@import"), "{rules}");
                }
                Token::String(string) => html.text(&text(&string), &open),
            }
        }
        assert_eq!(open, Vec::<String>::new());
        for cell in html.rows.iter_mut().flat_map(|row| &mut row.cells) {
            cell.text.truncate(cell.text.trim_end().len());
        }
        html.check();
        html
    }

    fn start(&mut self, tag: &StartTag<()>, open: &mut Vec<String>) {
        let name = text(&tag.name);
        *self.tags.entry(name.clone()).or_default() += 1;
        let attribute = |wanted: &str| {
            let found = tag.attributes.iter().find(|(name, _)| text(name) == wanted);
            found.map(|(_, value)| text(value))
        };
        for attribute in tag.attributes.keys() {
            let attribute = text(attribute);
            assert!(!attribute.starts_with("on") && attribute != "style" && attribute != "src", "{name} {attribute}");
        }
        if let Some(id) = attribute("id") {
            assert!(!id.is_empty() && !id.contains([' ', '\n', '\t']), "{id:?}");
            assert!(self.ids.insert(id.clone()), "{id:?} is there twice");
        }
        self.links.extend(attribute("href"));
        match name.as_str() {
            "tr" => self.rows.push(Row { id: attribute("id").unwrap_or_default(), cells: Vec::new() }),
            "td" | "th" => {
                let class = attribute("class").unwrap_or_default();
                assert_eq!(name == "th", attribute("scope").is_some(), "a header has a scope");
                let cell = Cell { is_head: name == "th", class, text: String::new() };
                self.rows.last_mut().unwrap().cells.push(cell);
            }
            _ => {}
        }
        let ends: &[&str] = match name.as_str() {
            "td" | "th" => &["td", "th"],
            "tr" => &["td", "th", "tr"],
            "li" => &["li"],
            _ => &[],
        };
        while open.last().is_some_and(|last| ends.contains(&last.as_str())) {
            open.pop();
        }
        let void = ["meta", "col", "br"].contains(&name.as_str()) || tag.self_closing;
        if !void {
            open.push(name);
        }
    }

    fn text(&mut self, text: &str, open: &[String]) {
        self.text.push_str(text);
        if open.iter().any(|open| open == "td" || open == "th") {
            let cell = self.rows.last_mut().and_then(|row| row.cells.last_mut()).unwrap();
            cell.text.push_str(text);
        }
    }

    fn check(&self) {
        for tag in ["script", "link", "img", "iframe", "object", "embed", "form", "base"] {
            assert_eq!(self.tags.get(tag), None, "{tag}");
        }
        for link in &self.links {
            match link.strip_prefix('#') {
                Some(anchor) => assert!(self.ids.contains(anchor), "{link:?} leads nowhere"),
                None => assert!(link.starts_with("section-") && link.ends_with(".html"), "{link:?}"),
            }
        }
    }

    /// The rows whose anchors begin so.
    pub(crate) fn rows_of(&self, kind: &str) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.id.starts_with(kind))
    }

    /// The texts of the first row: the titles of the columns.
    pub(crate) fn header(&self) -> Vec<&str> {
        self.rows[0].cells.iter().map(|cell| cell.text.as_str()).collect()
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}
