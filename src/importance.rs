//! Permutation importance of each feature: how much worse a model does when the feature's values are shuffled
//! among the rows.
//!
//! Permutation importance (Breiman, "Random Forests", 2001) as scikit-learn's `permutation_importance`
//! has it, with one difference: the inputs that an encoding has made of a column are one [`Feature`],
//! and are shuffled together. Every repeat is one order of the rows, the same for all features.

use std::borrow::Cow;

use indexmap::IndexMap;
use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::ensemble::Decision;
use crate::examples::Matrix;
use crate::metrics::{MetricsError, Scored, log_loss};
use crate::prepare::Feature;
use crate::random::{Purpose, Streams, shuffle};

/// The most rows that are used; of more, this many are drawn at random.
const MOST_ROWS: usize = 10_000;

/// How many values a model is given at most: rows x inputs x features x repeats. Where that is less than
/// `MOST_ROWS` rows, these are fewer, down to `FEWEST_ROWS`.
const MOST_VALUES: usize = 4_000_000_000;

const FEWEST_ROWS: usize = 100;

/// The scores by which importance is measured, or how much worse they are, in the order of [`SCORES`].
pub type Scores = [f64; 3];

/// What [`Scores`] are called in files.
pub const SCORES: [&str; 3] = ["macro_f1", "mcc", "log_loss"];

/// Permutation importance of the features of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Importances {
    /// How many rows were looked at.
    pub rows: usize,
    /// How often each feature was shuffled.
    pub repeats: usize,
    /// The scores with no feature shuffled.
    pub baseline: Scores,
    /// The features, the one that macro F1 loses most by first; of equals, the one that log loss does.
    pub features: Vec<FeatureImportance>,
}

/// Permutation importance of one feature.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureImportance {
    /// The feature's name.
    pub feature: String,
    /// How many inputs were shuffled together.
    pub inputs: usize,
    /// How much worse the scores are with the feature shuffled, mean over the repeats: macro F1 and MCC
    /// by how much they fall, log loss, in nats, by how much it rises.
    pub mean: Scores,
    /// Their standard deviation over the repeats, that of the population.
    pub std: Scores,
}

/// Rows that a model is asked about.
#[derive(Debug, Clone)]
pub struct Question<'a> {
    /// The rows in each of the preparations that members of the model have: at least one.
    pub views: Vec<View<'a>>,
    /// `[rows]`.
    pub labels: &'a [u32],
    /// Number of classes.
    pub classes: usize,
    /// What makes classes of the probabilities.
    pub decision: &'a Decision,
}

/// Rows in one preparation; the same rows in the same order as in any other.
#[derive(Debug, Clone)]
pub struct View<'a> {
    /// `[rows, inputs]`.
    pub rows: Cow<'a, Matrix>,
    /// Which inputs are one feature.
    pub features: Vec<Feature>,
}

/// Shuffles each feature `repeats` times, in all preparations alike, on all threads of the current pool;
/// what comes out depends on no thread.
///
/// `probabilities` gives the model's `[rows, classes]` for rows in each of the preparations, of which
/// the decision makes a class. Of more than 10,000 rows, that many are drawn by `seed`, and fewer where a
/// model has very many inputs.
///
/// # Errors
/// Those of `probabilities`, and [`MetricsError`] where these are none, or where there is no row.
pub fn permutation_importance<E: From<MetricsError> + Send>(
    probabilities: impl Fn(&[Cow<'_, Matrix>]) -> Result<Vec<f64>, E> + Sync,
    question: &Question<'_>,
    repeats: usize,
    seed: u64,
) -> Result<Importances, E> {
    let streams = Streams::new(seed, 0, 0);
    let order = |rows: usize, index: u64| {
        let mut order: Vec<usize> = (0..rows).collect();
        shuffle(&mut order, &mut streams.generator(Purpose::Permutation, index));
        order
    };
    let rows = question.labels.len();
    let inputs = question.views.iter().map(|view| view.rows.columns()).sum();
    let most = most_rows(inputs, question.features().len(), repeats);
    let orders = |rows: usize| -> Vec<Vec<usize>> {
        (1..=repeats as u64).map(|repeat| order(rows, repeat)).collect()
    };
    if rows <= most {
        return permuted(probabilities, question, &orders(rows));
    }
    let mut kept = order(rows, 0);
    kept.truncate(most);
    kept.sort_unstable();
    let labels: Vec<u32> = kept.iter().map(|&row| question.labels[row]).collect();
    let pick = |view: &View<'_>| View {
        rows: Cow::Owned(view.rows.pick(&kept)),
        features: view.features.clone(),
    };
    let views = question.views.iter().map(pick).collect();
    permuted(probabilities, &Question { views, labels: &labels, ..*question }, &orders(most))
}

/// How many rows are looked at, at most.
fn most_rows(inputs: usize, features: usize, repeats: usize) -> usize {
    let each = inputs.saturating_mul(features).saturating_mul(repeats).max(1);
    (MOST_VALUES / each).clamp(FEWEST_ROWS, MOST_ROWS)
}

/// [`permutation_importance`] with the given orders of the rows, one a repeat.
fn permuted<E: From<MetricsError> + Send>(
    probabilities: impl Fn(&[Cow<'_, Matrix>]) -> Result<Vec<f64>, E> + Sync,
    question: &Question<'_>,
    orders: &[Vec<usize>],
) -> Result<Importances, E> {
    let scores = |rows: &[Cow<'_, Matrix>]| -> Result<Scores, E> {
        let probabilities = probabilities(rows)?;
        let scored = Scored::new(question.labels, &probabilities, question.classes)?;
        let scored = scored.decided(question.decision.thresholds.as_deref());
        let confusion = scored.confusion()?;
        Ok([confusion.macro_f1(), confusion.mcc(), log_loss(&scored)])
    };
    let features = question.features();
    let baseline = scores(&question.shuffled(None))?;
    let works =
        features.iter().flat_map(|(name, _)| orders.iter().map(move |order| (*name, order)));
    let shuffled = works.collect::<Vec<_>>().into_par_iter().map(|work| {
        let [macro_f1, mcc, log_loss] = scores(&question.shuffled(Some(work)))?;
        Ok([baseline[0] - macro_f1, baseline[1] - mcc, log_loss - baseline[2]])
    });
    let worse: Vec<Scores> = shuffled.collect::<Result<_, E>>()?;
    let of_feature = |((name, inputs), worse): (&(&str, usize), &[Scores])| FeatureImportance {
        feature: (*name).to_owned(),
        inputs: *inputs,
        mean: std::array::from_fn(|score| mean(worse.iter().map(|worse| worse[score]))),
        std: std::array::from_fn(|score| deviation(worse, score)),
    };
    let mut found: Vec<FeatureImportance> =
        features.iter().zip(worse.chunks(orders.len().max(1))).map(of_feature).collect();
    let order = |one: &FeatureImportance, other: &FeatureImportance| {
        let [one, other] = [one, other].map(|feature| feature.mean);
        other[0].total_cmp(&one[0]).then(other[2].total_cmp(&one[2]))
    };
    found.sort_by(order);
    let rows = question.labels.len();
    Ok(Importances { rows, repeats: orders.len(), baseline, features: found })
}

impl Question<'_> {
    /// The features of all preparations by name, each with the most inputs that it has in one of them.
    fn features(&self) -> Vec<(&str, usize)> {
        let mut found: IndexMap<&str, usize> = IndexMap::new();
        for feature in self.views.iter().flat_map(|view| &view.features) {
            let inputs = found.entry(&feature.name).or_default();
            *inputs = feature.inputs.len().max(*inputs);
        }
        found.into_iter().collect()
    }

    /// The rows of all views; with the values of a feature, where it is named, taken from others: row
    /// `n` has those of row `order[n]`.
    fn shuffled(&self, work: Option<(&str, &Vec<usize>)>) -> Vec<Cow<'_, Matrix>> {
        let of_view = |view: &'_ View<'_>| {
            let feature = work.and_then(|(name, order)| {
                let feature = view.features.iter().find(|feature| feature.name == name)?;
                Some((feature, order))
            });
            feature.map(|(feature, order)| with_shuffled(&view.rows, feature, order))
        };
        let rows = self.views.iter();
        rows.map(|view| of_view(view).map_or(Cow::Borrowed(&*view.rows), Cow::Owned)).collect()
    }
}

/// The rows with a feature's inputs taken from others.
fn with_shuffled(rows: &Matrix, feature: &Feature, order: &[usize]) -> Matrix {
    let width = rows.columns();
    let mut values = rows.values().to_vec();
    for (row, &other) in values.chunks_exact_mut(width.max(1)).zip(order) {
        for &input in &feature.inputs {
            row[input] = rows.row(other)[input];
        }
    }
    Matrix::new(width, values)
}

fn mean(values: impl ExactSizeIterator<Item = f64>) -> f64 {
    let count = values.len().max(1) as f64;
    values.sum::<f64>() / count
}

fn deviation(worse: &[Scores], score: usize) -> f64 {
    let center = mean(worse.iter().map(|worse| worse[score]));
    mean(worse.iter().map(|worse| (worse[score] - center).powi(2))).sqrt()
}

#[cfg(test)]
mod tests;
