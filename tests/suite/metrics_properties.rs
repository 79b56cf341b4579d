//! What must hold of `src/metrics` whatever the labels and probabilities.

use forewarn::metrics::{
    Averages, ClassScores, Confusion, OneVsRest, Scored, SplitMetrics, log_loss,
};
use proptest::prelude::*;

const ROUNDING: f64 = 1e-12;

/// One row: its true class and its probabilities.
type Row = (u32, Vec<f64>);

/// A number of classes and 1 to 30 rows, with ties and impossible classes among them.
fn splits() -> impl Strategy<Value = (usize, Vec<Row>)> {
    (2_usize..=5).prop_flat_map(|classes| {
        let weights = prop::collection::vec(0_u32..=4, classes);
        let row =
            (0..classes as u32, weights).prop_map(|(truth, weights)| (truth, share(&weights)));
        (Just(classes), prop::collection::vec(row, 1..=30))
    })
}

/// A split, and another order of its rows.
fn shuffled_splits() -> impl Strategy<Value = (usize, Vec<Row>, Vec<Row>)> {
    splits().prop_flat_map(|(classes, rows)| {
        let shuffled = Just(rows.clone()).prop_shuffle();
        (Just(classes), Just(rows), shuffled)
    })
}

/// A split, and for each class the label it gets instead.
fn relabelled_splits() -> impl Strategy<Value = (usize, Vec<Row>, Vec<u32>)> {
    splits().prop_flat_map(|(classes, rows)| {
        let labels: Vec<u32> = (0..classes as u32).collect();
        (Just(classes), Just(rows), Just(labels).prop_shuffle())
    })
}

/// A confusion matrix with many empty cells, and for each class the label it gets instead.
fn relabelled_tables() -> impl Strategy<Value = (usize, Vec<u64>, Vec<u32>)> {
    (1_usize..=5).prop_flat_map(|classes| {
        let count = prop_oneof![Just(0_u64), 0_u64..50];
        let labels: Vec<u32> = (0..classes as u32).collect();
        let counts = prop::collection::vec(count, classes * classes);
        (Just(classes), counts, Just(labels).prop_shuffle())
    })
}

/// Weights as shares of their sum; equal shares when all are zero.
fn share(weights: &[u32]) -> Vec<f64> {
    let sum: u32 = weights.iter().sum();
    let share = |&weight: &u32| match sum {
        0 => 1.0 / weights.len() as f64,
        sum => f64::from(weight) / f64::from(sum),
    };
    weights.iter().map(share).collect()
}

fn columns(rows: &[Row]) -> (Vec<u32>, Vec<f64>) {
    let truth = rows.iter().map(|(truth, _)| *truth).collect();
    let probabilities = rows.iter().flat_map(|(_, row)| row.clone()).collect();
    (truth, probabilities)
}

fn measure(classes: usize, rows: &[Row]) -> SplitMetrics {
    let (truth, probabilities) = columns(rows);
    let names: Vec<String> = (0..classes).map(|label| label.to_string()).collect();
    SplitMetrics::compute(&Scored::new(&truth, &probabilities, classes).unwrap(), &names).unwrap()
}

fn is_close(left: f64, right: f64) -> bool {
    (left - right).abs() <= ROUNDING
}

fn are_close(left: Averages, right: Averages) -> bool {
    is_close(left.precision, right.precision)
        && is_close(left.recall, right.recall)
        && is_close(left.specificity, right.specificity)
        && is_close(left.f1, right.f1)
}

proptest! {
    #[test]
    fn the_order_of_the_rows_changes_nothing((classes, rows, shuffled) in shuffled_splits()) {
        let before = measure(classes, &rows);
        let mut after = measure(classes, &shuffled);
        prop_assert!((before.log_loss - after.log_loss).abs() <= ROUNDING * before.log_loss.max(1.0));
        after.log_loss = before.log_loss;
        prop_assert_eq!(before, after);
    }

    #[test]
    fn relabelling_the_classes_permutes_their_scores_and_keeps_the_averages(
        (classes, counts, new_labels) in relabelled_tables()
    ) {
        let before = Confusion::from_counts(classes, counts).unwrap();
        let mut moved = vec![0; classes * classes];
        for (truth, row) in before.rows().into_iter().enumerate() {
            for (predicted, count) in row.into_iter().enumerate() {
                let (row, column) = (new_labels[truth] as usize, new_labels[predicted] as usize);
                moved[row * classes + column] = count;
            }
        }
        let after = Confusion::from_counts(classes, moved).unwrap();
        for (scores, &label) in before.per_class().into_iter().zip(&new_labels) {
            prop_assert_eq!(scores, after.class_scores(label));
        }
        prop_assert!(are_close(before.macro_average(), after.macro_average()));
        prop_assert!(are_close(before.weighted_average(), after.weighted_average()));
        prop_assert!(is_close(before.balanced_accuracy(), after.balanced_accuracy()));
        prop_assert_eq!(before.accuracy(), after.accuracy());
        prop_assert!(is_close(before.mcc(), after.mcc()));
    }

    #[test]
    fn relabelling_the_classes_permutes_their_ranking_areas_and_keeps_the_loss(
        (classes, rows, new_labels) in relabelled_splits()
    ) {
        let relabel = |(truth, row): &Row| {
            let mut moved = vec![0.0; classes];
            for (value, &label) in row.iter().zip(&new_labels) {
                moved[label as usize] = *value;
            }
            (new_labels[*truth as usize], moved)
        };
        let relabelled: Vec<Row> = rows.iter().map(relabel).collect();
        let (truth, probabilities) = columns(&rows);
        let before = Scored::new(&truth, &probabilities, classes).unwrap();
        let (truth, probabilities) = columns(&relabelled);
        let after = Scored::new(&truth, &probabilities, classes).unwrap();
        for (label, &new_label) in (0..).zip(&new_labels) {
            prop_assert_eq!(
                OneVsRest::rank(&before, label),
                OneVsRest::rank(&after, new_label)
            );
        }
        prop_assert_eq!(log_loss(&before), log_loss(&after));
    }

    #[test]
    fn accuracy_is_the_trace_over_the_total((classes, counts, _) in relabelled_tables()) {
        let total: u64 = counts.iter().sum();
        let trace: u64 = counts.iter().step_by(classes + 1).sum();
        let confusion = Confusion::from_counts(classes, counts).unwrap();
        let expected = if total == 0 { 0.0 } else { trace as f64 / total as f64 };
        prop_assert_eq!(confusion.accuracy(), expected);
        prop_assert!(is_close(confusion.weighted_average().recall, expected));
    }

    #[test]
    fn every_score_stays_in_its_range((classes, counts, _) in relabelled_tables()) {
        let confusion = Confusion::from_counts(classes, counts).unwrap();
        let unit = 0.0..=1.0;
        for scores in confusion.per_class() {
            let ClassScores { precision, recall, specificity, f1, .. } = scores;
            for score in [precision, recall, specificity, f1] {
                prop_assert!(unit.contains(&score), "{:?}", scores);
            }
            prop_assert!(f1 <= precision.max(recall) + ROUNDING);
            prop_assert!(f1 >= precision.min(recall) - ROUNDING);
        }
        prop_assert!(confusion.mcc().abs() <= 1.0 + ROUNDING);
        prop_assert!(confusion.macro_recall() <= confusion.balanced_accuracy() + ROUNDING);
    }

    #[test]
    fn swapping_truth_and_prediction_swaps_precision_and_recall_and_keeps_mcc(
        (classes, counts, _) in relabelled_tables()
    ) {
        let table = Confusion::from_counts(classes, counts.clone()).unwrap();
        let transposed: Vec<u64> = (0..classes * classes)
            .map(|cell| counts[cell % classes * classes + cell / classes])
            .collect();
        let transposed = Confusion::from_counts(classes, transposed).unwrap();
        for (scores, mirrored) in table.per_class().into_iter().zip(transposed.per_class()) {
            prop_assert_eq!(scores.precision, mirrored.recall);
            prop_assert_eq!(scores.f1, mirrored.f1);
        }
        prop_assert_eq!(table.mcc(), transposed.mcc());
    }

    #[test]
    fn the_roc_area_is_the_share_of_pairs_ranked_right((classes, rows) in splits()) {
        let (truth, probabilities) = columns(&rows);
        let scored = Scored::new(&truth, &probabilities, classes).unwrap();
        for label in 0..classes as u32 {
            let of = |wanted: bool| {
                let of_class = rows.iter().filter(move |(truth, _)| (*truth == label) == wanted);
                of_class.map(|(_, row)| row[label as usize])
            };
            let pair = |high: f64, low: f64| {
                if high == low { 0.5 } else { f64::from(u8::from(high > low)) }
            };
            let right: f64 = of(true).flat_map(|high| of(false).map(move |low| pair(high, low))).sum();
            let pairs = of(true).count() * of(false).count();
            let expected = (pairs > 0).then(|| right / pairs as f64);
            prop_assert_eq!(OneVsRest::rank(&scored, label).roc_auc(), expected);
        }
    }

    #[test]
    fn the_precision_recall_area_exists_with_a_positive_and_reaches_at_most_one(
        (classes, rows) in splits()
    ) {
        let metrics = measure(classes, &rows);
        for scores in metrics.per_class {
            prop_assert_eq!(scores.pr_auc.is_some(), scores.support > 0);
            if let Some(area) = scores.pr_auc {
                prop_assert!(area > 0.0 && area <= 1.0 + ROUNDING);
            }
        }
    }
}
