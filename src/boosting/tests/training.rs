//! Trainings beside Python's, and of rows that there is little to learn from.

use super::{BINARY, MULTICLASS, bits, golden_rows, golden_settings, library};
use crate::boosting::{
    Booster, DataSampleStrategy, Library, Rows, Settings, TrainRows, Trainer, TrainerError,
};
use crate::examples::{Examples, Matrix};

fn train_rows(rows: &Examples, classes: usize) -> TrainRows<'_> {
    let Examples { features, labels } = rows;
    TrainRows { features, labels, classes, class_weights: None, categorical: &[], names: &[] }
}

/// Settings of the golden multiclass model.
fn drawing() -> Settings {
    let base = golden_settings();
    Settings { bagging_fraction: 0.8, bagging_freq: 2, feature_fraction: 0.7, ..base }
}

fn golden_trainer(library: &Library, rows: &Examples) -> Trainer {
    let weights = Some([1.0, 2.5, 0.75].as_slice());
    let rows = TrainRows { class_weights: weights, categorical: &[3], ..train_rows(rows, 3) };
    Trainer::new(library, &rows, &[], &drawing(), 11).unwrap()
}

/// Trains to the end, by at most so many rounds; whether it said that it was finished.
fn finish(trainer: &mut Trainer, rounds: usize) -> bool {
    (0..rounds).any(|_| trainer.round().unwrap())
}

#[test]
fn a_training_writes_the_text_of_pythons_to_the_byte() {
    let Some(library) = library() else { return };
    let rows = golden_rows();
    let mut trainer = golden_trainer(&library, &rows);
    // Longer than the golden one, whose text is that of the first six.
    assert!(!finish(&mut trainer, 9));
    assert_eq!(trainer.iterations().unwrap(), 9);
    assert_eq!(trainer.text(6).unwrap(), MULTICLASS);

    let labels = rows.labels.iter().map(|label| u32::from(*label > 0)).collect();
    let rows = Examples { labels, ..rows };
    let settings = Settings { lambda_l2: 0.5, ..golden_settings() };
    let rows = TrainRows { categorical: &[3], ..train_rows(&rows, 2) };
    let mut trainer = Trainer::new(&library, &rows, &[], &settings, 3).unwrap();
    finish(&mut trainer, 10);
    assert_eq!(trainer.text(10).unwrap(), BINARY);
}

#[test]
fn every_prefix_is_the_text_of_a_training_as_short() {
    let Some(library) = library() else { return };
    let rows = golden_rows();
    let mut long = golden_trainer(&library, &rows);
    finish(&mut long, 12);
    let whole = long.booster(12).unwrap();
    for iterations in 1..=12 {
        let mut short = golden_trainer(&library, &rows);
        finish(&mut short, iterations);
        let text = short.text(iterations).unwrap();
        assert_eq!(long.text(iterations).unwrap(), text);
        assert_eq!(whole.prefix(iterations).text(), text);
    }
    assert_eq!(long.text(99).unwrap(), whole.text());
}

#[test]
fn trainings_taken_in_turns_and_on_threads_are_the_same() {
    let Some(library) = library() else { return };
    let rows = golden_rows();
    let alone = |seed| {
        let rows = TrainRows { categorical: &[3], ..train_rows(&rows, 3) };
        Trainer::new(&library, &rows, &[&golden_rows().features], &drawing(), seed).unwrap()
    };
    let texts: Vec<String> = (0..2)
        .map(|seed| {
            let mut trainer = alone(seed);
            finish(&mut trainer, 20);
            trainer.text(20).unwrap()
        })
        .collect();
    assert_ne!(texts[0], texts[1]);
    let (mut one, mut other) = (alone(0), alone(1));
    for _ in 0..20 {
        one.round().unwrap();
        other.round().unwrap();
        other.probabilities(Rows::Set(0)).unwrap();
    }
    assert_eq!([one.text(20).unwrap(), other.text(20).unwrap()], texts[..]);
    // Begun on one thread, trained on another, read on a third, four at a time.
    std::thread::scope(|scope| {
        for seed in [0, 1, 0, 1] {
            let (mut trainer, wanted) = (alone(seed), &texts[seed as usize]);
            scope.spawn(move || {
                finish(&mut trainer, 20);
                let read = std::thread::spawn(move || trainer.text(20).unwrap());
                assert_eq!(&read.join().unwrap(), wanted);
            });
        }
    });
}

#[test]
fn probabilities_on_the_way_are_those_of_the_model() {
    let Some(library) = library() else { return };
    let rows = golden_rows();
    let (first, none) = (Matrix::new(5, rows.features.values()[..500].to_vec()), Matrix::default());
    for classes in [2, 3] {
        let labels = rows.labels.iter().map(|label| (*label).min(classes - 1)).collect();
        let rows = Examples { labels, ..rows.clone() };
        let rows = TrainRows { categorical: &[3], ..train_rows(&rows, classes as usize) };
        let sets = [&first, &none];
        let mut trainer = Trainer::new(&library, &rows, &sets, &drawing(), 1).unwrap();
        let before = trainer.probabilities(Rows::Set(0)).unwrap();
        assert!(before.iter().all(|share| (share - 1.0 / f64::from(classes)).abs() < 1e-15));
        assert!(matches!(trainer.text(1), Err(TrainerError::Untrained)));
        for round in 1..=10 {
            trainer.round().unwrap();
            let booster = trainer.booster(round).unwrap();
            for (place, rows) in [(Rows::Train, rows.features), (Rows::Set(0), &first)] {
                let kept = trainer.probabilities(place).unwrap();
                let model = booster.probabilities(rows).unwrap();
                assert_eq!(kept.len(), rows.rows() * classes as usize);
                assert!(kept.iter().zip(&model).all(|(one, other)| (one - other).abs() < 1e-12));
            }
            assert!(trainer.probabilities(Rows::Set(1)).unwrap().is_empty());
            assert!(trainer.probabilities(Rows::Set(2)).is_err());
        }
    }
}

/// Trains on what there is little to learn from: it ends at once, with the classes' shares.
fn assert_shares(library: &Library, rows: &Examples, classes: usize, shares: &[f64]) {
    let sets = [&rows.features];
    let rows = train_rows(rows, classes);
    let mut trainer = Trainer::new(library, &rows, &sets, &Settings::default(), 0).unwrap();
    assert!(trainer.round().unwrap());
    assert!(trainer.round().unwrap());
    assert_eq!(trainer.iterations().unwrap(), 1);
    let model = trainer.booster(100).unwrap().probabilities(rows.features).unwrap();
    let kept = trainer.probabilities(Rows::Set(0)).unwrap();
    for found in [model, kept] {
        for row in found.chunks_exact(classes) {
            for (found, share) in row.iter().zip(shares) {
                assert!((found - share).abs() < 1e-12, "{row:?} is not {shares:?}");
            }
        }
    }
}

#[test]
fn nothing_to_learn_is_a_model_of_the_classes_shares() {
    let Some(library) = library() else { return };
    let golden = golden_rows();
    let cycle = |rows: usize, classes: u32| (0..rows as u32).map(|row| row % classes).collect();
    let constant = Matrix::new(3, vec![1.5; 900]);
    let constant = Examples { features: constant, labels: cycle(300, 3) };
    assert_shares(&library, &constant, 3, &[1.0 / 3.0; 3]);
    let missing = Examples { features: Matrix::new(3, vec![f32::NAN; 900]), ..constant.clone() };
    assert_shares(&library, &missing, 3, &[1.0 / 3.0; 3]);
    let tiny = golden.pick(&[0, 9, 20, 30]);
    let tiny = Examples { labels: vec![0, 1, 1, 1], ..tiny };
    assert_shares(&library, &tiny, 2, &[0.25, 0.75]);
    assert_shares(&library, &tiny, 3, &[0.25, 0.75, 0.0]);
    let one_row = Examples { labels: vec![1], ..golden.pick(&[12]) };
    assert_shares(&library, &one_row, 2, &[0.0, 1.0]);
    let one_class = Examples { labels: vec![2; 400], ..golden.clone() };
    assert_shares(&library, &one_class, 3, &[0.0, 0.0, 1.0]);
    let one_class = Examples { labels: vec![0; 400], ..golden };
    assert_shares(&library, &one_class, 2, &[1.0, 0.0]);
}

#[test]
fn a_round_without_a_split_is_skipped_where_rows_are_drawn() {
    let Some(library) = library() else { return };
    let rows = golden_rows().pick(&(0..60).collect::<Vec<_>>());
    let settings = Settings {
        bagging_fraction: 0.6,
        bagging_freq: 1,
        min_data_in_leaf: 17,
        ..Settings::default()
    };
    let rows = train_rows(&rows, 3);
    let mut trainer = Trainer::new(&library, &rows, &[], &settings, 0).unwrap();
    assert!(!finish(&mut trainer, 50));
    let iterations = trainer.iterations().unwrap();
    assert!((2..50).contains(&iterations), "{iterations}");
    let text = trainer.text(50).unwrap();
    assert!(text.contains(&format!("\n[num_iterations: {iterations}]\n")));
    assert_eq!(Booster::parse(text).unwrap().iterations(), iterations);
}

#[test]
fn minus_infinity_is_the_least_and_infinity_is_as_the_greatest_number() {
    let Some(library) = library() else { return };
    let infinities = [f32::NEG_INFINITY, f32::INFINITY];
    let values =
        (0..400).map(|row| if row % 4 < 2 { infinities[row % 4] } else { (row / 40) as f32 });
    let labels = (0..400).map(|row| u32::from(row % 4 == 0)).collect();
    let rows = Examples { features: Matrix::new(1, values.collect()), labels };
    let rows = train_rows(&rows, 2);
    let mut trainer = Trainer::new(&library, &rows, &[], &Settings::default(), 0).unwrap();
    finish(&mut trainer, 100);
    let booster = trainer.booster(100).unwrap();
    let probabilities = booster.probabilities(rows.features).unwrap();
    for (row, label) in probabilities.chunks_exact(2).zip(rows.labels) {
        assert!(row[*label as usize] > 0.9, "{row:?} is not {label}");
    }
    // LightGBM's border between a number and infinity is infinity, which is no border.
    assert_eq!(bits(&probabilities[2..4]), bits(&probabilities[399 * 2..]));
    let model = booster.probabilities(rows.features).unwrap();
    let kept = trainer.probabilities(Rows::Train).unwrap();
    assert!(kept.iter().zip(&model).all(|(one, other)| (one - other).abs() < 1e-12));
}

#[test]
fn goss_and_extra_trees_train_and_their_seeds_matter() {
    let Some(library) = library() else { return };
    let rows = golden_rows();
    let goss = Settings {
        data_sample_strategy: DataSampleStrategy::Goss,
        learning_rate: 0.5,
        ..golden_settings()
    };
    let extra = Settings { extra_trees: true, path_smooth: 1.0, ..golden_settings() };
    for settings in [goss, extra] {
        let text = |seed| {
            let rows = train_rows(&rows, 3);
            let mut trainer = Trainer::new(&library, &rows, &[], &settings, seed).unwrap();
            finish(&mut trainer, 8);
            let booster = trainer.booster(8).unwrap();
            bits(&booster.probabilities(rows.features).unwrap())
        };
        assert_eq!(text(1), text(1));
        assert_ne!(text(1), text(2));
    }
}

#[test]
fn names_in_the_text_are_those_given_without_what_lightgbm_refuses() {
    let Some(library) = library() else { return };
    let rows = golden_rows();
    let names = ["Air temperature [K]", "x", "x", "", "Öl:\"1\""].map(str::to_owned);
    let rows = TrainRows { names: &names, ..train_rows(&rows, 3) };
    let mut trainer = Trainer::new(&library, &rows, &[], &golden_settings(), 0).unwrap();
    trainer.round().unwrap();
    let booster = trainer.booster(1).unwrap();
    let wanted = ["Air_temperature__K_", "x", "x_2", "Column_3", "Öl__1_"];
    assert_eq!(booster.names(), wanted);
    assert_eq!(booster.prefix(1).text(), booster.text());
}

#[test]
fn what_cannot_be_trained_is_refused_before_lightgbm_sees_it() {
    let Some(library) = library() else { return };
    let rows = golden_rows();
    let good = TrainRows { categorical: &[3], ..train_rows(&rows, 3) };
    let refused = |rows: TrainRows, sets: &[&Matrix]| {
        let trainer = Trainer::new(&library, &rows, sets, &Settings::default(), 0);
        trainer.unwrap_err().to_string()
    };
    let empty = Matrix::new(5, Vec::new());
    let found = refused(TrainRows { features: &empty, labels: &[], ..good }, &[]);
    assert!(found.contains("needs rows and columns"), "{found}");
    let found = refused(TrainRows { classes: 1, ..good }, &[]);
    assert!(found.contains("two classes"), "{found}");
    let found = refused(TrainRows { classes: 2, ..good }, &[]);
    assert!(found.contains("each below 2"), "{found}");
    let found = refused(TrainRows { labels: &rows.labels[1..], ..good }, &[]);
    assert!(found.starts_with("399 labels for 400 rows"), "{found}");
    for weights in [&[1.0, 2.0][..], &[1.0, 0.0, 1.0], &[1.0, f64::NAN, 1.0], &[1.0, 1e-60, 1.0]] {
        let found = refused(TrainRows { class_weights: Some(weights), ..good }, &[]);
        assert!(found.contains("class weights"), "{found}");
    }
    let found = refused(TrainRows { categorical: &[5], ..good }, &[]);
    assert!(found.contains("column 5 is to be categorical"), "{found}");
    let found = refused(TrainRows { categorical: &[0], ..good }, &[]);
    assert!(found.contains("column 0 is categorical and holds inf"), "{found}");
    let found = refused(good, &[&Matrix::new(2, vec![0.0; 4])]);
    assert!(found.contains("have 2 columns, those to train on 5"), "{found}");
}

#[test]
fn a_draw_of_no_rows_is_refused() {
    let Some(library) = library() else { return };
    let rows = golden_rows().pick(&[0, 1, 2]);
    let rows = train_rows(&rows, 3);
    let settings = Settings { bagging_freq: 1, bagging_fraction: 0.3, ..Settings::default() };
    let error = Trainer::new(&library, &rows, &[], &settings, 0).unwrap_err();
    assert_eq!(error.to_string(), "bagging_fraction is 0.3, which is no row of 3; raise it");
}
