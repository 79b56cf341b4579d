use super::Settings;
use super::lines::WIDTH;

/// Bytes that a fit takes at most beside its train rows: of so many `rows`, `columns` and classes.
pub fn memory(rows: u64, columns: u64, classes: u64, settings: &Settings) -> u64 {
    let rows = rows.next_multiple_of(WIDTH as u64);
    let margins = if classes <= 2 { 1 } else { classes };
    let width = columns + u64::from(settings.fit_intercept);
    let count = margins * width;
    // The rows with label and weight; margins before and after a step, and on the way.
    let lines = rows * (width * 8 + 12 + margins * 8 * 5);
    // The matrix with its factors or a part of it, and the sums of the parts that threads share.
    let is_direct = settings.l1_ratio > 0.0 || count <= super::solver::MANY as u64;
    let pairs = margins * (margins + 1) / 2 * width * width;
    let matrix = if is_direct { count * count * 8 * 3 + pairs * 8 * 9 } else { count * 8 * 8 };
    lines + matrix
}
