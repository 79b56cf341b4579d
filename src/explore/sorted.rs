//! A column's numbers in ascending order, each with the class of its row: one sort from which
//! quantiles, distinct values, outliers, boxes and leaks are read off.

/// Numbers in ascending order, missing ones left out, and the class of each one's row.
#[derive(Debug)]
pub(super) struct Sorted {
    pub values: Vec<f64>,
    pub classes: Vec<u32>,
}

impl Sorted {
    /// Sorts `values` `[rows]`, NaN where missing, with the `classes` `[rows]`; without classes all
    /// rows are of class 0.
    pub fn new(values: &[f64], classes: Option<&[u32]>) -> Self {
        let present = values.iter().enumerate().filter(|(_, value)| !value.is_nan());
        // Adding zero makes one value of 0 and -0.
        let class = |row: usize| classes.and_then(|classes| classes.get(row)).copied().unwrap_or(0);
        let mut rows: Vec<(f64, u32)> =
            present.map(|(row, value)| (value + 0.0, class(row))).collect();
        rows.sort_unstable_by(|one, other| one.0.total_cmp(&other.0).then(one.1.cmp(&other.1)));
        let (values, classes) = rows.into_iter().unzip();
        Self { values, classes }
    }

    /// How many different values there are.
    pub fn distinct(&self) -> usize {
        self.values.chunk_by(|one, other| same(*one, *other)).count()
    }

    /// The values of the rows of one class, in ascending order.
    pub fn of_class(&self, class: u32) -> Vec<f64> {
        let rows = self.values.iter().zip(&self.classes);
        rows.filter(|(_, other)| **other == class).map(|(value, _)| *value).collect()
    }
}

/// Whether two numbers are the same.
pub(super) fn same(one: f64, other: f64) -> bool {
    one.total_cmp(&other).is_eq()
}

/// The value below which a share `at` of `sorted` values lies, linear between two of them as pandas
/// has it; NaN where there is none.
pub(super) fn quantile(sorted: &[f64], at: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return f64::NAN };
    let place = at * last as f64;
    let low = (place as usize).min(last);
    let (one, other) = (sorted[low], sorted[(low + 1).min(last)]);
    if same(one, other) { one } else { one + (other - one) * (place - low as f64) }
}

/// The bounds of the usual outliers: 1.5 interquartile ranges beyond the quartiles.
pub(super) fn fences_between(lower: f64, upper: f64) -> (f64, f64) {
    let reach = 1.5 * (upper - lower);
    (lower - reach, upper + reach)
}

/// Where the `sorted` values begin, and where they end, that are no outliers.
pub(super) fn inside(sorted: &[f64]) -> (usize, usize) {
    let (lower, upper) = fences_between(quantile(sorted, 0.25), quantile(sorted, 0.75));
    if lower.is_nan() || upper.is_nan() {
        return (0, sorted.len());
    }
    let begin = sorted.partition_point(|value| *value < lower);
    (begin, sorted.partition_point(|value| *value <= upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_values_are_left_out_and_classes_follow_their_values() {
        let sorted = Sorted::new(&[3.0, f64::NAN, -0.0, 0.0], Some(&[2, 0, 1, 0]));
        assert_eq!((sorted.values.len(), sorted.distinct()), (3, 2));
        assert_eq!(sorted.classes, [0, 1, 2]);
        assert_eq!(sorted.of_class(2), [3.0]);
    }

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let middle = |values: &[f64]| quantile(values, 0.5).to_bits();
        assert_eq!(middle(&[1.0, 2.0]), 1.5_f64.to_bits());
        assert_eq!(middle(&[7.0]), 7.0_f64.to_bits());
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn values_on_a_fence_are_no_outliers() {
        // Quartiles 1 and 3, fences -2 and 6.
        assert_eq!(inside(&[-2.0, 1.0, 2.0, 3.0, 6.0]), (0, 5));
        assert_eq!(inside(&[-2.5, 1.0, 2.0, 3.0, 6.5]), (1, 4));
        assert_eq!(inside(&[f64::NEG_INFINITY, f64::INFINITY]), (0, 2));
    }
}
