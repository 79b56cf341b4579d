//! Stacked generalisation: a regression on what models predict (Wolpert 1992).

use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use crate::examples::Matrix;
use crate::logistic::{Linear, LogisticError, Settings, Solver};

/// The inverse strengths of the penalty to choose from, where none is asked for; the strongest first.
const STRENGTHS: [f64; 6] = [1e-4, 1e-3, 1e-2, 1e-1, 1.0, 10.0];

/// What has less probability than this counts as if it had so much: a forest that is sure must not
/// outvote all others.
const LEAST: f64 = 1e-4;

/// A multinomial logistic regression on the logarithms of the probabilities of several inputs, each a
/// model or the mean of several.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Coefficients", into = "Coefficients")]
pub struct Stacker(Linear);

/// The coefficients as model.json has them.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Coefficients {
    /// `[classes, inputs x classes]`.
    coef: Vec<Vec<f64>>,
    /// `[classes]`.
    intercept: Vec<f64>,
}

impl From<Stacker> for Coefficients {
    fn from(Stacker(linear): Stacker) -> Self {
        let rows = linear.weights().chunks_exact(linear.columns().max(1));
        Self { coef: rows.map(<[f64]>::to_vec).collect(), intercept: linear.intercepts().to_vec() }
    }
}

impl TryFrom<Coefficients> for Stacker {
    type Error = LogisticError;

    fn try_from(Coefficients { coef, intercept }: Coefficients) -> Result<Self, LogisticError> {
        let (classes, columns) = (coef.len(), coef.first().map_or(0, Vec::len));
        if coef.iter().any(|row| row.len() != columns) {
            return Err(LogisticError::Coefficients { classes, columns });
        }
        Linear::new(classes, columns, coef.concat(), intercept).map(Self)
    }
}

/// Rows that a stacker is fitted to.
#[derive(Debug, Clone)]
pub struct StackedRows<'a> {
    /// `[rows]`.
    pub labels: &'a [u32],
    /// `[rows]`: the parts of a cross-validation.
    pub parts: &'a [usize],
    /// Log-probabilities `[rows, classes]` of each input, by models that were not trained on the rows.
    pub inputs: &'a [Vec<f64>],
    /// Number of classes.
    pub classes: usize,
}

/// A fitted stacker.
#[derive(Debug, Clone)]
pub struct Stacked {
    /// The regression.
    pub stacker: Stacker,
    /// The inverse strength of its penalty.
    pub c: f64,
    /// Log-probabilities `[rows, classes]` of the rows of each part, by a regression that was fitted to
    /// the rows of the others.
    pub logs: Vec<f64>,
}

impl Stacker {
    /// Fits a regression to rows. Without `c`, it is the strength whose log loss is lowest in
    /// cross-validation over the parts; of equals the stronger penalty.
    ///
    /// # Errors
    /// [`LogisticError`] where the rows, or those of all parts but one, are all of one class.
    pub fn fit(rows: &StackedRows<'_>, c: Option<f64>) -> Result<Stacked, LogisticError> {
        let matrix = features(rows.inputs, rows.classes);
        let strengths = c.map_or(STRENGTHS.to_vec(), |c| vec![c]);
        let mut best: Option<(f64, f64, Vec<f64>)> = None;
        for c in strengths {
            let held_out = rows.cross_validate(&matrix, c)?;
            let loss = log_loss(&held_out, rows.labels, rows.classes);
            if best.as_ref().is_none_or(|(least, ..)| loss < *least) {
                best = Some((loss, c, held_out));
            }
        }
        let (_, c, logs) = best.unwrap_or_default();
        let stacker = Self(regress(&matrix, rows.labels, rows.classes, c)?);
        Ok(Stacked { stacker, c, logs })
    }

    /// Log-probabilities `[rows, classes]` of rows by those that each input gives them.
    ///
    /// # Errors
    /// [`LogisticError::Coefficients`] where the number of inputs differs.
    pub fn log_probabilities(&self, inputs: &[Vec<f64>]) -> Result<Vec<f64>, LogisticError> {
        self.0.log_probabilities(&features(inputs, self.0.classes()))
    }

    /// Whether it takes that many inputs and classes.
    pub fn takes(&self, inputs: usize, classes: usize) -> bool {
        self.0.classes() == classes && Some(self.0.columns()) == inputs.checked_mul(classes)
    }
}

impl StackedRows<'_> {
    /// What each part's rows are predicted by a regression on the others.
    fn cross_validate(&self, matrix: &Matrix, c: f64) -> Result<Vec<f64>, LogisticError> {
        let mut logs = vec![0.0; self.labels.len() * self.classes];
        let last = self.parts.iter().copied().max().unwrap_or(0);
        for part in 0..=last {
            let places = 0..self.labels.len();
            let (held, fitted): (Vec<usize>, Vec<usize>) =
                places.partition(|&row| self.parts[row] == part);
            if held.is_empty() {
                continue;
            }
            let labels: Vec<u32> = fitted.iter().map(|&row| self.labels[row]).collect();
            let linear = regress(&matrix.pick(&fitted), &labels, self.classes, c)?;
            let found = linear.log_probabilities(&matrix.pick(&held))?;
            for (&row, found) in held.iter().zip(found.chunks_exact(self.classes)) {
                logs[row * self.classes..][..self.classes].copy_from_slice(found);
            }
        }
        Ok(logs)
    }
}

/// The columns of the regression: the logarithms of each input's probabilities, side by side.
fn features(inputs: &[Vec<f64>], classes: usize) -> Matrix {
    let rows = inputs.first().map_or(0, |logs| logs.len() / classes.max(1));
    let least = LEAST.ln();
    let row = |row: usize| {
        let of_row = move |logs: &Vec<f64>| logs[row * classes..][..classes].to_vec();
        inputs.iter().flat_map(of_row).map(move |log| log.max(least) as f32)
    };
    Matrix::new(inputs.len() * classes, (0..rows).flat_map(row).collect())
}

fn regress(
    matrix: &Matrix,
    labels: &[u32],
    classes: usize,
    c: f64,
) -> Result<Linear, LogisticError> {
    let settings = Settings { c, tol: 1e-6, ..Settings::default() };
    let mut solver = Solver::new(matrix, labels, classes, &settings)?;
    // It is small: nothing is worth stopping it for.
    let never = AtomicBool::new(false);
    for _ in 0..settings.max_iter {
        if solver.step(&never).is_none_or(|step| step.converged) {
            break;
        }
    }
    Ok(solver.model())
}

/// The mean cross-entropy.
fn log_loss(logs: &[f64], labels: &[u32], classes: usize) -> f64 {
    let rows = logs.chunks_exact(classes).zip(labels);
    let sum: f64 = rows.map(|(row, &label)| -row[label as usize].max(f64::EPSILON.ln())).sum();
    sum / labels.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    /// Rows of three classes: one input knows the first class, the other tells the last two apart.
    fn rows() -> (Vec<u32>, Vec<usize>, Vec<Vec<f64>>) {
        let (mut labels, mut one, mut other) = (Vec::new(), Vec::new(), Vec::new());
        for row in 0..60_u32 {
            let label = row % 3;
            labels.push(label);
            let noise = f64::from(row * 7 % 11) / 100.0;
            let knows = if label == 0 { 0.8 } else { 0.1 } + noise;
            one.extend([knows, (1.0 - knows) / 2.0, (1.0 - knows) / 2.0].map(f64::ln));
            let tells = if label == 1 { 0.7 } else { 0.2 } - noise;
            other.extend([0.05, 0.95 * tells, 0.95 * (1.0 - tells)].map(f64::ln));
        }
        let parts = (0..60).map(|row| row / 3 % 4).collect();
        (labels, parts, vec![one, other])
    }

    #[test]
    fn what_each_input_knows_is_put_together() {
        let (labels, parts, inputs) = rows();
        let rows = StackedRows { labels: &labels, parts: &parts, inputs: &inputs, classes: 3 };
        let Stacked { stacker, logs, .. } = Stacker::fit(&rows, None).unwrap();
        let alone = inputs.iter().map(|logs| log_loss(logs, &labels, 3));
        let least = alone.fold(f64::INFINITY, f64::min);
        assert!(log_loss(&logs, &labels, 3) < 0.5 * least);
        let fitted = stacker.log_probabilities(&inputs).unwrap();
        let shares = fitted.chunks_exact(3).map(|row| row.iter().map(|log| log.exp()).sum::<f64>());
        assert!(shares.into_iter().all(|sum| (sum - 1.0).abs() < 1e-12));
        assert!(stacker.takes(2, 3) && !stacker.takes(3, 3) && !stacker.takes(2, 2));
    }

    #[test]
    fn a_part_is_predicted_without_its_labels() {
        let (labels, parts, inputs) = rows();
        let fit = |labels: &[u32]| {
            let rows = StackedRows { labels, parts: &parts, inputs: &inputs, classes: 3 };
            Stacker::fit(&rows, Some(0.1)).unwrap().logs
        };
        // Other labels in the first part change what is said of the others, and nothing of it.
        let changed: Vec<u32> = labels
            .iter()
            .zip(&parts)
            .map(|(&label, &part)| if part == 0 { (label + 1) % 3 } else { label })
            .collect();
        let (before, after) = (fit(&labels), fit(&changed));
        let same = |part: usize| {
            let rows = (0..labels.len()).filter(|&row| parts[row] == part);
            rows.into_iter().all(|row| before[row * 3..][..3] == after[row * 3..][..3])
        };
        assert!(same(0) && !same(1));
    }

    #[test]
    fn coefficients_come_back_bit_for_bit() {
        let (labels, parts, inputs) = rows();
        let rows = StackedRows { labels: &labels, parts: &parts, inputs: &inputs, classes: 3 };
        let stacker = Stacker::fit(&rows, Some(1.0)).unwrap().stacker;
        let text = serde_json::to_string(&stacker).unwrap();
        assert_eq!(serde_json::from_str::<Stacker>(&text).unwrap(), stacker);
        for wrong in [
            r#"{"coef": [[1.0], [1.0, 2.0]], "intercept": [0.0, 0.0]}"#,
            r#"{"coef": [[1.0], [2.0]], "intercept": [0.0]}"#,
            r#"{"coef": [], "intercept": []}"#,
        ] {
            assert!(serde_json::from_str::<Stacker>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn rows_of_one_class_cannot_be_stacked() {
        let inputs = [vec![0.5_f64.ln(); 8]];
        let rows =
            StackedRows { labels: &[0; 4], parts: &[0, 1, 0, 1], inputs: &inputs, classes: 2 };
        assert!(matches!(Stacker::fit(&rows, None), Err(LogisticError::Classes { present: 1 })));
    }
}
