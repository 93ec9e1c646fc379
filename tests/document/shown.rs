//! Looks up places of a page, for comparison with the text that was made of it.

/// The characters of a file, line by line.
pub(crate) struct Source(Vec<Vec<char>>);

impl Source {
    pub(crate) fn new(source: &str) -> Source {
        Source(source.split('\n').map(|line| line.chars().chain(['\n']).collect()).collect())
    }

    /// The file from a line and column on, at most so many characters.
    pub(crate) fn from(&self, (line, column): (u32, u32), most: usize) -> String {
        let (line, column) = (line as usize - 1, column as usize - 1);
        let first = self.0[line][column..].iter();
        first.chain(self.0[line + 1..].iter().flatten()).take(most).collect()
    }
}

/// The first characters that a page shows, without white space. Knows the tags and references that these tests write.
pub(crate) fn shown(page: &str, most: usize) -> String {
    let (mut shown, mut rest) = (String::new(), page);
    while let Some(c) = rest.chars().next() {
        if shown.chars().count() >= most {
            break;
        }
        if let Some(comment) = rest.strip_prefix("<!--") {
            rest = comment.split_once("-->").map_or("", |(_, rest)| rest);
        } else if c == '<' {
            let mut quoted = false;
            let end = rest.find(|c| {
                quoted ^= c == '"';
                c == '>' && !quoted
            });
            rest = end.map_or("", |end| &rest[end + 1..]);
        } else if c == '&' {
            let (name, behind) = rest[1..].split_once(';').unwrap();
            shown.extend(Some(referred(name)).filter(|c| !c.is_whitespace()));
            rest = behind;
        } else {
            shown.extend(Some(c).filter(|c| !c.is_whitespace()));
            rest = &rest[c.len_utf8()..];
        }
    }
    shown
}

fn referred(name: &str) -> char {
    let number = |digits, radix| char::from_u32(u32::from_str_radix(digits, radix).unwrap()).unwrap();
    match name {
        "amp" => '&',
        "lt" => '<',
        "nbsp" => '\u{A0}',
        "emsp" => '\u{2003}',
        _ => match name.strip_prefix("#x") {
            Some(digits) => number(digits, 16),
            None => number(name.strip_prefix('#').unwrap(), 10),
        },
    }
}

pub(crate) fn without_space(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}
