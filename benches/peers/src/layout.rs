//! Figures and tables as text. Knows no rows. Uses no other file.

/// Formats a value with about three significant digits.
pub(crate) fn digits(value: f64) -> String {
    match value.abs() {
        0.0 => "0".to_owned(),
        size if size >= 99.5 => format!("{value:.0}"),
        size if size >= 9.95 => format!("{value:.1}"),
        size if size >= 0.0995 => format!("{value:.2}"),
        _ => format!("{value:.4}"),
    }
}

/// Adds rows whose columns have one width each; the first is aligned left, the others right.
pub(crate) fn align(text: &mut String, rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |at: usize| rows.iter().filter_map(|row| row.get(at)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|at| width(at).unwrap_or(0)).collect();
    for row in rows {
        for (at, (cell, width)) in row.iter().zip(&widths).enumerate() {
            text.push_str(&if at == 0 { format!("{cell:<width$}") } else { format!("  {cell:>width$}") });
        }
        text.push('\n');
    }
}

/// Adds a table in Markdown.
pub(crate) fn pipes(text: &mut String, head: Vec<String>, rows: impl Iterator<Item = Vec<String>>) {
    text.push_str(&format!("| {} |\n| --- |{}\n", head.join(" | "), " ---: |".repeat(head.len().saturating_sub(1))));
    rows.for_each(|row| text.push_str(&format!("| {} |\n", row.join(" | "))));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_have_about_three_digits() {
        let figures = [123_456.0, 99.6, 12.34, 0.1234, 0.0056, 0.0].map(digits);
        assert_eq!(figures, ["123456", "100", "12.3", "0.12", "0.0056", "0"]);
    }
}
