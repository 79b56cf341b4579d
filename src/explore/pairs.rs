//! Which columns go together, and how strongly.

use serde::Serialize;

use super::column::Column;
use super::correlation::correlate;
use super::facts::{ColumnFacts, Oddity};

/// The most columns that are correlated with each other: the first.
const MOST_COLUMNS: usize = 200;

/// The most columns of the matrix that the page draws: those of the strongest correlations.
const MOST_DRAWN: usize = 40;

/// How many of the strongest pairs are named.
const MOST_PAIRS: usize = 10;

/// Two columns and their correlation.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Pair {
    /// Places in the table.
    pub columns: [usize; 2],
    /// Pearson's correlation, over the rows where both are there.
    pub value: f64,
}

/// Correlations of columns of numbers, constant ones left out.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Correlations {
    /// How many columns were correlated.
    pub correlated: usize,
    /// Columns of numbers beyond the first two hundred, which were not.
    pub left_out: usize,
    /// The strongest, strongest first.
    pub strongest: Vec<Pair>,
    /// Places in the table of the columns of `matrix`.
    pub columns: Vec<usize>,
    /// `None` if a pair has no correlation.
    pub matrix: Vec<Vec<Option<f64>>>,
}

/// Correlates the columns of numbers.
pub(super) fn correlations(columns: &[Column], facts: &[ColumnFacts]) -> Correlations {
    let varies = |place: &usize| {
        !matches!(facts[*place].oddity, Some(Oddity::Empty | Oddity::Constant | Oddity::Counts))
    };
    let numbers = |place: usize| columns[place].numbers().map(|numbers| (place, numbers));
    let mut found: Vec<(usize, &[f64])> =
        (0..columns.len()).filter(varies).filter_map(numbers).collect();
    let left_out = found.len().saturating_sub(MOST_COLUMNS);
    found.truncate(MOST_COLUMNS);
    let (places, slices): (Vec<usize>, Vec<&[f64]>) = found.into_iter().unzip();
    let matrix = correlate(&slices);
    let pairs = (0..places.len()).flat_map(|one| (one + 1..places.len()).map(move |o| (one, o)));
    let mut pairs: Vec<(usize, usize, f64)> = pairs
        .map(|(one, other)| (one, other, matrix[one][other]))
        .filter(|(_, _, value)| value.is_finite())
        .collect();
    pairs.sort_by(|one, other| other.2.abs().total_cmp(&one.2.abs()));
    let mut drawn: Vec<usize> = Vec::new();
    for place in pairs.iter().flat_map(|(one, other, _)| [*one, *other]) {
        if drawn.len() < MOST_DRAWN && !drawn.contains(&place) {
            drawn.push(place);
        }
    }
    drawn.sort_unstable();
    let value = |one: usize, other: usize| Some(matrix[one][other]).filter(|v| v.is_finite());
    let line = |one: &usize| drawn.iter().map(|other| value(*one, *other)).collect();
    Correlations {
        correlated: places.len(),
        left_out,
        strongest: pairs
            .iter()
            .take(MOST_PAIRS)
            .map(|&(one, other, value)| Pair { columns: [places[one], places[other]], value })
            .collect(),
        columns: drawn.iter().map(|place| places[*place]).collect(),
        matrix: drawn.iter().map(line).collect(),
    }
}
