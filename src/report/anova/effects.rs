//! The part of the score that each axis adds, whatever the others are.

use super::is_of_rounds;
use crate::report::axes::Axis;

/// The axis that names the variant: it is fitted first, and explains all that tells variants apart.
const VARIANT: &str = "variant";

/// The most sweeps over all axes; on a complete grid the first is exact.
const MOST_SWEEPS: usize = 300;

/// The most cells of a pair of axes.
const MOST_CELLS: usize = 1 << 20;

/// The additive model of the scores by least squares: mean + effect of each axis's value.
pub(super) struct Effects<'a> {
    pub axes: &'a [Axis],
    /// `[trials]`, less their mean.
    centred: Vec<f64>,
    /// Effects by axis and value.
    by_axis: Vec<Vec<f64>>,
    /// What the effects leave of the scores, `[trials]`.
    pub rest: Vec<f64>,
    /// The sum of squares of the scores about their mean.
    pub total: f64,
}

/// What two axes explain together beyond each alone.
pub(super) struct Pair {
    pub share: f64,
    pub freedom: usize,
    /// What the pair leaves too, `[trials]`.
    pub rest: Vec<f64>,
}

impl<'a> Effects<'a> {
    /// Fits the effects by sweeps over the axes, each taking the means by value of what the others
    /// leave. On a complete grid these are the means by value; on an incomplete one they are cleared of
    /// what other axes have to do with it. Axes that vary together share what they explain by their
    /// order, variants first.
    pub fn fit(axes: &'a [Axis], scores: &[f64]) -> Option<Self> {
        let mean = scores.iter().sum::<f64>() / scores.len() as f64;
        let centred: Vec<f64> = scores.iter().map(|score| score - mean).collect();
        let total: f64 = centred.iter().map(|score| score * score).sum();
        if axes.is_empty() || !total.is_finite() || total <= 0.0 {
            return None;
        }
        let mut order: Vec<usize> = (0..axes.len()).collect();
        order.sort_by_key(|place| axes[*place].name != VARIANT);
        let mut by_axis: Vec<Vec<f64>> =
            axes.iter().map(|axis| vec![0.0; axis.values.len()]).collect();
        let mut rest = centred.clone();
        for _ in 0..MOST_SWEEPS {
            let mut moved = 0.0;
            for &place in &order {
                let levels = &axes[place].levels;
                let steps = means(&rest, levels, axes[place].values.len()).0;
                for (left, level) in rest.iter_mut().zip(levels) {
                    *left -= steps[*level];
                    moved += steps[*level] * steps[*level];
                }
                for (effect, step) in by_axis[place].iter_mut().zip(steps) {
                    *effect += step;
                }
            }
            if moved <= 1e-22 * total {
                break;
            }
        }
        Some(Self { axes, centred, by_axis, rest, total })
    }

    /// The share of the variance that an axis explains: the covariance of its effect with the score
    /// over the variance of the score, which on a complete grid is the variance of its effect (Li and
    /// others 2010, "Global sensitivity analysis for systems with independent and/or correlated
    /// inputs"). So shares add up to what the additive model explains.
    pub fn share(&self, axis: usize) -> f64 {
        let effects = self.axes[axis].levels.iter().map(|level| self.by_axis[axis][*level]);
        let products = effects.zip(&self.centred).map(|(effect, score)| effect * score);
        (products.sum::<f64>() / self.total).max(0.0)
    }

    /// Degrees of freedom that the effects take beside the mean's; trials of one training, which
    /// count as one where it `is_by_training`, leave none to the number of epochs.
    pub fn spent(&self, is_by_training: bool) -> usize {
        let counted = self.axes.iter().filter(|axis| !is_by_training || !is_of_rounds(axis));
        counted.map(|axis| axis.values.len() - 1).sum()
    }

    /// The means of what is left by the values of two axes; `None` if that leaves no freedom.
    pub fn pair(&self, one: usize, other: usize) -> Option<Pair> {
        let (one, other) = (&self.axes[one], &self.axes[other]);
        let (rows, columns) = (one.values.len(), other.values.len());
        let cells = rows.checked_mul(columns).filter(|cells| *cells <= MOST_CELLS)?;
        let places = one.levels.iter().zip(&other.levels);
        let places: Vec<usize> = places.map(|(row, column)| row * columns + column).collect();
        let (means, counts) = means(&self.rest, &places, cells);
        let filled = counts.iter().filter(|count| **count > 0).count();
        let freedom = (filled + 1).checked_sub(rows + columns).filter(|freedom| *freedom > 0)?;
        let square: f64 = places.iter().map(|place| means[*place] * means[*place]).sum();
        let rest = self.rest.iter().zip(&places).map(|(left, place)| left - means[*place]);
        Some(Pair { share: square / self.total, freedom, rest: rest.collect() })
    }
}

/// Means and counts of values by their group.
pub(super) fn means(values: &[f64], groups: &[usize], count: usize) -> (Vec<f64>, Vec<usize>) {
    let (mut sums, mut counts) = (vec![0.0; count], vec![0; count]);
    for (value, group) in values.iter().zip(groups) {
        sums[*group] += value;
        counts[*group] += 1;
    }
    for (sum, count) in sums.iter_mut().zip(&counts) {
        *sum /= (*count).max(1) as f64;
    }
    (sums, counts)
}
