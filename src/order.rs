//! The order in which task keys are listed. Knows nothing of tasks.
//!
//! Input: two keys as bytes. Output: their order, with runs of ASCII digits compared by value. The order is total, and
//! equal only for equal bytes. Cost: one pass over the common prefix, eight bytes at a time, and over the rest; nothing
//! is parsed or allocated.

use std::cmp::Ordering;

/// Compares two task keys as a reader counts: runs of ASCII digits by their value, everything else by bytes.
///
/// `plan/2` comes before `plan/10`, so a plan is listed in the order in which it was written. Of two runs with the same
/// value the one with fewer leading zeros comes first (`1` before `01`), so keys are equal only if their bytes are.
///
/// ```
/// use responsibility_index::compare_keys;
///
/// let mut keys = ["plan/10", "plan/2", "plan/2/1", "Plan"];
/// keys.sort_by(|a, b| compare_keys(a, b));
/// assert_eq!(keys, ["Plan", "plan/2", "plan/2/1", "plan/10"]);
/// ```
#[must_use]
pub fn compare_keys(a: &str, b: &str) -> Ordering {
    compare_bytes(a.as_bytes(), b.as_bytes())
}

/// [`compare_keys`] for keys as bytes.
#[expect(clippy::indexing_slicing, reason = "a common prefix, and a part of it, are no longer than either key")]
pub(crate) fn compare_bytes(a: &[u8], b: &[u8]) -> Ordering {
    let same = common_prefix(a, b);
    let (rest_a, rest_b) = (&a[same..], &b[same..]);
    if leading_digits(rest_a).len() == leading_digits(rest_b).len() {
        // Two runs of digits of the same length have the order of their bytes.
        return rest_a.cmp(rest_b);
    }
    // The first difference may be inside a run of digits that began in the common prefix.
    let run = a[..same].iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
    let start = same - run;
    let (a, b) = (&a[start..], &b[start..]);
    let (digits_a, digits_b) = (leading_digits(a), leading_digits(b));
    if digits_a.is_empty() || digits_b.is_empty() {
        return a.cmp(b);
    }
    compare_numbers(digits_a, digits_b).then_with(|| a.cmp(b))
}

/// Sorts values by their keys; those with the same key keep their order.
///
/// Cost: per value one walk over its key, and a sort of numbers of 16 bytes. Keys are compared only where the numbers are
/// the same, so most comparisons wait for no memory.
#[expect(clippy::indexing_slicing, reason = "places are those of the values")]
pub(crate) fn sort_by_keys<T: Copy>(values: &mut Vec<T>, key: impl Fn(&T) -> &str) {
    let shared = values.split_first().map_or(0, |(first, rest)| {
        let first = key(first).as_bytes();
        let shared =
            rest.iter().fold(first.len(), |shared, value| shared.min(common_prefix(first, key(value).as_bytes())));
        // A run of digits is not cut.
        let (before, _) = first.split_at(shared);
        shared - before.iter().rev().take_while(|byte| byte.is_ascii_digit()).count()
    });
    let rank = |value: &T| Rank::of(key(value).as_bytes().split_at(shared).1);
    let mut ranked: Vec<(Rank, usize)> = values.iter().map(rank).zip(0..).collect();
    ranked.sort_unstable_by(|(rank_a, a), (rank_b, b)| {
        let by_key = || compare_keys(key(&values[*a]), key(&values[*b]));
        rank_a.cmp(rank_b).then_with(by_key).then(a.cmp(b))
    });
    *values = ranked.into_iter().map(|(_, place)| values[place]).collect();
}

/// The beginning of a key as a number: of two keys with different numbers, the one with the lower number comes first.
///
/// A byte is kept as it is. A run of digits becomes a digit that counts its digits without leading zeros, these digits, and
/// the number of zeros. So a run still sorts among other bytes as a digit does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Rank(u128);

impl Rank {
    fn of(mut key: &[u8]) -> Rank {
        let (mut bytes, mut filled) = ([0; 16], 0);
        let mut put = |byte: u8| match bytes.get_mut(filled) {
            Some(slot) => {
                *slot = byte;
                filled += 1;
                true
            }
            None => false,
        };
        while let Some((first, rest)) = key.split_first() {
            let digits = leading_digits(key);
            let (goes_on, after) = if digits.is_empty() {
                (put(*first), rest)
            } else {
                let value = without_zeros(digits);
                let zeros = digits.len() - value.len();
                // Longer numbers and more zeros are told apart by comparing keys.
                let whole = value.len() < 9 && zeros < 255;
                let all = put(b'0' + value.len().min(9) as u8)
                    && whole
                    && value.iter().all(|digit| put(*digit))
                    && put(zeros as u8);
                (all, key.split_at(digits.len()).1)
            };
            if !goes_on {
                break;
            }
            key = after;
        }
        Rank(u128::from_be_bytes(bytes))
    }
}

/// The length of the common prefix. Compares eight bytes at a time.
fn common_prefix(a: &[u8], b: &[u8]) -> usize {
    let ((words_a, _), (words_b, _)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    let same = 8 * words_a.iter().zip(words_b).take_while(|(x, y)| x == y).count();
    let (a, b) = (a.iter().skip(same), b.iter().skip(same));
    same + a.zip(b).take_while(|(x, y)| x == y).count()
}

#[expect(clippy::indexing_slicing, reason = "a part of the bytes is no longer than all of them")]
fn leading_digits(bytes: &[u8]) -> &[u8] {
    let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    &bytes[..count]
}

/// Compares two runs of digits of any length by value, then by their number of leading zeros.
fn compare_numbers(a: &[u8], b: &[u8]) -> Ordering {
    let (short_a, short_b) = (without_zeros(a), without_zeros(b));
    short_a.len().cmp(&short_b.len()).then_with(|| short_a.cmp(short_b)).then_with(|| a.len().cmp(&b.len()))
}

#[expect(clippy::indexing_slicing, reason = "there are no more zeros than digits")]
fn without_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|byte| **byte == b'0').count();
    &digits[zeros..]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_by_value_and_everything_else_by_bytes() {
        let sorted = [
            "", "1", "1/9", "1/10", "01", "2", "10", "10a", "10b", "a", "a/1/1/2", "a/1/1/10", "a/1/2", "b", "省/2",
            "省/10",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(compare_keys(a, b), i.cmp(&j), "{a} against {b}");
            }
        }
    }

    /// Number by number and byte by byte, from the beginning.
    fn step_by_step(a: &[u8], b: &[u8]) -> Ordering {
        let (digits_a, digits_b) = (leading_digits(a), leading_digits(b));
        let (order, step_a, step_b) = match (a, b) {
            ([], _) | (_, []) => return a.len().cmp(&b.len()),
            _ if !digits_a.is_empty() && !digits_b.is_empty() => {
                (compare_numbers(digits_a, digits_b), digits_a.len(), digits_b.len())
            }
            _ => (a[0].cmp(&b[0]), 1, 1),
        };
        order.then_with(|| step_by_step(&a[step_a..], &b[step_b..]))
    }

    #[test]
    fn values_are_sorted_by_their_keys_and_equal_ones_keep_their_order() {
        let parts = ["", "0", "00", "7", "123456789", "1234567890", "a", "\0", "/", "省", "9999999999999999999"];
        let mut keys = Vec::new();
        for before in ["", "plan-", "plan-2016/", "plan-20", "\0"] {
            for a in parts {
                keys.extend(parts.iter().flat_map(|b| [format!("{before}{a}{b}"), format!("{before}{a}/{b}0")]));
            }
        }
        for shared in ["", "p/00", "省"] {
            let keys: Vec<String> = keys.iter().rev().map(|key| format!("{shared}{key}")).collect();
            let mut expected: Vec<(usize, &str)> = keys.iter().map(String::as_str).enumerate().collect();
            let mut sorted = expected.clone();
            expected.sort_by(|a, b| compare_keys(a.1, b.1));
            sort_by_keys(&mut sorted, |(_, key)| key);
            assert_eq!(sorted, expected);
        }
        sort_by_keys(&mut Vec::<&str>::new(), |key| key);
    }

    #[test]
    fn the_order_is_total_and_that_of_a_walk_through_both_keys() {
        let parts = ["0", "00", "1", "01", "9", "10", "a", "/", "-"];
        let mut keys = Vec::new();
        for before in ["", "a/long/way/to", "plan-2016"] {
            for a in parts {
                for b in parts {
                    keys.extend(parts.iter().map(|c| format!("{before}{a}{b}{c}")));
                }
            }
        }
        keys.sort();
        keys.dedup();
        keys.sort_by(|a, b| compare_keys(a, b));
        for pair in keys.windows(2) {
            assert_eq!(compare_keys(&pair[0], &pair[1]), Ordering::Less, "{pair:?}");
        }
        for (i, a) in keys.iter().enumerate().step_by(7) {
            for (j, b) in keys.iter().enumerate() {
                assert_eq!(compare_keys(a, b), i.cmp(&j), "{a} against {b}");
                let ranks = [a, b].map(|key| Rank::of(key.as_bytes()));
                assert!(ranks[0] == ranks[1] || ranks[0].cmp(&ranks[1]) == i.cmp(&j), "{a} against {b}");
                assert_eq!(step_by_step(a.as_bytes(), b.as_bytes()), i.cmp(&j), "{a} against {b}");
            }
        }
    }
}
