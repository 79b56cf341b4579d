//! Numbers as the lines of a summary show them.

use crate::metrics::Interval;

/// Three digits of seconds, or of milliseconds below a second.
pub(super) fn duration(seconds: f64) -> String {
    let (value, unit) = if seconds < 1.0 { (1000.0 * seconds, "ms") } else { (seconds, "s") };
    let digits = if value < 10.0 { 2 } else { usize::from(value < 100.0) };
    format!("{value:.digits$} {unit}")
}

/// An interval as it stands after its score.
pub(super) fn range([low, high]: Interval) -> String {
    format!("({low:.3}-{high:.3})")
}
