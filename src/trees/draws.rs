//! The rows of a tree: all, or so many drawn with replacement.

use chacha20::ChaCha8Rng;

use super::sample::{Sample, Tally};
use crate::random::below;

/// The rows of the table, class by class, those of classes without weight left out.
pub(super) struct Roll {
    /// Ascending within their class.
    samples: Vec<Sample>,
    /// Rows of the table.
    rows: usize,
}

impl Roll {
    /// The rows with these classes.
    pub(super) fn new(labels: &[u32], class_weights: &[f64]) -> Self {
        let mut samples: Vec<Sample> = labels
            .iter()
            .zip(0..)
            .filter(|(label, _)| class_weights[**label as usize] > 0.0)
            .map(|(&label, row)| Sample { row, class: label as u16, weight: 1 })
            .collect();
        samples.sort_by_key(|sample| sample.class);
        Self { samples, rows: labels.len() }
    }

    /// Rows that weigh something.
    pub(super) fn len(&self) -> usize {
        self.samples.len()
    }

    /// Each row once.
    pub(super) fn all(&self) -> Vec<Sample> {
        self.samples.clone()
    }

    /// So many rows, drawn with replacement.
    pub(super) fn draw(&self, draws: usize, generator: &mut ChaCha8Rng) -> Vec<Sample> {
        // A row comes up twice in a thousand draws a row once in 10^5000 forests: no count is cut.
        let mut counts = vec![0_u16; self.rows];
        for _ in 0..draws {
            let count = &mut counts[below(self.rows, generator)];
            *count = count.saturating_add(1);
        }
        let times = |at: &Sample| Sample { weight: counts[at.row as usize], ..*at };
        self.samples.iter().map(times).filter(|sample| sample.weight > 0).collect()
    }
}

/// The rows of each class, `[classes]`.
pub(super) fn tally(samples: &[Sample], classes: usize) -> Vec<Tally> {
    let mut tallies = vec![Tally::default(); classes];
    for sample in samples {
        tallies[usize::from(sample.class)] += sample.tally();
    }
    tallies
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, clippy::float_cmp)]

    use super::*;
    use crate::random::{Purpose, Streams};

    #[test]
    fn rows_are_drawn_as_often_as_asked_for_and_lie_class_by_class() {
        let labels: Vec<u32> = (0..1000).map(|row| row * 7 % 3).collect();
        let mut generator = Streams::new(1, 2, 3).generator(Purpose::Tree, 0);
        let samples = Roll::new(&labels, &[1.0; 3]).draw(1000, &mut generator);
        let drawn: u32 = samples.iter().map(|sample| u32::from(sample.weight)).sum();
        assert_eq!(drawn, 1000);
        assert!((580..680).contains(&samples.len()), "{} of 632 rows", samples.len());
        assert!(samples.is_sorted_by_key(|sample| (sample.class, sample.row)));
        assert!(samples.iter().all(|at| u32::from(at.class) == labels[at.row as usize]));
    }

    #[test]
    fn a_class_without_weight_has_no_rows() {
        let roll = Roll::new(&[0, 1, 0, 2], &[1.0, 0.0, 2.0]);
        assert_eq!(roll.all().iter().map(|sample| sample.row).collect::<Vec<_>>(), [0, 2, 3]);
    }
}
