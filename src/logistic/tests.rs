#![allow(clippy::unwrap_used, clippy::float_cmp)] // exact values are meant

use std::sync::atomic::AtomicBool;

use pulp::Arch;
use serde::Deserialize;

use super::*;
use crate::examples::Matrix;

#[derive(Deserialize)]
struct Golden {
    columns: usize,
    rows: Vec<f32>,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    classes: usize,
    labels: Vec<u32>,
    c: f64,
    l1_ratio: f64,
    fit_intercept: bool,
    class_weights: Vec<f64>,
    weights: Vec<f64>,
    intercepts: Vec<f64>,
    logs: Vec<f64>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../tests/golden/logistic.json")).unwrap()
}

fn fit(solver: &mut Solver) -> Step {
    solver.fit(&AtomicBool::new(false)).unwrap()
}

fn solve(rows: &Matrix, labels: &[u32], classes: usize, settings: &Settings) -> Linear {
    let mut solver = Solver::new(rows, labels, classes, settings).unwrap();
    assert!(fit(&mut solver).converged);
    solver.model()
}

/// The greatest difference.
fn apart(one: &[f64], other: &[f64]) -> f64 {
    assert_eq!(one.len(), other.len());
    one.iter().zip(other).fold(0.0, |all, (one, other)| all.max((one - other).abs()))
}

/// Numbers in [-1, 1] without a pattern.
fn scattered(count: usize) -> Vec<f32> {
    (0..count).map(|at| ((at * at + 7 * at) as f32 * 0.37).sin()).collect()
}

/// Labels that the first columns have a say in.
fn labelled(rows: &Matrix, classes: usize) -> Vec<u32> {
    let noise = scattered(rows.rows() * 3);
    let label = |row: usize| {
        let values = rows.row(row);
        let score = values[0] * 2.0 - values[1] + 1.5 * noise[row * 3 + 1];
        ((score + 3.0) / 6.0 * classes as f32).clamp(0.0, classes as f32 - 1.0) as u32
    };
    (0..rows.rows()).map(label).collect()
}

#[test]
fn coefficients_and_probabilities_are_those_of_scikit_learn() {
    let golden = golden();
    let rows = Matrix::new(golden.columns, golden.rows.clone());
    let few = Matrix::new(golden.columns, golden.rows[..5 * golden.columns].to_vec());
    for case in golden.cases {
        let settings = Settings {
            c: case.c,
            l1_ratio: case.l1_ratio,
            fit_intercept: case.fit_intercept,
            class_weights: case.class_weights,
            ..Settings::default()
        };
        let model = solve(&rows, &case.labels, case.classes, &settings);
        assert!(apart(model.weights(), &case.weights) < 1e-6, "{settings:?} {model:?}");
        assert!(apart(model.intercepts(), &case.intercepts) < 1e-6, "{settings:?} {model:?}");
        let logs = model.log_probabilities(&few).unwrap();
        assert!(apart(&logs, &case.logs) < 1e-5, "{settings:?}");
    }
}

#[test]
fn a_fit_has_the_same_bits_on_any_number_of_threads_and_in_plain_code() {
    let rows = Matrix::new(11, scattered(11 * 3000));
    let stop = AtomicBool::new(false);
    for (classes, l1_ratio) in [(2, 0.0), (2, 1.0), (5, 0.0), (3, 0.5)] {
        let labels = labelled(&rows, classes);
        let settings = Settings { l1_ratio, c: 0.1, ..Settings::default() };
        let fitted = |arch, threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| {
                let mut solver = Solver::on(arch, &rows, &labels, classes, &settings).unwrap();
                let last = solver.fit(&stop).unwrap();
                (last, solver.model())
            })
        };
        let one = fitted(Arch::new(), 1);
        assert!(one.0.converged);
        assert_eq!(fitted(Arch::new(), 4), one);
        assert_eq!(fitted(Arch::Scalar, 2), one);
    }
}

#[test]
fn conjugate_gradients_lead_to_where_the_whole_matrix_does() {
    // 60 columns and 9 classes are more coefficients than are solved for directly.
    let rows = Matrix::new(60, scattered(60 * 700));
    let labels = labelled(&rows, 9);
    let present = labels.iter().collect::<std::collections::BTreeSet<_>>().len();
    assert!(present * 61 > 512);
    let model = solve(&rows, &labels, 9, &Settings::default());
    // With next to no L1, the same problem is solved by the matrix.
    let settings = Settings { l1_ratio: 1e-12, tol: 1e-8, ..Settings::default() };
    let direct = solve(&rows, &labels, 9, &settings);
    assert!(apart(model.weights(), direct.weights()) < 1e-4);
    assert!(apart(model.intercepts(), direct.intercepts()) < 1e-4);
    let exact = solve(&rows, &labels, 9, &Settings { tol: 1e-7, ..Settings::default() });
    assert!(apart(exact.weights(), direct.weights()) < 1e-7);
}

#[test]
fn probabilities_of_a_row_depend_on_no_other_and_sum_to_one() {
    let rows = Matrix::new(5, scattered(5 * 1100));
    for classes in [2, 4] {
        let model = solve(&rows, &labelled(&rows, classes), classes, &Settings::default());
        let logs = model.log_probabilities(&rows).unwrap();
        for row in [0, 7, 8, 503, 504, 1099] {
            let alone = model.log_probabilities(&Matrix::new(5, rows.row(row).to_vec())).unwrap();
            assert_eq!(alone, logs[row * classes..][..classes]);
        }
        for row in logs.chunks(classes) {
            assert!((row.iter().map(|log| log.exp()).sum::<f64>() - 1.0).abs() < 1e-14);
        }
    }
}

#[test]
fn rows_that_can_be_told_apart_end_in_finite_numbers() {
    let rows = Matrix::new(3, scattered(3 * 200));
    for classes in [2, 3] {
        let labels: Vec<u32> =
            (0..200).map(|row| ((rows.row(row)[0] + 1.0) / 2.01 * classes as f32) as u32).collect();
        for (c, l1_ratio) in [(1e10, 0.0), (1e10, 1.0), (f64::INFINITY, 0.0), (f64::MAX, 0.5)] {
            let settings = Settings { c, l1_ratio, max_iter: 60, ..Settings::default() };
            let mut solver = Solver::new(&rows, &labels, classes as usize, &settings).unwrap();
            let step = fit(&mut solver);
            assert!(step.loss.is_finite() && step.loss < 1e-4, "{c} {l1_ratio}: {step:?}");
            let model = solver.model();
            assert!(model.weights().iter().chain(model.intercepts()).all(|v| v.is_finite()));
            let logs = model.log_probabilities(&rows).unwrap();
            assert!(logs.iter().all(|log| log.is_finite() && *log <= 0.0));
        }
    }
}

#[test]
fn columns_that_say_the_same_or_nothing_are_no_obstacle() {
    let plain = Matrix::new(2, scattered(2 * 300));
    let labels = labelled(&plain, 3);
    // The first twice, a constant, zeros, and one-hot columns that sum to the constant.
    let values = (0..300).flat_map(|row| {
        let [a, b] = [plain.row(row)[0], plain.row(row)[1]];
        let hot = |at| f32::from(u8::from(row % 3 == at));
        [a, b, a, 5.0, 0.0, hot(0), hot(1), hot(2)]
    });
    let rows = Matrix::new(8, values.collect());
    for l1_ratio in [0.0, 0.5, 1.0] {
        for fit_intercept in [true, false] {
            let settings = Settings { l1_ratio, fit_intercept, c: 10.0, ..Settings::default() };
            let model = solve(&rows, &labels, 3, &settings);
            for class in 0..3 {
                let weights = &model.weights()[class * 8..][..8];
                assert!(weights[4] == 0.0);
                assert!(l1_ratio == 1.0 || (weights[0] - weights[2]).abs() < 1e-6, "{weights:?}");
            }
        }
    }
}

#[test]
fn without_columns_the_intercepts_are_the_classes_shares() {
    let labels = [0, 1, 1, 2, 2, 2];
    let rows = Matrix::new(0, Vec::new());
    let model = solve(&rows, &labels, 3, &Settings::default());
    let intercepts = model.intercepts();
    assert!((intercepts[1] - intercepts[0] - 2_f64.ln()).abs() < 1e-9);
    assert!((intercepts[2] - intercepts[0] - 3_f64.ln()).abs() < 1e-9);
    let settings = Settings { fit_intercept: false, ..Settings::default() };
    let model = solve(&rows, &labels, 3, &settings);
    assert!(model.intercepts() == [0.0; 3] && model.weights().is_empty());
}

#[test]
fn a_class_without_rows_changes_nothing_but_is_never_probable() {
    let rows = Matrix::new(3, scattered(3 * 200));
    let two = labelled(&rows, 2);
    let model = solve(&rows, &two, 2, &Settings::default());
    let moved: Vec<u32> = two.iter().map(|label| label * 2).collect();
    let with_gap = solve(&rows, &moved, 3, &Settings::default());
    assert_eq!(model.weights()[3..], with_gap.weights()[6..]);
    let logs = with_gap.log_probabilities(&rows).unwrap();
    assert!(logs.chunks(3).all(|row| row[1] < -1e29 && row[1].is_finite()));
}

#[test]
fn every_step_lowers_the_loss_and_the_last_one_says_so() {
    let rows = Matrix::new(4, scattered(4 * 400));
    let labels = labelled(&rows, 3);
    let stop = AtomicBool::new(false);
    for l1_ratio in [0.0, 1.0] {
        let settings = Settings { l1_ratio, ..Settings::default() };
        let mut solver = Solver::new(&rows, &labels, 3, &settings).unwrap();
        let mut before = f64::INFINITY;
        loop {
            let now = solver.step(&stop).unwrap();
            assert!(now.loss <= before + 1e-15);
            before = now.loss;
            if now.converged {
                break;
            }
        }
        assert!(solver.steps() < 20);
        let model = solver.model();
        assert_eq!(solver.step(&stop).map(|step| step.converged), Some(true));
        assert_eq!(solver.model(), model);
    }
}

#[test]
fn a_fit_can_be_stopped_and_goes_on_from_there() {
    let rows = Matrix::new(4, scattered(4 * 400));
    let labels = labelled(&rows, 3);
    let mut solver = Solver::new(&rows, &labels, 3, &Settings::default()).unwrap();
    assert_eq!(solver.fit(&AtomicBool::new(true)), None);
    assert_eq!(solver.steps(), 0);
    fit(&mut solver);
    assert_eq!(solver.model(), solve(&rows, &labels, 3, &Settings::default()));
}

#[test]
fn what_cannot_be_fitted_has_a_name() {
    let error = |rows: &Matrix, labels: &[u32], settings: &Settings| {
        Solver::new(rows, labels, 2, settings).map(|_| ()).unwrap_err()
    };
    let (rows, plain) = (Matrix::new(1, vec![1.0, 2.0]), Settings::default());
    assert_eq!(error(&rows, &[1, 1], &plain), LogisticError::Classes { present: 1 });
    let none = Matrix::new(1, Vec::new());
    assert_eq!(error(&none, &[], &plain), LogisticError::Classes { present: 0 });
    let wrong = LogisticError::Label { row: 1, label: 2, classes: 2 };
    assert_eq!(error(&rows, &[0, 2], &plain), wrong);
    assert_eq!(error(&rows, &[0], &plain), LogisticError::Labels { labels: 1, rows: 2 });
    let holes = Matrix::new(2, vec![1.0, 2.0, 3.0, f32::NAN]);
    let wrong = LogisticError::NotFinite { row: 1, column: 1 };
    assert_eq!(error(&holes, &[0, 1], &plain), wrong);
    for c in [0.0, -1.0, f64::NAN] {
        let message = error(&rows, &[0, 1], &Settings { c, ..plain.clone() }).to_string();
        assert!(message.starts_with("C is"), "{message}");
    }
    for l1_ratio in [-0.1, 1.1, f64::NAN] {
        let message = error(&rows, &[0, 1], &Settings { l1_ratio, ..plain.clone() }).to_string();
        assert!(message.starts_with("l1_ratio is"), "{message}");
    }
    for tol in [0.0, f64::INFINITY, f64::NAN] {
        let message = error(&rows, &[0, 1], &Settings { tol, ..plain.clone() }).to_string();
        assert!(message.starts_with("tol is"), "{message}");
    }
    for class_weights in [vec![1.0], vec![1.0, 0.0], vec![1.0, f64::NAN]] {
        let settings = Settings { class_weights, ..plain.clone() };
        let wrong = LogisticError::ClassWeights { classes: 2 };
        assert_eq!(error(&rows, &[0, 1], &settings), wrong);
    }
}

#[test]
fn coefficients_from_elsewhere_are_looked_at() {
    let linear = Linear::new(2, 1, vec![1.0, -1.0], vec![0.0, 0.5]).unwrap();
    let logs = linear.log_probabilities(&Matrix::new(1, vec![0.25])).unwrap();
    assert!((logs[0] - logs[1]).abs() < 1e-15);
    assert!(linear.log_probabilities(&Matrix::new(2, vec![0.0; 2])).is_err());
    // Numbers that are none come out as such, or as some; nothing breaks.
    let odd = [f32::NAN, f32::INFINITY, f32::MAX, f32::NEG_INFINITY];
    assert_eq!(linear.log_probabilities(&Matrix::new(1, odd.to_vec())).unwrap().len(), 8);
    let wrong = [
        Linear::new(0, 1, Vec::new(), Vec::new()),
        Linear::new(2, 1, vec![1.0], vec![0.0; 2]),
        Linear::new(2, 1, vec![1.0; 2], vec![0.0]),
        Linear::new(2, 1, vec![1.0, f64::NAN], vec![0.0; 2]),
        Linear::new(2, 1, vec![1.0; 2], vec![0.0, f64::INFINITY]),
        Linear::new(usize::MAX, 2, Vec::new(), Vec::new()),
    ];
    assert!(wrong.iter().all(Result::is_err));
}

#[test]
fn memory_counts_rows_and_coefficients() {
    let settings = Settings::default();
    assert!(memory(1000, 10, 2, &settings) > 1000 * 11 * 8);
    assert!(memory(1000, 10, 20, &settings) > memory(1000, 10, 2, &settings));
    let l1 = Settings { l1_ratio: 1.0, ..Settings::default() };
    assert!(memory(1000, 100, 20, &l1) > 2020 * 2020 * 8);
}
