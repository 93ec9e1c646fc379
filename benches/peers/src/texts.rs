//! The texts of questions and their layout in memory. Knows neither data nor contenders.

use crate::result::Result;

/// Texts of questions in one block of memory, in the order in which they are asked.
///
/// A program that asks has the text at hand. Questions that point into the text of all keys would each begin with a
/// cache miss, the same for every contender, and so hide the differences between them.
#[derive(Default)]
pub(crate) struct Texts {
    text: String,
    lengths: Vec<u32>,
}

impl<'t> FromIterator<&'t str> for Texts {
    fn from_iter<I: IntoIterator<Item = &'t str>>(all: I) -> Texts {
        let mut texts = Texts::default();
        all.into_iter().for_each(|text| texts.push(text));
        texts
    }
}

impl Texts {
    pub(crate) fn with_capacity(texts: usize, length: usize) -> Texts {
        Texts { text: String::with_capacity(texts * length), lengths: Vec::with_capacity(texts) }
    }

    pub(crate) fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.lengths.push(text.len() as u32);
    }

    pub(crate) fn len(&self) -> usize {
        self.lengths.len()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> + Clone {
        let mut rest = self.text.as_str();
        self.lengths.iter().map(move |length| {
            let (text, after) = rest.split_at_checked(*length as usize).unwrap_or_default();
            rest = after;
            text
        })
    }

    /// Pairs the first text with the second, the third with the fourth, and so on.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        let mut texts = self.iter();
        std::iter::from_fn(move || Some((texts.next()?, texts.next()?)))
    }

    /// Hands out `size` texts at a time, as a program that has several at hand would; the last batch may be smaller.
    pub(crate) fn in_batches(&self, size: usize, mut each: impl FnMut(&[&str]) -> Result<()>) -> Result<()> {
        let (mut texts, mut batch) = (self.iter(), Vec::with_capacity(size));
        loop {
            batch.extend(texts.by_ref().take(size));
            if batch.is_empty() {
                return Ok(());
            }
            each(&batch)?;
            batch.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_in_their_order_one_by_one_and_in_pairs() {
        let texts: Texts = ["a", "", "省财政厅", "bc"].into_iter().collect();
        assert_eq!(texts.len(), 4);
        assert_eq!(texts.iter().collect::<Vec<_>>(), ["a", "", "省财政厅", "bc"]);
        assert_eq!(texts.pairs().collect::<Vec<_>>(), [("a", ""), ("省财政厅", "bc")]);
    }

    #[test]
    fn batches_are_full_but_the_last_and_lose_nothing() {
        for count in [0, 1, 2, 3, 4, 5] {
            let texts: Texts = ["a", "b", "c", "d", "e"].into_iter().take(count).collect();
            let (mut sizes, mut all) = (Vec::new(), Vec::new());
            let each = |batch: &[&str]| {
                sizes.push(batch.len());
                all.extend(batch.iter().map(|text| (*text).to_owned()));
                Ok(())
            };
            texts.in_batches(2, each).unwrap();
            assert_eq!(all, texts.iter().collect::<Vec<_>>());
            assert!(sizes.iter().rev().skip(1).all(|size| *size == 2) && !sizes.contains(&0), "{sizes:?}");
        }
    }
}
