//! How much a model goes by each feature: how much worse it does when the feature's values are shuffled
//! among the rows.
//!
//! Permutation importance (Breiman, "Random Forests", 2001) as scikit-learn's `permutation_importance`
//! has it, with one difference: the inputs that an encoding has made of a column are one [`Feature`],
//! and are shuffled together. Every repeat is one order of the rows, the same for all features.

use rayon::iter::{IntoParallelIterator, ParallelIterator};

use crate::ensemble::Decision;
use crate::examples::{Examples, Matrix};
use crate::metrics::{MetricsError, Scored, log_loss};
use crate::prepare::Feature;
use crate::random::{Purpose, Streams, shuffle};

/// More rows are not looked at, but so many of them, drawn by chance.
const MOST_ROWS: usize = 10_000;

/// How many values a model is given at most: rows x inputs x features x repeats. Where that is less than
/// `MOST_ROWS` rows, these are fewer, down to `FEWEST_ROWS`.
const MOST_VALUES: usize = 4_000_000_000;

const FEWEST_ROWS: usize = 100;

/// The scores by which importance is told, or how much worse they are, in the order of [`SCORES`].
pub type Scores = [f64; 3];

/// What [`Scores`] are called in files.
pub const SCORES: [&str; 3] = ["macro_f1", "mcc", "log_loss"];

/// How much a model goes by the features of a table.
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

/// How much a model goes by one feature.
#[derive(Debug, Clone, PartialEq)]
pub struct FeatureImportance {
    /// The feature's name.
    pub feature: String,
    /// How many inputs were shuffled together.
    pub inputs: usize,
    /// How much worse the scores are with the feature shuffled, mean over the repeats: macro F1 and MCC
    /// by how much they fall, log loss, in nats, by how much it rises.
    pub mean: Scores,
    /// The same figures' standard deviation over the repeats, that of the population.
    pub std: Scores,
}

/// Shuffles each feature `repeats` times, on all threads of the current pool; what comes out depends on
/// no thread.
///
/// `probabilities` gives the model's `[rows, classes]` for rows of the shape of `examples`, of which
/// the decision tells a class. Of more than
/// 10,000 rows so many are drawn by `seed`, and fewer where a model has very many inputs.
///
/// # Errors
/// Those of `probabilities`, and [`MetricsError`] where these are none, or where there is no row.
pub fn permutation_importance<E: From<MetricsError> + Send>(
    probabilities: impl Fn(&Matrix) -> Result<Vec<f64>, E> + Sync,
    (examples, classes, decision): (&Examples, usize, &Decision),
    features: &[Feature],
    repeats: usize,
    seed: u64,
) -> Result<Importances, E> {
    let streams = Streams::new(seed, 0, 0);
    let order = |rows: usize, index: u64| {
        let mut order: Vec<usize> = (0..rows).collect();
        shuffle(&mut order, &mut streams.generator(Purpose::Permutation, index));
        order
    };
    let rows = examples.labels.len();
    let most = most_rows(examples.features.columns(), features.len(), repeats);
    let drawn = (rows > most).then(|| {
        let mut kept = order(rows, 0);
        kept.truncate(most);
        kept.sort_unstable();
        examples.pick(&kept)
    });
    let examples = drawn.as_ref().unwrap_or(examples);
    let orders = (1..=repeats as u64).map(|repeat| order(examples.labels.len(), repeat));
    permuted(probabilities, (examples, classes, decision), features, &orders.collect::<Vec<_>>())
}

/// How many rows are looked at, at most.
fn most_rows(inputs: usize, features: usize, repeats: usize) -> usize {
    let each = inputs.saturating_mul(features).saturating_mul(repeats).max(1);
    (MOST_VALUES / each).clamp(FEWEST_ROWS, MOST_ROWS)
}

/// [`permutation_importance`] with the given orders of the rows, one a repeat.
fn permuted<E: From<MetricsError> + Send>(
    probabilities: impl Fn(&Matrix) -> Result<Vec<f64>, E> + Sync,
    (examples, classes, decision): (&Examples, usize, &Decision),
    features: &[Feature],
    orders: &[Vec<usize>],
) -> Result<Importances, E> {
    let scores = |rows: &Matrix| -> Result<Scores, E> {
        let probabilities = probabilities(rows)?;
        let scored = Scored::new(&examples.labels, &probabilities, classes)?;
        let scored = scored.decided(decision.thresholds.as_deref());
        let confusion = scored.confusion()?;
        Ok([confusion.macro_f1(), confusion.mcc(), log_loss(&scored)])
    };
    let baseline = scores(&examples.features)?;
    let works =
        features.iter().flat_map(|feature| orders.iter().map(move |order| (feature, order)));
    let shuffled = works.collect::<Vec<_>>().into_par_iter().map(|(feature, order)| {
        let [macro_f1, mcc, log_loss] = scores(&with_shuffled(&examples.features, feature, order))?;
        Ok([baseline[0] - macro_f1, baseline[1] - mcc, log_loss - baseline[2]])
    });
    let worse: Vec<Scores> = shuffled.collect::<Result<_, E>>()?;
    let of_feature = |(feature, worse): (&Feature, &[Scores])| FeatureImportance {
        feature: feature.name.clone(),
        inputs: feature.inputs.len(),
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
    let rows = examples.labels.len();
    Ok(Importances { rows, repeats: orders.len(), baseline, features: found })
}

/// The rows with a feature's inputs taken from others: row `n` has those of row `order[n]`.
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
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]

    use std::path::Path;

    use serde::Deserialize;

    use super::*;

    /// Softmax of `[classes, inputs]` weights times a row.
    fn linear(
        weights: &[Vec<f64>],
    ) -> impl Fn(&Matrix) -> Result<Vec<f64>, MetricsError> + Sync + '_ {
        move |rows| Ok(probabilities(weights, rows))
    }

    fn probabilities(weights: &[Vec<f64>], rows: &Matrix) -> Vec<f64> {
        let row = |row: usize| {
            let logit = |weights: &Vec<f64>| {
                let inputs = rows.row(row).iter().map(|&value| f64::from(value));
                weights.iter().zip(inputs).map(|(weight, value)| weight * value).sum::<f64>().exp()
            };
            let powers: Vec<f64> = weights.iter().map(logit).collect();
            let sum: f64 = powers.iter().sum();
            powers.into_iter().map(move |power| power / sum)
        };
        (0..rows.rows()).flat_map(row).collect()
    }

    fn feature(name: &str, inputs: &[usize]) -> Feature {
        Feature { name: name.to_owned(), inputs: inputs.to_vec() }
    }

    /// 240 rows of two independent numbers, the second of them twice; the class is the first's sign.
    fn examples() -> Examples {
        let value = |row: u32, prime: u32| (row * prime % 240) as f32 / 120.0 - 1.0;
        let row = |row: u32| [value(row, 7), value(row, 113), value(row, 113)];
        let labels = (0..240).map(|row| u32::from(value(row, 7) > 0.0)).collect();
        Examples { features: Matrix::new(3, (0..240).flat_map(row).collect()), labels }
    }

    fn importances(weights: &[Vec<f64>], features: &[Feature], repeats: usize) -> Importances {
        permutation_importance(
            linear(weights),
            (&examples(), 2, &Decision::default()),
            features,
            repeats,
            3,
        )
        .unwrap()
    }

    fn find<'a>(found: &'a Importances, name: &str) -> &'a FeatureImportance {
        found.features.iter().find(|feature| feature.feature == name).unwrap()
    }

    #[test]
    fn figures_are_those_of_scikit_learn_on_the_same_orders() {
        #[derive(Deserialize)]
        struct Golden {
            weights: Vec<Vec<f64>>,
            rows: Vec<Vec<f32>>,
            labels: Vec<u32>,
            orders: Vec<Vec<usize>>,
            baseline: Scores,
            importances_mean: Vec<Scores>,
            importances_std: Vec<Scores>,
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/importance.json");
        let golden: Golden = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let inputs = golden.importances_mean.len();
        let features: Vec<Feature> =
            (0..inputs).map(|input| feature(&input.to_string(), &[input])).collect();
        let examples =
            Examples { features: Matrix::new(inputs, golden.rows.concat()), labels: golden.labels };
        let model = linear(&golden.weights);
        let found = permuted(
            model,
            (&examples, golden.weights.len(), &Decision::default()),
            &features,
            &golden.orders,
        )
        .unwrap();
        let close = |one: Scores, other: Scores| {
            one.iter().zip(other).all(|(one, other)| (one - other).abs() < 1e-12)
        };
        assert!(close(found.baseline, golden.baseline), "{:?}", found.baseline);
        for (input, (mean, std)) in
            golden.importances_mean.iter().zip(golden.importances_std).enumerate()
        {
            let found = find(&found, &input.to_string());
            assert!(close(found.mean, *mean) && close(found.std, std), "{input}: {found:?}");
        }
    }

    #[test]
    fn a_feature_that_the_model_ignores_has_no_importance_at_all() {
        let weights = [vec![0.0, 0.0, 0.0], vec![8.0, 0.0, 0.0]];
        let found = importances(&weights, &[feature("ignored", &[1, 2]), feature("used", &[0])], 5);
        assert_eq!(found.features[0].feature, "used");
        assert!(found.features[0].mean.iter().all(|&worse| worse > 0.1), "{found:?}");
        let ignored = find(&found, "ignored");
        assert_eq!((ignored.inputs, ignored.mean, ignored.std), (2, [0.0; 3], [0.0; 3]));
    }

    #[test]
    fn inputs_of_one_feature_are_shuffled_together() {
        // The model sees the difference of two inputs that are always equal: apart, they matter.
        let weights = [vec![0.0, 0.0, 0.0], vec![8.0, 9.0, -9.0]];
        let found = importances(&weights, &[feature("together", &[1, 2]), feature("one", &[1])], 5);
        assert_eq!(find(&found, "together").mean[..2], [0.0; 2]);
        assert!(find(&found, "together").mean[2].abs() < 1e-12);
        assert!(find(&found, "one").mean.iter().all(|&worse| worse > 0.1), "{found:?}");
    }

    #[test]
    fn what_is_found_depends_on_no_thread_and_on_no_other_feature() {
        let weights = [vec![0.0, 0.0, 0.0], vec![4.0, 1.0, 0.5]];
        let features = [feature("a", &[0]), feature("b", &[1]), feature("c", &[2])];
        let with = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| importances(&weights, &features, 7))
        };
        let found = with(1);
        assert_eq!(with(4), found);
        let alone = importances(&weights, &features[1..2], 7);
        assert_eq!(&alone.features[0], find(&found, "b"));
    }

    #[test]
    fn the_cost_is_bounded_however_wide_and_long_the_table_is() {
        assert_eq!(most_rows(40, 9, 5), MOST_ROWS);
        assert_eq!(most_rows(1000, 1000, 5), 800);
        assert_eq!(most_rows(usize::MAX, usize::MAX, 5), FEWEST_ROWS);
        let labels = vec![0; 10_001];
        let examples = Examples { features: Matrix::new(1, vec![0.5; 10_001]), labels };
        let weights = [vec![1.0], vec![2.0]];
        let found = permutation_importance(
            linear(&weights),
            (&examples, 2, &Decision::default()),
            &[feature("a", &[0])],
            2,
            0,
        );
        assert_eq!(found.unwrap().rows, 10_000);
    }

    #[test]
    fn a_table_without_rows_is_refused() {
        let none = Examples { features: Matrix::new(1, Vec::new()), labels: Vec::new() };
        let weights = [vec![1.0], vec![2.0]];
        let found = permutation_importance(
            linear(&weights),
            (&none, 2, &Decision::default()),
            &[feature("a", &[0])],
            2,
            0,
        );
        assert_eq!(found.unwrap_err(), MetricsError::NoRows);
    }
}
