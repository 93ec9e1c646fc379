//! Variable-length integers (LEB128): seven bits per byte, the lowest first, the eighth bit set in all but the last byte.
//! A number below 128 takes one byte, a 64-bit number at most ten. Knows nothing of what the numbers count.

/// Appends a number.
#[inline]
pub(crate) fn put(mut number: u64, bytes: &mut Vec<u8>) {
    while number >= 0x80 {
        bytes.push(number as u8 | 0x80);
        number >>= 7;
    }
    bytes.push(number as u8);
}

/// Removes a number from the front and returns it; `None` if it is cut off or larger than 64 bits.
#[inline]
pub(crate) fn take(bytes: &mut &[u8]) -> Option<u64> {
    let mut number = 0;
    for shift in (0..64).step_by(7) {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        let low = u64::from(byte & 0x7F);
        // The tenth byte has the one bit that is left of 64.
        if shift == 63 && low > 1 {
            return None;
        }
        number |= low << shift;
        if *byte < 0x80 {
            return Some(number);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_and_cut_or_overlong_ones_do_not() {
        for number in [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX] {
            let mut bytes = Vec::new();
            put(number, &mut bytes);
            assert_eq!(take(&mut bytes.as_slice()), Some(number));
            bytes.pop();
            assert_eq!(take(&mut bytes.as_slice()), None);
        }
        assert_eq!(take(&mut [0xFF; 12].as_slice()), None);
    }
}
