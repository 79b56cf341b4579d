//! The probability from which on a class is predicted.

use crate::spec::{Costs, Thresholds};

/// What has less probability than this counts as if it had so much.
const LEAST: f64 = 1e-12;

/// How often all classes are gone through at most; mostly the second time changes nothing.
const MOST_PASSES: usize = 20;

/// Thresholds for [`super::Decision`], chosen on labelled rows by their probabilities
/// `[rows, classes]`. Where several choices are as good, the one that changes least. `None` if the
/// most probable class is to be predicted, or a class is named that is not among `names`.
pub fn thresholds(
    rule: &Thresholds,
    labels: &[u32],
    probabilities: &[f64],
    names: &[String],
) -> Option<Vec<f64>> {
    let place = |class: &str| names.iter().position(|name| name == class);
    let mut rows = Rows::new(labels, probabilities, names.len());
    match rule {
        Thresholds::None => return None,
        Thresholds::F1 => {
            rows.until_stable(|rows| {
                for class in 0..names.len() {
                    let counts = Counts::of(rows, class);
                    rows.improve(class, &counts, Counts::macro_f1);
                }
            });
        }
        Thresholds::Recall(wanted) => {
            let wanted = wanted.iter().map(|(class, share)| Some((place(class)?, share)));
            let wanted: Vec<(usize, f64)> = wanted.collect::<Option<_>>()?;
            rows.until_stable(|rows| {
                for &(class, share) in &wanted {
                    rows.reach(class, share);
                }
            });
        }
        Thresholds::Cost(costs) => {
            let normal = place(&costs.normal)?;
            let counts = Counts::of(&rows, normal);
            rows.improve(normal, &counts, |counts| -counts.cost(normal, costs));
        }
    }
    Some(rows.thresholds())
}

/// Rows with what each class is lifted by: minus the logarithm of its threshold.
struct Rows<'a> {
    labels: &'a [u32],
    /// `[rows, classes]`.
    logs: Vec<f64>,
    lifts: Vec<f64>,
}

/// A row as one class sees it.
struct Rival {
    row: usize,
    /// The class that is predicted where this one is not.
    class: usize,
    /// The lift above which this one is.
    margin: f64,
}

impl<'a> Rows<'a> {
    fn new(labels: &'a [u32], probabilities: &[f64], classes: usize) -> Self {
        let logs = probabilities.iter().map(|probability| probability.max(LEAST).ln()).collect();
        Self { labels, logs, lifts: vec![0.0; classes] }
    }

    /// Does something again and again until it changes nothing.
    fn until_stable(&mut self, change: impl Fn(&mut Self)) {
        for _ in 0..MOST_PASSES {
            let before = self.lifts.clone();
            change(self);
            if self.lifts == before {
                break;
            }
        }
    }

    /// The rows in the order in which they become a class's own as its lift rises.
    fn rivals(&self, class: usize) -> Vec<Rival> {
        let rows = self.logs.chunks_exact(self.lifts.len()).enumerate();
        let mut rivals: Vec<Rival> = rows
            .map(|(row, logs)| {
                let lifted = logs.iter().zip(&self.lifts).map(|(log, lift)| log + lift);
                let others = lifted.enumerate().filter(|(other, _)| *other != class);
                // Of ties, the first, as in a prediction.
                let best = others.reduce(|one, other| if other.1 > one.1 { other } else { one });
                let (rival, log) = best.unwrap_or((class, 0.0));
                Rival { row, class: rival, margin: log - logs[class] }
            })
            .collect();
        rivals.sort_by(|one, other| one.margin.total_cmp(&other.margin));
        rivals
    }

    /// Lifts a class to where a score of the counts is highest; `counts` are those with none of the
    /// rows predicted as it.
    fn improve(&mut self, class: usize, counts: &Counts, score: impl Fn(&Counts) -> f64) {
        let rivals = self.rivals(class);
        let mut counts = counts.clone();
        let now = self.lifts[class];
        // As it is, so that no equal takes its place.
        let predicted = rivals.partition_point(|rival| rival.margin < now);
        let mut best: Option<(f64, f64)> = None;
        let mut here = None;
        for place in 0..=rivals.len() {
            if let Some(joined) = place.checked_sub(1).map(|place| &rivals[place]) {
                counts.move_row(self.labels[joined.row] as usize, joined.class, class);
            }
            if place == predicted {
                here = Some(score(&counts));
            }
            let Some(lift) = between(&rivals, place) else { continue };
            let reached = score(&counts);
            let nearer = |(held, at): (f64, f64)| {
                reached > held || (reached >= held && (lift - now).abs() < (at - now).abs())
            };
            if best.is_none_or(nearer) {
                best = Some((reached, lift));
            }
        }
        if let Some((reached, lift)) = best
            && here.is_none_or(|here| reached > here)
        {
            self.lifts[class] = lift;
        }
    }

    /// Lifts a class no higher than it must be for a share of its rows to be predicted, and no lower than
    /// it is.
    fn reach(&mut self, class: usize, share: f64) {
        let rivals = self.rivals(class);
        let own = |rival: &&Rival| self.labels[rival.row] as usize == class;
        let wanted = (share * rivals.iter().filter(own).count() as f64 - 1e-9).ceil() as usize;
        let mut found = 0;
        for (place, rival) in rivals.iter().enumerate() {
            found += usize::from(own(&rival));
            if found >= wanted && rival.margin < self.lifts[class] {
                return;
            }
            if found >= wanted
                && let Some(lift) = between(&rivals, place + 1)
            {
                if wanted > 0 && lift > self.lifts[class] {
                    self.lifts[class] = lift;
                }
                return;
            }
        }
    }

    /// What the lifts are as thresholds that add up to 1.
    fn thresholds(&self) -> Vec<f64> {
        let lowest = self.lifts.iter().copied().fold(f64::INFINITY, f64::min);
        let shares: Vec<f64> = self.lifts.iter().map(|lift| (lowest - lift).exp()).collect();
        let sum: f64 = shares.iter().sum();
        shares.into_iter().map(|share| share / sum).collect()
    }
}

/// The lift at which the first `place` rows are predicted as the class and the others are not;
/// `None` if there is none, since two rows become the class's own together.
fn between(rivals: &[Rival], place: usize) -> Option<f64> {
    let margin = |place: usize| rivals.get(place).map(|rival| rival.margin);
    match (place.checked_sub(1).and_then(margin), margin(place)) {
        (Some(below), Some(above)) => (below < above).then(|| f64::midpoint(below, above)),
        (Some(last), None) => Some(last + 1.0),
        (None, Some(first)) => Some(first - 1.0),
        (None, None) => None,
    }
}

/// Rows by class: how many there are, are predicted, and are predicted right.
#[derive(Clone)]
struct Counts {
    there: Vec<u64>,
    predicted: Vec<u64>,
    hits: Vec<u64>,
}

impl Counts {
    /// Those of rows none of which is predicted as a class.
    fn of(rows: &Rows, class: usize) -> Self {
        let none = || vec![0; rows.lifts.len()];
        let mut counts = Self { there: none(), predicted: none(), hits: none() };
        for rival in rows.rivals(class) {
            let label = rows.labels[rival.row] as usize;
            counts.there[label] += 1;
            counts.predicted[rival.class] += 1;
            counts.hits[label] += u64::from(label == rival.class);
        }
        counts
    }

    fn move_row(&mut self, label: usize, from: usize, to: usize) {
        self.predicted[from] -= 1;
        self.predicted[to] += 1;
        self.hits[label] -= u64::from(label == from);
        self.hits[label] += u64::from(label == to);
    }

    /// See [`crate::metrics::Confusion::macro_f1`].
    fn macro_f1(&self) -> f64 {
        let (mut sum, mut seen) = (0.0, 0.0);
        for ((&there, &predicted), &hits) in self.there.iter().zip(&self.predicted).zip(&self.hits)
        {
            if there + predicted > 0 {
                sum += 2.0 * hits as f64 / (there + predicted) as f64;
                seen += 1.0;
            }
        }
        sum / f64::max(seen, 1.0)
    }

    fn cost(&self, normal: usize, costs: &Costs) -> f64 {
        let misses = self.predicted[normal] - self.hits[normal];
        let alarms = self.there[normal] - self.hits[normal];
        misses as f64 * costs.miss.get() + alarms as f64 * costs.false_alarm.get()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::metrics::{Confusion, decide};

    fn rule(json: serde_json::Value) -> Thresholds {
        serde_json::from_value(json).unwrap()
    }

    fn names(classes: usize) -> Vec<String> {
        (0..classes).map(|class| class.to_string()).collect()
    }

    /// The confusion matrix of the rows.
    fn predicted(labels: &[u32], probabilities: &[f64], thresholds: Option<&[f64]>) -> Confusion {
        let classes = probabilities.len() / labels.len();
        let mut confusion = Confusion::new(classes).unwrap();
        for (row, &label) in probabilities.chunks_exact(classes).zip(labels) {
            confusion.add(label, decide(row, thresholds).unwrap()).unwrap();
        }
        confusion
    }

    /// Rows with probabilities of three classes that know something of the labels.
    fn rows() -> impl Strategy<Value = (Vec<u32>, Vec<f64>)> {
        let row = (0..3_u32, prop::array::uniform3(0.01..1.0_f64));
        prop::collection::vec(row, 1..60).prop_map(|rows| {
            let labels = rows.iter().map(|(label, _)| *label).collect();
            let normed = rows.iter().flat_map(|(label, shares)| {
                let mut shares = *shares;
                shares[*label as usize] += 0.3;
                let sum: f64 = shares.iter().sum();
                shares.map(|share| share / sum)
            });
            (labels, normed.collect())
        })
    }

    proptest! {
        #[test]
        fn macro_f1_is_never_lower_than_that_of_the_most_probable_class((labels, rows) in rows()) {
            let chosen = thresholds(&rule(json!("f1")), &labels, &rows, &names(3)).unwrap();
            prop_assert!((chosen.iter().sum::<f64>() - 1.0).abs() < 1e-9);
            let with = predicted(&labels, &rows, Some(&chosen)).macro_f1();
            let without = predicted(&labels, &rows, None).macro_f1();
            prop_assert!(with >= without - 1e-12, "{with} {without}");
        }

        #[test]
        fn a_wanted_recall_is_reached((labels, rows) in rows(), share in 0.05..1.0_f64) {
            let wanted = rule(json!({"recall": {"1": share}}));
            let chosen = thresholds(&wanted, &labels, &rows, &names(3)).unwrap();
            let scores = predicted(&labels, &rows, Some(&chosen)).class_scores(1);
            prop_assert!(scores.support == 0 || scores.recall >= share - 1e-9);
        }

        #[test]
        fn no_threshold_of_the_normal_class_costs_less((labels, rows) in rows(), miss in 0.1..50.0_f64) {
            let costs = rule(json!({"cost": {"normal": "0", "miss": miss, "false_alarm": 1}}));
            let chosen = thresholds(&costs, &labels, &rows, &names(3)).unwrap();
            let cost = |thresholds: &[f64]| {
                let confusion = predicted(&labels, &rows, Some(thresholds));
                let hits = confusion.count(0, 0);
                let misses = confusion.predicted(0) - hits;
                misses as f64 * miss + (confusion.support(0) - hits) as f64
            };
            let least = cost(&chosen);
            for normal in (1..200).map(|step| f64::from(step) / 200.0) {
                let other = (1.0 - normal) / 2.0;
                prop_assert!(least <= cost(&[normal, other, other]) + 1e-9, "{normal}");
            }
        }
    }

    #[test]
    fn the_higher_of_two_thresholds_that_reach_a_recall_is_taken() {
        // The second class's rows have 0.4 and 0.2, another row 0.3: half of them are found at 0.35.
        let rows = [0.6, 0.4, 0.8, 0.2, 0.7, 0.3];
        let half = rule(json!({"recall": {"1": 0.5}}));
        let chosen = thresholds(&half, &[1, 1, 0], &rows, &names(2)).unwrap();
        assert!(chosen[1] > 0.3 && chosen[1] < 0.4, "{chosen:?}");
        assert_eq!(predicted(&[1, 1, 0], &rows, Some(&chosen)).rows(), [[1, 0], [1, 1]]);
    }

    #[test]
    fn rows_that_are_right_already_are_left_as_they_are() {
        let rows = [0.9, 0.1, 0.2, 0.8];
        for rule in [json!("f1"), json!({"recall": {"1": 1.0}})].map(rule) {
            assert_eq!(thresholds(&rule, &[0, 1], &rows, &names(2)).unwrap(), [0.5, 0.5]);
        }
        assert_eq!(thresholds(&Thresholds::None, &[0, 1], &rows, &names(2)), None);
    }
}
