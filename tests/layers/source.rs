//! A source file as code: comments, test items and literals are blanked, line numbers are kept. Knows no rule.

use std::fs;
use std::ops::Range;
use std::path::Path;

pub(crate) struct Source {
    /// The path below the root of its crate, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    /// The text without comments and test items.
    pub(crate) code: String,
    /// The code without the characters of literals.
    pub(crate) bare: String,
    /// Modules that are declared here and compiled for tests only.
    test_modules: Vec<String>,
}

impl Source {
    pub(crate) fn new(path: &str, text: &str) -> Source {
        let (mut code, mut bare) = code_and_bare(text);
        let mut test_modules = Vec::new();
        for item in test_items(&bare) {
            let declared = bare[item.clone()].strip_suffix(';').and_then(|item| item.rsplit_once("mod "));
            test_modules.extend(declared.map(|(_, name)| name.to_owned()));
            code.replace_range(item.clone(), &blank(&code[item.clone()]));
            bare.replace_range(item.clone(), &blank(&bare[item]));
        }
        Source { path: path.to_owned(), text: text.to_owned(), code, bare, test_modules }
    }

    /// The path of its module from the root of the crate.
    pub(crate) fn module(&self) -> Vec<String> {
        let path = self.path.trim_end_matches(".rs");
        let path = path.strip_suffix("/mod").unwrap_or(path);
        if matches!(path, "lib" | "main") { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
    }

    /// The lines of code that are not blank, with their numbers.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.code.lines()).filter(|(_, line)| !line.trim().is_empty())
    }
}

/// Reads every source below a folder. Files that are compiled for tests only have no code.
pub(crate) fn read_all(root: &Path) -> Vec<Source> {
    let mut found = Vec::new();
    gather(root, root, &mut found);
    found.sort_by(|a, b| a.path.cmp(&b.path));
    blank_test_files(&mut found);
    found
}

fn gather(root: &Path, at: &Path, found: &mut Vec<Source>) {
    for entry in fs::read_dir(at).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            gather(root, &path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root).unwrap().to_string_lossy().replace('\\', "/");
            found.push(Source::new(&name, &fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Blanks the code of files that are compiled for tests only.
pub(crate) fn blank_test_files(sources: &mut [Source]) {
    let mut tests = Vec::new();
    for source in sources.iter() {
        tests.extend(source.test_modules.iter().map(|name| [source.module(), vec![name.clone()]].concat()));
    }
    for source in sources {
        if tests.iter().any(|test| source.module().starts_with(test)) {
            (source.code, source.bare) = (blank(&source.code), blank(&source.bare));
        }
    }
}

/// The number of the line that contains a byte of a text.
pub(crate) fn line_at(text: &str, at: usize) -> usize {
    1 + text[..at].matches('\n').count()
}

/// Identifiers, keywords and numbers, with the byte at which each begins.
pub(crate) fn words(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        at += text[at..].find(is_word)?;
        let word = leading_word(&text[at..]);
        at += word.len();
        Some((at - word.len(), word))
    })
}

pub(crate) fn leading_word(text: &str) -> &str {
    &text[..text.find(|letter| !is_word(letter)).unwrap_or(text.len())]
}

fn is_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// Replaces every byte by a space, except line breaks.
pub(crate) fn blank(text: &str) -> String {
    text.bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect()
}

enum Kind {
    Code,
    Comment,
    Literal,
}

/// The text without comments, and the same without the characters of literals.
fn code_and_bare(text: &str) -> (String, String) {
    let (mut code, mut bare, mut rest) = (String::new(), String::new(), text);
    while !rest.is_empty() {
        let (length, kind) = token(rest);
        let (token, after) = rest.split_at(length);
        code.push_str(&if matches!(kind, Kind::Comment) { blank(token) } else { token.to_owned() });
        bare.push_str(&if matches!(kind, Kind::Code) { token.to_owned() } else { blank(token) });
        rest = after;
    }
    (code, bare)
}

/// The bytes and the kind of the first token: a word, a mark, a comment, or a literal with its quotes.
fn token(rest: &str) -> (usize, Kind) {
    if rest.starts_with("//") {
        return (rest.find('\n').unwrap_or(rest.len()), Kind::Comment);
    }
    if rest.starts_with("/*") {
        return (block_comment(rest), Kind::Comment);
    }
    let prefix = rest.len() - rest.trim_start_matches(['b', 'c', 'r']).len();
    let hashes = rest[prefix..].len() - rest[prefix..].trim_start_matches('#').len();
    let (after, raw) = (&rest[prefix..], &rest[prefix + hashes..]);
    if rest[..prefix].ends_with('r') && raw.starts_with('"') {
        let end = format!("\"{}", "#".repeat(hashes));
        let open = prefix + hashes + 1;
        return (rest[open..].find(&end).map_or(rest.len(), |at| open + at + end.len()), Kind::Literal);
    }
    // A lifetime has no quote after its first letter.
    let mut letters = after.chars().skip(1);
    let character = after.starts_with('\'') && (letters.next() == Some('\\') || letters.next() == Some('\''));
    if after.starts_with('"') || character {
        return (prefix + quoted(after), Kind::Literal);
    }
    let first = rest.chars().next().map_or(0, char::len_utf8);
    (leading_word(rest).len().max(first), Kind::Code)
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    loop {
        match rest.get(at..at + 2) {
            Some("/*") => (depth, at) = (depth + 1, at + 2),
            Some("*/") => (depth, at) = (depth - 1, at + 2),
            None if at + 2 > rest.len() => return rest.len(),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
}

/// The bytes of a literal that begins with its quote.
fn quoted(rest: &str) -> usize {
    let quote = rest.chars().next();
    let mut escaped = false;
    for (at, letter) in rest.char_indices().skip(1) {
        if Some(letter) == quote && !escaped {
            return at + 1;
        }
        escaped = letter == '\\' && !escaped;
    }
    rest.len()
}

/// Finds every `#[cfg(test)]` with the item, field, arm or statement that follows it.
fn test_items(bare: &str) -> Vec<Range<usize>> {
    const TEST: &str = "#[cfg(test)]";
    let mut items: Vec<Range<usize>> = Vec::new();
    for (at, _) in bare.match_indices(TEST) {
        if items.last().is_none_or(|last| last.end <= at) {
            let after = at + TEST.len();
            items.push(at..after + item_length(&bare[after..]));
        }
    }
    items
}

/// The bytes up to the end of the first item: its `}` or `;`, or the `,` of a field.
pub(crate) fn item_length(rest: &str) -> usize {
    let start = rest.len() - after_attributes(rest).len();
    let mut keywords = words(&rest[start..]).map(|(_, word)| word);
    let mut keyword = keywords.next().unwrap_or_default();
    if keyword == "pub" {
        keyword = keywords.find(|word| !matches!(*word, "crate" | "super" | "self" | "in")).unwrap_or_default();
    }
    // Braces inside these do not end them.
    let plain_const = keyword == "const" && !matches!(keywords.next(), Some("fn" | "unsafe" | "extern"));
    let statement = plain_const || matches!(keyword, "use" | "static" | "type" | "let");
    let block = ["fn", "mod", "struct", "enum", "union", "trait", "impl", "unsafe", "async", "extern", "const"];
    let field = !statement && !block.contains(&keyword);
    let (mut depth, mut angles) = (0_i32, 0_i32);
    for (at, letter) in rest.char_indices().skip_while(|(at, _)| *at < start) {
        match letter {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' if depth == 0 => return at,
            ')' | ']' | '}' => {
                depth -= 1;
                if letter == '}' && depth == 0 && !statement {
                    return at + 1;
                }
            }
            '<' if depth == 0 => angles += 1,
            '>' if depth == 0 && !rest[..at].ends_with(['-', '=']) => angles -= 1,
            ';' if depth == 0 => return at + 1,
            ',' if depth == 0 && angles == 0 && field => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

fn after_attributes(rest: &str) -> &str {
    let mut rest = rest.trim_start();
    while rest.starts_with("#[") {
        let mut depth = 0;
        let end = rest.char_indices().find(|(_, letter)| {
            depth += i32::from(*letter == '[') - i32::from(*letter == ']');
            *letter == ']' && depth == 0
        });
        rest = end.map_or("", |(at, _)| rest[at + 1..].trim_start());
    }
    rest
}
