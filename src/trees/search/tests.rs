//! The search beside one that tries every threshold.
#![allow(clippy::unwrap_used)]

use proptest::prelude::*;

use super::*;
use crate::trees::sample;
use crate::trees::settings::Criterion;

/// Labels and weights of rows, and their cells in one column.
#[derive(Debug, Clone)]
struct Table {
    rows: Vec<(u16, u16, f32)>,
    classes: usize,
}

impl Table {
    fn samples(&self) -> Vec<Sample> {
        let rows = self.rows.iter().zip(0..);
        rows.map(|(&(class, weight, _), row)| Sample { row, class, weight }).collect()
    }

    fn tallies(&self, goes_left: impl Fn(f32) -> bool) -> Vec<Tally> {
        let mut tallies = vec![Tally::default(); self.classes];
        for (sample, row) in self.samples().iter().zip(&self.rows) {
            tallies[usize::from(sample.class)] += sample.tally().when(goes_left(row.2));
        }
        tallies
    }

    /// The best score of all thresholds, by a pass over all rows for each.
    fn best(&self, judge: &Judge) -> Option<f64> {
        let mut values: Vec<f32> = self.rows.iter().map(|row| row.2).collect();
        values.retain(|value| !value.is_nan());
        values.sort_by(f32::total_cmp);
        values.dedup();
        let both = self.tallies(|_| true);
        let mut best: Option<f64> = None;
        for low in values {
            for missing_left in [false, true] {
                let left =
                    self.tallies(|cell| if cell.is_nan() { missing_left } else { cell <= low });
                let rows = sample::rows(&left);
                if rows == 0 || rows == self.rows.len() {
                    continue;
                }
                let score = judge.score(&left, &both);
                best = score.map(|score| best.map_or(score, |best| best.max(score))).or(best);
            }
        }
        best
    }
}

/// Rows of up to four classes, one of them more or less frequent, with few or many values.
fn tables() -> impl Strategy<Value = Table> {
    (2..5_usize, 0..10_u16, 1..40_i32, 0..4_u32).prop_flat_map(|(classes, rare, values, gaps)| {
        let class = (0..20_u16, 0..classes as u16)
            .prop_map(move |(draw, class)| if draw < rare * 2 { class } else { 0 });
        let cell = (0..20_u32, 0..values)
            .prop_map(move |(draw, value)| if draw < gaps { f32::NAN } else { value as f32 / 8.0 });
        prop::collection::vec((class, 1..4_u16, cell), 2..60).prop_map(move |mut rows| {
            // A node of one class is never split.
            rows[0].0 = 0;
            rows[1].0 = 1;
            rows.sort_by_key(|row| row.0);
            Table { rows, classes }
        })
    })
}

fn judges() -> impl Strategy<Value = Judge<'static>> {
    (any::<bool>(), any::<bool>(), 0..3_usize, 0..3_u8).prop_map(|(gini, weighs, rows, weight)| {
        Judge {
            criterion: if gini { Criterion::Gini } else { Criterion::Entropy },
            class_weights: if weighs { &[1.0, 3.5, 0.25, 2.0] } else { &[1.0; 4] },
            logarithms: &[],
            min_rows: [1, 1, 5][rows],
            min_weight: [0.0, 0.0, 6.5][usize::from(weight)],
        }
    })
}

/// The split that one way of ordering the rows leads to.
fn find(table: &Table, judge: &Judge, order: Option<usize>) -> Option<Split> {
    let judge = Judge { class_weights: &judge.class_weights[..table.classes], ..*judge };
    let (samples, tallies) = (table.samples(), table.tallies(|_| true));
    let node = Node { samples: &samples, tallies: &tallies };
    let column = Ranked::new(&table.rows.iter().map(|row| row.2).collect::<Vec<f32>>());
    let mut search = Search::new(&judge);
    let mut best = Split::none(table.classes);
    let Some(order) = order else {
        search.try_all(node, (0, &column), &mut best);
        return best.is_found().then_some(best);
    };
    let span = column.gather(&samples, &mut search.ranks);
    if column.is_constant(span) {
        return None;
    }
    match order {
        0 => search.bin(node, span),
        1 => search.sort(node, &column),
        _ => search.order_minority(node, &column, span),
    }
    search.scan(node, &column, span, &mut best);
    if order == 2 && best.is_found() {
        best.cut = search.minority.translate(best.cut, &search.ranks);
    }
    best.is_found().then_some(best)
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None, cases: 3000, ..ProptestConfig::default()
    })]

    #[test]
    fn no_threshold_is_better_than_the_one_found(table in tables(), judge in judges()) {
        let judge = Judge { class_weights: &judge.class_weights[..table.classes], ..judge };
        let found = find(&table, &judge, None);
        let score = found.as_ref().map(|found| found.score);
        let best = table.best(&judge);
        prop_assert_eq!(score.is_some(), best.is_some());
        if let (Some(score), Some(best)) = (score, best) {
            prop_assert!((score - best).abs() <= 1e-12 * best.abs().max(1.0), "{} {}", score, best);
        }
        // What is said to lie left is what the threshold sends there.
        if let Some(found) = found {
            let column = Ranked::new(&table.rows.iter().map(|row| row.2).collect::<Vec<f32>>());
            let threshold = found.cut.threshold(|rank| column.value(rank));
            let left = table.tallies(|cell| {
                if cell.is_nan() { found.missing_left } else { cell <= threshold }
            });
            prop_assert_eq!(left, found.left);
        }
    }

    #[test]
    fn all_orders_lead_to_the_same_split(table in tables(), judge in judges()) {
        let expected = find(&table, &judge, Some(0));
        for order in [1, 2] {
            if order == 2 && !judge.is_free() {
                continue;
            }
            let found = find(&table, &judge, Some(order));
            prop_assert_eq!(found.is_some(), expected.is_some());
            if let (Some(found), Some(expected)) = (&found, &expected) {
                prop_assert_eq!(found.score.to_bits(), expected.score.to_bits());
                prop_assert_eq!(&found.left, &expected.left);
                prop_assert_eq!(found.cut, expected.cut);
            }
        }
    }
}
