//! Tables of words with the sets of their first and last characters, by which nearly all texts are told to have none of
//! the words. The sets are computed from the table by the compiler.

/// A set of characters by the lower ten bits of their numbers: 128 bytes, two cache lines. It can take a character for
/// one that it has, at most 4 in 100 for the largest table (37 last characters); it never misses one that it has.
struct Characters([u64; BITS / 64]);

const BITS: usize = 1024;

impl Characters {
    const NONE: Characters = Characters([0; BITS / 64]);

    /// Adds the character at a place of a word. The characters of words take three bytes, of which the last ten bits
    /// are those of the character.
    #[expect(clippy::indexing_slicing, reason = "it runs in the compiler, which refuses a place out of bounds")]
    const fn add(&mut self, word: &[u8], at: usize) {
        assert!(word[at] >> 4 == 0xE, "a character of a word is not one of three bytes");
        let place = ((word[at + 1] & 0x0F) as usize) << 6 | (word[at + 2] & 0x3F) as usize;
        self.0[place / 64] |= 1 << (place % 64);
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "the place is below 1024, so that the word is below 16")]
    fn may_have(&self, c: char) -> bool {
        let place = c as usize % BITS;
        self.0[place / 64] >> (place % 64) & 1 == 1
    }
}

/// An entry of a table: a word alone or with its meaning.
pub(in crate::notice) trait Entry {
    fn word(&self) -> &'static str;
}

impl Entry for &'static str {
    #[inline]
    fn word(&self) -> &'static str {
        self
    }
}

impl<T> Entry for (&'static str, T) {
    #[inline]
    fn word(&self) -> &'static str {
        self.0
    }
}

/// A table of words, none of them empty.
pub(in crate::notice) struct Words<E: 'static = &'static str> {
    list: &'static [E],
    firsts: Characters,
    lasts: Characters,
}

impl Words {
    /// A table of words alone.
    pub(in crate::notice) const fn new(list: &'static [&'static str]) -> Words {
        let (mut firsts, mut lasts) = (Characters::NONE, Characters::NONE);
        let mut rest = list;
        while let [word, more @ ..] = rest {
            firsts.add(word.as_bytes(), 0);
            lasts.add(word.as_bytes(), word.len() - 3);
            rest = more;
        }
        Words { list, firsts, lasts }
    }
}

impl<T> Words<(&'static str, T)> {
    /// A table of words, each with its meaning.
    pub(in crate::notice) const fn with(list: &'static [(&'static str, T)]) -> Words<(&'static str, T)> {
        let (mut firsts, mut lasts) = (Characters::NONE, Characters::NONE);
        let mut rest = list;
        while let [(word, _), more @ ..] = rest {
            firsts.add(word.as_bytes(), 0);
            lasts.add(word.as_bytes(), word.len() - 3);
            rest = more;
        }
        Words { list, firsts, lasts }
    }
}

/// The bytes of a character of three; of another one, bytes that no word has. Comparing them is quicker than decoding a
/// character of each word.
#[inline]
fn three_bytes(c: char) -> [u8; 3] {
    let mut bytes = [0; 4];
    c.encode_utf8(&mut bytes);
    let [first, second, third, _] = bytes;
    [first, second, third]
}

impl<E: Entry> Words<E> {
    /// The entries, in the order of the table.
    pub(in crate::notice) fn iter(&self) -> impl Iterator<Item = &'static E> + use<E> {
        self.list.iter()
    }

    /// The entries whose word begins with a character.
    #[inline]
    pub(in crate::notice) fn starting_with(&self, c: char) -> impl Iterator<Item = &'static E> + use<E> {
        let list = if self.firsts.may_have(c) { self.list } else { &[] };
        let first = three_bytes(c);
        list.iter().filter(move |entry| entry.word().as_bytes().first_chunk() == Some(&first))
    }

    /// The entries whose word ends with a character.
    #[inline]
    pub(in crate::notice) fn ending_with(&self, c: char) -> impl Iterator<Item = &'static E> + use<E> {
        let list = if self.lasts.may_have(c) { self.list } else { &[] };
        let last = three_bytes(c);
        list.iter().filter(move |entry| entry.word().as_bytes().last_chunk() == Some(&last))
    }

    /// Whether a word may end with a character, before a search that tells.
    #[inline]
    pub(in crate::notice) fn may_end_with(&self, c: char) -> bool {
        self.lasts.may_have(c)
    }

    /// Whether a word begins with a character.
    #[inline]
    pub(in crate::notice) fn start_with(&self, c: char) -> bool {
        self.starting_with(c).next().is_some()
    }

    /// Whether a word ends with a character.
    #[inline]
    pub(in crate::notice) fn end_with(&self, c: char) -> bool {
        self.ending_with(c).next().is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::Words;

    /// "One, two, three": the words are of one, two and three characters.
    const LIST: &[&str] = &["\u{4E00}", "\u{4E8C}\u{4E09}", "\u{4E09}\u{4E00}\u{9FFF}"];
    static WORDS: Words = Words::new(LIST);

    #[test]
    fn every_word_is_found_by_its_first_and_by_its_last_character() {
        for word in LIST {
            let (first, last) = (word.chars().next().unwrap(), word.chars().next_back().unwrap());
            assert!(WORDS.starting_with(first).any(|found| found == word), "{word:?}");
            assert!(WORDS.ending_with(last).any(|found| found == word), "{word:?}");
        }
    }

    #[test]
    fn a_character_of_the_same_ten_bits_finds_no_word() {
        let same = char::from_u32(0x4E00 + 1024).unwrap();
        assert!(!WORDS.start_with(same) && !WORDS.end_with(same));
    }
}
