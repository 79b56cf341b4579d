#![allow(clippy::unwrap_used, clippy::float_cmp)]

use std::path::Path;

use serde::Deserialize;

use super::*;
use crate::examples::Examples;

/// Softmax of `[classes, inputs]` weights times a row.
fn linear(
    weights: &[Vec<f64>],
) -> impl Fn(&[Cow<'_, Matrix>]) -> Result<Vec<f64>, MetricsError> + Sync + '_ {
    move |rows| Ok(probabilities(weights, &rows[0]))
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

fn question<'a>(
    examples: &'a Examples,
    classes: usize,
    decision: &'a Decision,
    features: &[Feature],
) -> Question<'a> {
    let view = View { rows: Cow::Borrowed(&examples.features), features: features.to_vec() };
    Question { views: vec![view], labels: &examples.labels, classes, decision }
}

fn importances(weights: &[Vec<f64>], features: &[Feature], repeats: usize) -> Importances {
    let (examples, decision) = (examples(), Decision::default());
    let question = question(&examples, 2, &decision, features);
    permutation_importance(linear(weights), &question, repeats, 3).unwrap()
}

fn find<'a>(found: &'a Importances, name: &str) -> &'a FeatureImportance {
    found.features.iter().find(|feature| feature.feature == name).unwrap()
}

#[test]
fn importances_are_those_of_scikit_learn_on_the_same_orders() {
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
    let (model, decision) = (linear(&golden.weights), Decision::default());
    let question = question(&examples, golden.weights.len(), &decision, &features);
    let found = permuted(model, &question, &golden.orders).unwrap();
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
    let (features, decision) = ([feature("a", &[0])], Decision::default());
    let question = question(&examples, 2, &decision, &features);
    let found = permutation_importance(linear(&weights), &question, 2, 0);
    assert_eq!(found.unwrap().rows, 10_000);
}

#[test]
fn a_table_without_rows_is_refused() {
    let none = Examples { features: Matrix::new(1, Vec::new()), labels: Vec::new() };
    let weights = [vec![1.0], vec![2.0]];
    let (features, decision) = ([feature("a", &[0])], Decision::default());
    let question = question(&none, 2, &decision, &features);
    let found = permutation_importance(linear(&weights), &question, 2, 0);
    assert_eq!(found.unwrap_err(), MetricsError::NoRows);
}

#[test]
fn a_feature_is_shuffled_in_every_preparation_at_once() {
    // One member takes the first number, the other twice that and a constant: their difference is
    // always the same, so that shuffling both alike changes nothing.
    let examples = examples();
    let other: Vec<f32> =
        (0..240).flat_map(|row| [1.0, 2.0 * examples.features.row(row)[0]]).collect();
    let other = Matrix::new(2, other);
    let decision = Decision::default();
    let views = vec![
        View { rows: Cow::Borrowed(&examples.features), features: vec![feature("a", &[0])] },
        View {
            rows: Cow::Borrowed(&other),
            features: vec![feature("b", &[0]), feature("a", &[1])],
        },
    ];
    let ask = |views: Vec<View<'_>>| {
        let question =
            Question { views, labels: &examples.labels, classes: 2, decision: &decision };
        let apart = |rows: &[Cow<'_, Matrix>]| {
            let row = |row: usize| {
                let difference = 2.0 * rows[0].row(row)[0] - rows[1].row(row)[1];
                let share = 1.0 / (1.0 + f64::from(difference).exp());
                [1.0 - share, share]
            };
            Ok::<_, MetricsError>((0..240).flat_map(row).collect())
        };
        permutation_importance(apart, &question, 3, 1).unwrap()
    };
    let found = ask(views.clone());
    assert_eq!(found.features.len(), 2);
    assert_eq!((find(&found, "a").mean, find(&found, "b").mean), ([0.0; 3], [0.0; 3]));
    let mut apart = views;
    apart[1].features.clear();
    assert!(find(&ask(apart), "a").mean[2].abs() > 0.01);
}
