//! What a row made by SMOTE or SMOTE-NC must be, whoever made it and with whatever random numbers.

use std::collections::BTreeMap;

use forewarn::prepare::balance::{Resampled, Rows};

/// A table of rows, and the nearest neighbours that new rows may be made with.
pub struct Checker<'a> {
    pub rows: Rows<'a>,
    /// Row numbers of the nearest neighbours, by row number.
    pub neighbours: BTreeMap<usize, Vec<usize>>,
}

impl Checker<'_> {
    /// Whether a row of a class lies on the straight line between a row of the class and one of its
    /// neighbours, and has categories that are the most frequent among all of these.
    pub fn accepts(&self, class: u32, numbers: &[f64], codes: &[u32]) -> bool {
        let mut bases =
            self.neighbours.iter().filter(|(base, _)| self.rows.labels[**base] == class);
        bases.any(|(&base, nearest)| {
            self.is_voted(nearest, codes)
                && nearest.iter().any(|&neighbour| self.is_between(base, neighbour, numbers))
        })
    }

    /// Whether numbers lie between two rows, all by one gap.
    fn is_between(&self, base: usize, neighbour: usize, numbers: &[f64]) -> bool {
        let ends = || self.rows.numeric.iter().map(|column| (column[base], column[neighbour]));
        let steps = ends().zip(numbers).map(|((from, to), number)| (to - from, number - from));
        let widest = steps.max_by(|one, other| one.0.abs().total_cmp(&other.0.abs())).unwrap();
        let gap = if widest.0 == 0.0 { 0.0 } else { widest.1 / widest.0 };
        (-1e-12..1.0 + 1e-12).contains(&gap)
            && ends().zip(numbers).all(|((from, to), number)| {
                (from + gap * (to - from) - number).abs() < 1e-9 * (1.0 + from.abs() + to.abs())
            })
    }

    /// Whether no category has more votes.
    fn is_voted(&self, voters: &[usize], codes: &[u32]) -> bool {
        self.rows.categorical.iter().zip(codes).all(|(column, code)| {
            let count = |code| voters.iter().filter(|&&voter| column[voter] == code).count();
            voters.iter().all(|&voter| count(*code) >= count(column[voter]))
        })
    }
}

/// The nearest neighbours of each row that new rows are made from.
pub fn neighbours(resampled: &Resampled) -> BTreeMap<usize, Vec<usize>> {
    resampled.new.iter().map(|row| (row.base, resampled.nearest(row).to_vec())).collect()
}

/// The new rows: class, numbers, categories.
pub fn new_rows(resampled: &Resampled, rows: &Rows) -> Vec<(u32, Vec<f64>, Vec<u32>)> {
    let numeric: Vec<_> = rows.numeric.iter().map(|column| resampled.interpolate(column)).collect();
    let codes: Vec<_> = rows.categorical.iter().map(|column| resampled.vote(column)).collect();
    let row = |at: usize| {
        let numbers = numeric.iter().map(|column| column[at]).collect();
        (resampled.new[at].class, numbers, codes.iter().map(|column| column[at]).collect())
    };
    (0..resampled.new.len()).map(row).collect()
}
