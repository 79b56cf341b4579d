//! Which networks to average (Caruana et al. 2004).

use rayon::iter::{IntoParallelRefIterator, ParallelIterator};

use crate::engine::Evaluation;
use crate::metrics::{Confusion, MetricsError, ProbabilityScores, Score, Scored, argmax};
use crate::train::PartScores;

/// A mean of 32-bit floats says no less than this, so that its logarithm is finite.
const LEAST: f64 = f32::MIN_POSITIVE as f64;

/// What a network that may be averaged says of labelled rows: probabilities, `[rows, classes]`.
pub type Candidate = Vec<f32>;

/// How often each candidate is taken, `[candidates]`: one after the other the one is added, taken
/// before or not, whose mean with those taken scores best, until `size` are taken. The best of the
/// ensembles on the way is given; its score is no lower than that of the best candidate alone.
///
/// # Errors
/// [`MetricsError`] where labels and classes do not fit.
pub fn select(
    candidates: &[Candidate],
    labels: &[u32],
    classes: usize,
    (rank_by, size): (Score, usize),
) -> Result<Vec<usize>, MetricsError> {
    let mut sum = vec![0.0; labels.len() * classes];
    let mut counts = vec![0; candidates.len()];
    let mut best: Option<(PartScores, Vec<usize>)> = None;
    for taken in 1..=size {
        let scored: Vec<PartScores> = candidates
            .par_iter()
            .map(|candidate| score(&sum, candidate, labels, (classes, taken, rank_by)))
            .collect::<Result<_, _>>()?;
        // Of ties, the first.
        let places = 0..scored.len();
        let next =
            places.reduce(
                |one, other| {
                    if scored[other].beats(&scored[one], rank_by) { other } else { one }
                },
            );
        let Some(next) = next else { break };
        counts[next] += 1;
        for (sum, &more) in sum.iter_mut().zip(&candidates[next]) {
            *sum += f64::from(more);
        }
        let is_better = |(held, _): &(PartScores, _)| scored[next].beats(held, rank_by);
        if best.as_ref().is_none_or(is_better) {
            best = Some((scored[next], counts.clone()));
        }
    }
    Ok(best.map(|(_, counts)| counts).unwrap_or_default())
}

/// The scores of the mean of `taken` networks: those of `sum`, and one more.
fn score(
    sum: &[f64],
    candidate: &[f32],
    labels: &[u32],
    (classes, taken, rank_by): (usize, usize, Score),
) -> Result<PartScores, MetricsError> {
    let mut confusion = Confusion::new(classes)?;
    let mut loss = 0.0;
    let mut row = vec![0.0; classes];
    let mut means = Vec::new();
    let rows = sum.chunks_exact(classes).zip(candidate.chunks_exact(classes));
    for ((sum, more), &label) in rows.zip(labels) {
        for (mean, (sum, &more)) in row.iter_mut().zip(sum.iter().zip(more)) {
            *mean = (sum + f64::from(more)) / taken as f64;
        }
        confusion.add(label, argmax(&row).unwrap_or(0))?;
        loss -= row[label as usize].max(LEAST).ln();
        if rank_by.needs_probabilities() {
            means.extend_from_slice(&row);
        }
    }
    let probabilities = Scored::new(labels, &means, classes).ok();
    let probabilities = probabilities.map(|scored| ProbabilityScores::of(&scored));
    let loss = loss / labels.len() as f64;
    Ok(PartScores::of(&Evaluation { loss, confusion, probabilities }, rank_by))
}

/// The logarithms of the weighted mean of probabilities `[rows, classes]`; each comes with its weight,
/// and the weights add up to 1.
pub fn mean(weighted: &[(f64, Candidate)]) -> Vec<f64> {
    let Some((_, first)) = weighted.first() else { return Vec::new() };
    let mut mean = vec![0.0; first.len()];
    for (weight, probabilities) in weighted {
        for (mean, &probability) in mean.iter_mut().zip(probabilities) {
            *mean += weight * f64::from(probability);
        }
    }
    for probability in &mut mean {
        *probability = probability.max(LEAST).ln();
    }
    mean
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    const RANK: Score = Score::Accuracy;

    #[test]
    fn networks_whose_mistakes_differ_are_taken_together() {
        // Each is wrong about one row, and sure of the others.
        let one = vec![0.45, 0.55, 0.9, 0.1, 0.1, 0.9];
        let other = vec![0.9, 0.1, 0.45, 0.55, 0.1, 0.9];
        let worst = vec![0.1, 0.9, 0.1, 0.9, 0.9, 0.1];
        let counts = select(&[worst, one, other], &[0, 0, 1], 2, (RANK, 6)).unwrap();
        assert!(counts[0] == 0 && counts[1] > 0 && counts[2] > 0, "{counts:?}");
    }

    #[test]
    fn what_no_other_improves_stays_alone() {
        let good = vec![1.0, 0.0, 0.0, 1.0];
        let bad = vec![0.2, 0.8, 0.9, 0.1];
        assert_eq!(select(&[bad, good], &[0, 1], 2, (RANK, 10)).unwrap(), [0, 1]);
    }

    #[test]
    fn without_candidates_there_is_no_ensemble() {
        assert_eq!(select(&[], &[0], 2, (RANK, 5)).unwrap(), Vec::<usize>::new());
    }

    #[test]
    fn a_mean_is_of_probabilities() {
        let logs = mean(&[(0.75, vec![0.8, 0.2]), (0.25, vec![0.4, 0.6])]);
        assert!((logs[0].exp() - 0.7).abs() < 1e-7 && (logs[1].exp() - 0.3).abs() < 1e-7);
    }
}
