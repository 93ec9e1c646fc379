//! The order in which task keys are listed. Knows nothing of tasks.

use std::cmp::Ordering;

/// Compares two task keys the way a reader counts: runs of ASCII digits by their value, all else by bytes.
///
/// `plan/2` comes before `plan/10`, so a plan is listed in the order in which it was written. Two runs of
/// the same value differ by their leading zeros (`01` after `1`), so keys are equal only when their bytes are.
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

pub(crate) fn compare_bytes(a: &[u8], b: &[u8]) -> Ordering {
    let same = a.iter().zip(b).take_while(|(x, y)| x == y).count();
    // The first difference may lie inside a run of digits that began before it.
    let run = a.iter().take(same).rev().take_while(|byte| byte.is_ascii_digit()).count();
    let start = same - run;
    let (a, b) = (a.get(start..).unwrap_or_default(), b.get(start..).unwrap_or_default());
    let (digits_a, digits_b) = (leading_digits(a), leading_digits(b));
    if digits_a.is_empty() || digits_b.is_empty() {
        return a.cmp(b);
    }
    compare_numbers(digits_a, digits_b).then_with(|| a.cmp(b))
}

fn leading_digits(bytes: &[u8]) -> &[u8] {
    let count = bytes.iter().take_while(|byte| byte.is_ascii_digit()).count();
    bytes.get(..count).unwrap_or_default()
}

/// By value, then the one with fewer leading zeros first. Of any length: nothing is parsed into an integer.
fn compare_numbers(a: &[u8], b: &[u8]) -> Ordering {
    let (short_a, short_b) = (without_zeros(a), without_zeros(b));
    short_a.len().cmp(&short_b.len()).then_with(|| short_a.cmp(short_b)).then_with(|| a.len().cmp(&b.len()))
}

fn without_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|byte| **byte == b'0').count();
    digits.get(zeros..).unwrap_or_default()
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

    #[test]
    fn the_order_is_total() {
        let parts = ["0", "00", "1", "01", "9", "10", "a", "/", "-"];
        let mut keys = Vec::new();
        for a in parts {
            for b in parts {
                for c in parts {
                    keys.push(format!("{a}{b}{c}"));
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
            }
        }
    }
}
