//! When two names are one: the form in which names are compared. Knows nothing of units.
//!
//! Names are kept as they are given. Two of them are one name where they look alike and differ only in how they are
//! encoded: composed or decomposed (NFC and NFD), full-width or half-width, a compatibility form of a character (as the
//! compatibility ideographs are), or a character that is not shown, such as a zero-width space. People can't see
//! which one they type or paste, so neither a second unit nor an error would help them.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// The form of a name that all names have which are one with it: without characters that are not shown, in NFKC.
pub(crate) fn folded(name: &str) -> Cow<'_, str> {
    if name.is_ascii() {
        return Cow::Borrowed(name);
    }
    let is_folded = !name.chars().any(is_not_shown) && is_nfkc_quick(name.chars()) == IsNormalized::Yes;
    if is_folded {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.chars().filter(|c| !is_not_shown(*c)).nfkc().collect())
}

/// Whether two names are one.
pub(crate) fn are_same(a: &str, b: &str) -> bool {
    a == b || folded(a) == folded(b)
}

/// Whether a character is not shown where it is supported: the property `Default_Ignorable_Code_Point` of Unicode 16,
/// but for the letters of scripts in which a missing glyph is a choice of the font.
pub(crate) fn is_not_shown(c: char) -> bool {
    matches!(
        c,
        '\u{00AD}'
            | '\u{034F}'
            | '\u{061C}'
            | '\u{115F}'..='\u{1160}'
            | '\u{17B4}'..='\u{17B5}'
            | '\u{180B}'..='\u{180F}'
            | '\u{200B}'..='\u{200F}'
            | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{206F}'
            | '\u{3164}'
            | '\u{FE00}'..='\u{FE0F}'
            | '\u{FEFF}'
            | '\u{FFA0}'
            | '\u{FFF0}'..='\u{FFF8}'
            | '\u{1BCA0}'..='\u{1BCA3}'
            | '\u{1D173}'..='\u{1D17A}'
            | '\u{E0000}'..='\u{E0FFF}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_alike_are_one_name() {
        let one = |a: &str, b: &str| folded(a) == folded(b);
        let pairs = [
            ("Caf\u{e9}", "Cafe\u{301}"),
            ("\u{7701}\u{FF08}x\u{FF09}", "\u{7701}(x)"),
            ("\u{7701}\u{200B}\u{5385}", "\u{7701}\u{5385}"),
            ("\u{FEFF}Roads", "Roads"),
            ("\u{F9D1}", "\u{516D}"),
            ("\u{FF21}\u{FF11}", "A1"),
            ("e\u{34F}\u{301}", "\u{e9}"),
        ];
        for (a, b) in pairs {
            assert!(one(a, b) && a != b, "{a:?} and {b:?}");
        }
        for (a, b) in [("Roads", "roads"), ("\u{7701}", "\u{5E02}"), ("A B", "AB"), ("e", "\u{e9}")] {
            assert!(!one(a, b), "{a:?} and {b:?}");
        }
    }

    #[test]
    fn a_folded_name_stays_as_it_is() {
        let mut owned = 0;
        for c in '\0'..=char::MAX {
            let name = format!("a{c}b");
            let once = folded(&name);
            owned += usize::from(matches!(once, Cow::Owned(_)));
            let twice = folded(&once);
            assert_eq!(twice, once, "{c:?}");
        }
        assert!(owned > 9_000, "{owned}");
    }
}
