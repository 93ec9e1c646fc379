//! Places of neighbouring pieces, from their lengths.

/// Turns the lengths of neighbouring pieces into the places where they begin. Returns their sum.
pub(super) fn exclusive_prefix_sum(lengths: &mut [usize]) -> usize {
    lengths.iter_mut().fold(0, |start, length| start + std::mem::replace(length, start))
}
