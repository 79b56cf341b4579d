#![allow(clippy::unwrap_used, clippy::float_cmp)] // exact values are meant

use std::sync::atomic::AtomicBool;

use proptest::prelude::*;
use serde::Deserialize;

use super::measure::{Measure, Row};
use super::*;
use crate::neighbours::exact::inverse_length;

const METRICS: [(Metric, f64); 8] = [
    (Metric::Euclidean, 2.0),
    (Metric::Manhattan, 2.0),
    (Metric::Chebyshev, 2.0),
    (Metric::Minkowski, 1.0),
    (Metric::Minkowski, 1.3),
    (Metric::Minkowski, 3.0),
    (Metric::Minkowski, 200.0),
    (Metric::Cosine, 2.0),
];

fn settings(metric: Metric, p: f64) -> Settings {
    Settings { metric, p, ..Settings::default() }
}

fn neighbours(columns: usize, train: Vec<f32>, settings: Settings) -> Neighbours {
    let labels = (0..train.len() / columns).map(|row| row as u32 % 3).collect();
    Neighbours::new(Matrix::new(columns, train), labels, 3, settings).unwrap()
}

fn search(neighbours: &Neighbours, rows: &Matrix, most: usize) -> Nearest {
    neighbours.search(rows, most, &AtomicBool::new(false)).unwrap().unwrap()
}

/// All distances, sorted.
fn by_brute_force(neighbours: &Neighbours, row: &[f32]) -> Vec<(f64, u32)> {
    let distance = |one: &[f32], other: &[f32]| {
        let row = |values| Row { values, inverse_length: inverse_length(values) };
        let (one, other) = (row(one), row(other));
        let distance = match neighbours.distance() {
            Distance::Euclidean(measure) => measure.distance(one, other),
            Distance::Manhattan(measure) => measure.distance(one, other),
            Distance::Chebyshev(measure) => measure.distance(one, other),
            Distance::Minkowski(measure) => measure.distance(one, other),
            Distance::Cosine(measure) => measure.distance(one, other),
        };
        if distance.is_nan() { f64::INFINITY } else { distance }
    };
    let train = neighbours.train();
    let mut all: Vec<_> = (0..train.rows() as u32)
        .map(|number| (distance(row, train.row(number as usize)), number))
        .collect();
    all.sort_by(|one, other| one.partial_cmp(other).unwrap());
    all
}

fn assert_exact(columns: usize, train: &[f32], rows: &[f32], most: usize) {
    let rows = Matrix::new(columns, rows.to_vec());
    for (metric, p) in METRICS {
        let neighbours = neighbours(columns, train.to_vec(), settings(metric, p));
        let most = most.min(neighbours.train().rows());
        let nearest = search(&neighbours, &rows, most);
        for row in 0..rows.rows() {
            let all = by_brute_force(&neighbours, rows.row(row));
            let found = nearest.rows[row * most..].iter().zip(&nearest.distances[row * most..]);
            let found: Vec<_> = found.take(most).map(|(&row, &distance)| (distance, row)).collect();
            assert_eq!(found, all[..most], "{metric:?} {p}, row {row}");
        }
    }
}

fn table(
    values: impl Strategy<Value = f32> + 'static,
) -> impl Strategy<Value = (usize, Vec<f32>, Vec<f32>)> {
    let values = values.boxed();
    (1..7_usize, 1..90_usize, 1..12_usize).prop_flat_map(move |(columns, train, rows)| {
        let of = |rows| prop::collection::vec(values.clone(), columns * rows);
        (Just(columns), of(train), of(rows))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn neighbours_among_many_ties_are_those_of_brute_force(
        (columns, train, rows) in table((-2..3_i8).prop_map(f32::from)),
        most in 1..12_usize,
    ) {
        assert_exact(columns, &train, &rows, most);
    }

    #[test]
    fn neighbours_of_any_numbers_are_those_of_brute_force(
        (columns, train, rows) in table(
            prop::num::f32::NORMAL | prop::num::f32::SUBNORMAL | prop::num::f32::ZERO
                | prop::num::f32::INFINITE),
        most in 1..12_usize,
    ) {
        assert_exact(columns, &train, &rows, most);
    }

    /// Rows that differ in the last bits alone, far from 0: 32 bits cannot tell them apart.
    #[test]
    fn neighbours_that_are_nearly_equal_are_those_of_brute_force(
        (columns, train, rows) in table((0..40_u32).prop_map(|bits| f32::from_bits(0x4480_0000 + bits))),
        most in 1..12_usize,
    ) {
        assert_exact(columns, &train, &rows, most);
    }

    #[test]
    fn nan_is_survived(
        (columns, train, rows) in table(prop::num::f32::ANY),
        most in 1..12_usize,
    ) {
        for (metric, p) in METRICS {
            let neighbours = neighbours(columns, train.clone(), settings(metric, p));
            let most = most.min(neighbours.train().rows());
            let nearest = search(&neighbours, &Matrix::new(columns, rows.clone()), most);
            prop_assert_eq!(nearest.rows.len(), rows.len() / columns * most);
            let shares = nearest.probabilities(most, 3, Weights::Distance);
            prop_assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)));
        }
    }
}

#[derive(Deserialize)]
struct Golden {
    columns: usize,
    classes: usize,
    train: Vec<f32>,
    labels: Vec<u32>,
    rows: Vec<f32>,
    k: usize,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    metric: Metric,
    p: f64,
    weights: Weights,
    rows: usize,
    numbers: Vec<u32>,
    distances: Vec<f64>,
    shares: Vec<f64>,
}

#[test]
fn neighbours_and_shares_are_those_of_scikit_learn() {
    let golden = include_str!("../../tests/golden/neighbours.json");
    let golden: Golden = serde_json::from_str(golden).unwrap();
    for case in &golden.cases {
        let settings = Settings { weights: case.weights, metric: case.metric, p: case.p };
        let train = Matrix::new(golden.columns, golden.train.clone());
        let neighbours =
            Neighbours::new(train, golden.labels.clone(), golden.classes, settings).unwrap();
        let rows = golden.rows[..case.rows * golden.columns].to_vec();
        let nearest = search(&neighbours, &Matrix::new(golden.columns, rows), golden.k);
        assert_eq!(nearest.rows, case.numbers, "{settings:?}");
        let close = |one: &[f64], other: &[f64]| {
            one.iter().zip(other).all(|(one, other)| (one - other).abs() < 1e-13)
        };
        assert!(close(&nearest.distances, &case.distances), "{settings:?}");
        let shares = neighbours.probabilities(&nearest, golden.k);
        assert!(close(&shares, &case.shares) && shares.len() == case.shares.len(), "{settings:?}");
    }
}

/// Numbers without a pattern.
fn scattered(count: usize) -> Vec<f32> {
    (0..count).map(|at| ((at * at + 7 * at) as f32 * 0.37).sin()).collect()
}

#[test]
fn a_row_alone_has_the_neighbours_that_it_has_among_many_on_any_number_of_threads() {
    let rows = Matrix::new(9, scattered(9 * 333));
    for (metric, p) in METRICS {
        let neighbours = neighbours(9, scattered(9 * 1000 + 5), settings(metric, p));
        let together = search(&neighbours, &rows, 6);
        for threads in [1, 2, 5] {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            assert_eq!(pool.install(|| search(&neighbours, &rows, 6)), together);
        }
        for row in [0, 127, 128, 332] {
            let alone = search(&neighbours, &Matrix::new(9, rows.row(row).to_vec()), 6);
            assert_eq!(alone.rows, together.rows[row * 6..][..6]);
            assert_eq!(alone.distances, together.distances[row * 6..][..6]);
        }
    }
}

#[test]
fn the_first_neighbours_of_a_search_are_those_of_a_search_for_fewer() {
    let rows = Matrix::new(4, scattered(4 * 50));
    for weights in [Weights::Uniform, Weights::Distance] {
        let settings = Settings { weights, ..Settings::default() };
        let neighbours = neighbours(4, scattered(4 * 300), settings);
        let most = search(&neighbours, &rows, 20);
        for k in 1..=20 {
            let fewer = search(&neighbours, &rows, k);
            let shares = neighbours.probabilities(&fewer, k);
            assert_eq!(neighbours.probabilities(&most, k), shares);
            assert!(shares.chunks(3).all(|row| (row.iter().sum::<f64>() - 1.0).abs() < 1e-12));
        }
    }
}

#[test]
fn a_train_row_is_its_own_neighbour_and_takes_the_vote_by_distance() {
    let settings = Settings { weights: Weights::Distance, ..Settings::default() };
    let train = scattered(5 * 60);
    let neighbours = neighbours(5, train.clone(), settings);
    let nearest = search(&neighbours, &Matrix::new(5, train), 4);
    let shares = neighbours.probabilities(&nearest, 4);
    for row in 0..60 {
        assert!(nearest.rows[row * 4] == row as u32 && nearest.distances[row * 4] == 0.0);
        assert!(shares[row * 3 + row % 3] == 1.0);
    }
}

#[test]
fn of_equal_rows_the_lower_numbers_are_nearer() {
    let neighbours = neighbours(2, vec![1.5; 2 * 1000], Settings::default());
    let nearest = search(&neighbours, &Matrix::new(2, vec![1.5, 1.5, 0.0, 9.0]), 3);
    assert_eq!(nearest.rows, [0, 1, 2, 0, 1, 2]);
}

#[test]
fn neighbours_at_infinity_weigh_the_same_only_where_there_are_no_others() {
    let settings = Settings { weights: Weights::Distance, ..Settings::default() };
    let neighbours = neighbours(1, vec![f32::INFINITY, f32::INFINITY, 1.0], settings);
    let nearest = search(&neighbours, &Matrix::new(1, vec![f32::INFINITY, 3.0]), 2);
    assert_eq!(nearest.rows, [0, 1, 2, 0]);
    let shares = neighbours.probabilities(&nearest, 2);
    assert_eq!(shares, [0.5, 0.5, 0.0, 0.0, 0.0, 1.0]);
}

#[test]
fn one_train_row_is_the_neighbour_of_all() {
    let neighbours = neighbours(3, vec![1.0, 2.0, 3.0], Settings::default());
    let nearest = search(&neighbours, &Matrix::new(3, vec![1.0, 2.0, 5.0]), 1);
    assert!(nearest.rows == [0] && nearest.distances == [2.0] && nearest.labels == [0]);
    let none = search(&neighbours, &Matrix::new(3, Vec::new()), 1);
    assert!(none.rows.is_empty() && neighbours.probabilities(&none, 1).is_empty());
}

#[test]
fn a_cosine_with_zeros_is_that_of_a_right_angle() {
    let train = vec![0.0, 0.0, 1.0, 0.0, 0.0, 2.0, -3.0, 0.0];
    let neighbours = neighbours(2, train, settings(Metric::Cosine, 2.0));
    let nearest = search(&neighbours, &Matrix::new(2, vec![0.0, 0.0, 5.0, 0.0]), 4);
    assert_eq!(nearest.rows, [0, 1, 2, 3, 1, 0, 2, 3]);
    assert_eq!(nearest.distances, [1.0, 1.0, 1.0, 1.0, 0.0, 1.0, 1.0, 2.0]);
}

#[test]
fn what_cannot_be_searched_has_a_name() {
    let new = |columns, values: Vec<f32>, labels: Vec<u32>, settings| {
        Neighbours::new(Matrix::new(columns, values), labels, 2, settings).map(|_| ())
    };
    let plain = Settings::default();
    assert_eq!(new(0, Vec::new(), Vec::new(), plain), Err(NeighboursError::NoColumns));
    assert_eq!(new(2, Vec::new(), Vec::new(), plain), Err(NeighboursError::NoRows));
    let error = NeighboursError::Labels { labels: 1, rows: 2 };
    assert_eq!(new(1, vec![1.0; 2], vec![0], plain), Err(error));
    let error = NeighboursError::Label { row: 1, label: 2, classes: 2 };
    assert_eq!(new(1, vec![1.0; 2], vec![0, 2], plain), Err(error));
    for p in [0.5, 0.0, -1.0, 1001.0, f64::NAN, f64::NEG_INFINITY] {
        let error = new(1, vec![1.0], vec![0], settings(Metric::Minkowski, p)).unwrap_err();
        assert!(error.to_string().contains("p is"), "{error}");
    }
    let neighbours = neighbours(1, vec![1.0, 2.0], plain);
    let stop = AtomicBool::new(false);
    for most in [0, 3] {
        let error = neighbours.search(&Matrix::new(1, vec![0.0]), most, &stop).unwrap_err();
        assert_eq!(error, NeighboursError::Most { most, rows: 2 });
    }
    let error = neighbours.search(&Matrix::new(2, vec![0.0; 2]), 1, &stop).unwrap_err();
    assert_eq!(error, NeighboursError::Columns { given: 2, wanted: 1 });
}

#[test]
fn plain_code_finds_the_same_as_vectors() {
    let rows = Matrix::new(9, scattered(9 * 50));
    let stop = AtomicBool::new(false);
    for (metric, p) in METRICS {
        let neighbours = neighbours(9, scattered(9 * 500), settings(metric, p));
        let found = |arch| search::search(arch, &neighbours, &rows, 6, &stop);
        assert_eq!(found(pulp::Arch::Scalar), found(pulp::Arch::new()), "{metric:?} {p}");
    }
}

#[test]
fn a_search_can_be_stopped() {
    let neighbours = neighbours(1, vec![1.0, 2.0], Settings::default());
    let rows = Matrix::new(1, vec![0.0; 300]);
    assert_eq!(neighbours.search(&rows, 1, &AtomicBool::new(true)), Ok(None));
}

#[test]
fn memory_counts_what_is_packed_and_what_is_found() {
    let bytes = memory(1600, 10, 100, 5, Settings::default());
    assert!((1600 * 44 + 100 * 160..1600 * 44 + 100 * 300).contains(&bytes), "{bytes}");
    assert!(memory(1600, 10, 100, 5, settings(Metric::Cosine, 2.0)) > bytes);
}
