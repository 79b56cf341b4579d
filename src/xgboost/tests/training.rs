//! Trainings beside Python's, and of rows that there is little to learn from.

use super::{BINARY, MULTICLASS, NAMES, all_rows, golden_rows, library};
use crate::boosting::{Rows, TrainRows};
use crate::examples::{Examples, Matrix};
use crate::xgboost::{Booster, GrowPolicy, Library, Settings, Trainer, TrainerError};

fn train_rows(rows: &Examples, classes: usize) -> TrainRows<'_> {
    let Examples { features, labels } = rows;
    TrainRows { features, labels, classes, class_weights: None, categorical: &[], names: &[] }
}

/// Settings of the golden multiclass model.
fn drawing() -> Settings {
    Settings {
        max_depth: 3,
        subsample: 0.8,
        colsample_bytree: 0.8,
        colsample_bylevel: 0.9,
        colsample_bynode: 0.9,
        ..Settings::default()
    }
}

fn golden_trainer(library: &Library, rows: &Examples) -> Trainer {
    let names = NAMES.map(str::to_owned);
    let rows = TrainRows {
        class_weights: Some(&[1.0, 2.5, 0.75]),
        categorical: &[3],
        names: &names,
        ..train_rows(rows, 3)
    };
    Trainer::new(library, &rows, &[], &drawing(), 11).unwrap()
}

fn train(trainer: &mut Trainer, rounds: usize) {
    (0..rounds).for_each(|_| trainer.round().unwrap());
}

#[test]
fn a_training_writes_the_text_of_pythons_to_the_byte() {
    let Some(library) = library() else { return };
    let rows = golden_rows();
    let mut trainer = golden_trainer(&library, &rows);
    // Longer than the golden one, whose text is that of the first six.
    train(&mut trainer, 9);
    assert_eq!(trainer.rounds(), 9);
    assert!(trainer.text(6).unwrap() == MULTICLASS, "the multiclass texts differ");

    let labels = rows.labels.iter().map(|label| u32::from(*label > 0)).collect();
    let rows = Examples { labels, ..rows };
    let settings = Settings { max_depth: 3, reg_lambda: 0.5, gamma: 0.1, ..Settings::default() };
    let names = NAMES.map(str::to_owned);
    let rows = TrainRows { categorical: &[3], names: &names, ..train_rows(&rows, 2) };
    let mut trainer = Trainer::new(&library, &rows, &[], &settings, 3).unwrap();
    train(&mut trainer, 10);
    assert!(trainer.text(10).unwrap() == BINARY, "the binary texts differ");
}

#[test]
fn every_prefix_is_the_text_of_a_training_as_short() {
    let Some(library) = library() else { return };
    let rows = golden_rows();
    let mut long = golden_trainer(&library, &rows);
    train(&mut long, 12);
    for rounds in 1..=12 {
        let mut short = golden_trainer(&library, &rows);
        train(&mut short, rounds);
        assert!(long.text(rounds).unwrap() == short.text(99).unwrap(), "{rounds}");
    }
    // Having been read, it goes on as if it had not been.
    train(&mut long, 3);
    let mut other = golden_trainer(&library, &rows);
    train(&mut other, 15);
    assert!(long.text(15).unwrap() == other.text(15).unwrap());
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
            train(&mut trainer, 20);
            trainer.text(20).unwrap()
        })
        .collect();
    assert!(texts[0] != texts[1]);
    let (mut one, mut other) = (alone(0), alone(1));
    for _ in 0..20 {
        one.round().unwrap();
        other.round().unwrap();
        other.probabilities(Rows::Set(0)).unwrap();
    }
    assert!([one.text(20).unwrap(), other.text(20).unwrap()] == texts[..]);
    // Begun on one thread, trained on another, read on a third, four at a time.
    std::thread::scope(|scope| {
        for seed in [0, 1, 0, 1] {
            let (mut trainer, wanted) = (alone(seed), &texts[seed as usize]);
            scope.spawn(move || {
                train(&mut trainer, 20);
                let read = std::thread::spawn(move || trainer.text(20).unwrap());
                assert!(&read.join().unwrap() == wanted);
            });
        }
    });
}

fn wide_bits(values: &[f64]) -> Vec<u64> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn probabilities_on_the_way_are_those_of_the_model_to_the_bit() {
    let Some(library) = library() else { return };
    let rows = golden_rows();
    let (odd, none) = (all_rows(), Matrix::default());
    for classes in [2, 3] {
        let labels = rows.labels.iter().map(|label| (*label).min(classes - 1)).collect();
        let rows = Examples { labels, ..rows.clone() };
        let rows = TrainRows { categorical: &[3], ..train_rows(&rows, classes as usize) };
        let settings = Settings { gamma: 0.5, ..drawing() };
        let mut trainer = Trainer::new(&library, &rows, &[&odd, &none], &settings, 1).unwrap();
        assert_eq!(trainer.probabilities(Rows::Train), Err(TrainerError::Untrained));
        assert!(matches!(trainer.text(1), Err(TrainerError::Untrained)));
        for round in 1..=10 {
            trainer.round().unwrap();
            let booster = trainer.booster(round).unwrap();
            for (place, rows) in [(Rows::Train, rows.features), (Rows::Set(0), &odd)] {
                let kept = trainer.probabilities(place).unwrap();
                let model = booster.probabilities(rows).unwrap();
                assert_eq!(kept.len(), rows.rows() * classes as usize);
                assert_eq!(wide_bits(&kept), wide_bits(&model));
            }
            assert!(trainer.probabilities(Rows::Set(1)).unwrap().is_empty());
            assert!(trainer.probabilities(Rows::Set(2)).is_err());
        }
    }
}

/// Trains on what there is little to learn from: the classes' shares come out.
fn assert_shares(library: &Library, rows: &Examples, classes: usize, shares: &[f64]) {
    let sets = [&rows.features];
    let rows = train_rows(rows, classes);
    let mut trainer = Trainer::new(library, &rows, &sets, &Settings::default(), 0).unwrap();
    train(&mut trainer, 3);
    let model = trainer.booster(3).unwrap().probabilities(rows.features).unwrap();
    let kept = trainer.probabilities(Rows::Set(0)).unwrap();
    assert_eq!(wide_bits(&model), wide_bits(&kept));
    for row in model.chunks_exact(classes) {
        for (found, share) in row.iter().zip(shares) {
            assert!((found - share).abs() < 3e-6, "{row:?} is not {shares:?}");
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
    let tiny = golden.pick(&[10, 19, 20, 30]);
    let tiny = Examples { labels: vec![0, 1, 1, 1], ..tiny };
    assert_shares(&library, &tiny, 2, &[0.25, 0.75]);
    let one_row = Examples { labels: vec![1], ..golden.pick(&[12]) };
    assert_shares(&library, &one_row, 2, &[0.0, 1.0]);
    let one_class = Examples { labels: vec![2; 300], ..golden.clone() };
    assert_shares(&library, &one_class, 3, &[0.0, 0.0, 1.0]);
    let one_class = Examples { labels: vec![0; 300], ..golden };
    assert_shares(&library, &one_class, 2, &[1.0, 0.0]);
}

#[test]
fn every_setting_reaches_the_training() {
    let Some(library) = library() else { return };
    let rows = golden_rows();
    let text = |settings: Settings| {
        let rows = TrainRows { categorical: &[3], ..train_rows(&rows, 3) };
        let mut trainer = Trainer::new(&library, &rows, &[], &settings, 1).unwrap();
        train(&mut trainer, 3);
        trainer.text(3).unwrap()
    };
    let base =
        Settings { max_leaves: 9, grow_policy: GrowPolicy::Lossguide, ..Settings::default() };
    let others = [
        Settings { learning_rate: 0.2, ..base },
        Settings { max_depth: 2, ..base },
        Settings { max_leaves: 4, ..base },
        Settings { grow_policy: GrowPolicy::Depthwise, ..base },
        Settings { min_child_weight: 9.0, ..base },
        Settings { gamma: 9.0, ..base },
        Settings { subsample: 0.5, ..base },
        Settings { colsample_bytree: 0.5, ..base },
        Settings { colsample_bylevel: 0.5, ..base },
        Settings { colsample_bynode: 0.5, ..base },
        Settings { reg_lambda: 0.0, ..base },
        Settings { reg_alpha: 2.0, ..base },
        Settings { max_delta_step: 0.1, ..base },
        Settings { max_bin: 8, ..base },
        Settings { max_cat_to_onehot: 20, ..base },
        Settings { max_cat_threshold: 1, ..base },
    ];
    let wanted = text(base);
    assert!(wanted == text(base));
    for (place, other) in others.into_iter().enumerate() {
        assert!(wanted != text(other), "{place}");
    }
    // Without a limit, and with the largest that can be told.
    for (max_depth, max_leaves) in [(0, 0), (1_000_000, 1_000_000)] {
        text(Settings { max_depth, max_leaves, ..Settings::default() });
    }
}

#[test]
fn numbers_that_overflow_end_the_training_with_an_error() {
    let Some(library) = library() else { return };
    let rows = golden_rows();
    let rows = train_rows(&rows, 3);
    let settings = Settings { learning_rate: 1e38, reg_lambda: 0.0, ..Settings::default() };
    let mut trainer = Trainer::new(&library, &rows, &[], &settings, 0).unwrap();
    train(&mut trainer, 3);
    // What is not a number is no JSON.
    match trainer.booster(3) {
        Err(error) => assert!(matches!(error, TrainerError::Text(_)), "{error}"),
        Ok(booster) => assert_eq!(booster.rounds(), 3),
    }
}

#[test]
fn names_in_the_text_are_those_given_without_what_xgboost_refuses() {
    let Some(library) = library() else { return };
    let rows = golden_rows();
    let names = ["Air temperature [K]", "x", "x", "", "a<b\t\u{1}"].map(str::to_owned);
    let rows = TrainRows { names: &names, ..train_rows(&rows, 3) };
    let mut trainer = Trainer::new(&library, &rows, &[], &Settings::default(), 0).unwrap();
    trainer.round().unwrap();
    let text = trainer.text(1).unwrap();
    let wanted = r#""feature_names":["Air temperature _K_","x","x_2","Column_3","a_b__"]"#;
    assert!(text.contains(wanted), "{}", &text[..300]);
    assert!(Booster::parse(text).is_ok());
}

#[test]
fn what_cannot_be_trained_is_refused_before_xgboost_sees_it() {
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
    assert!(found.starts_with("299 labels for 300 rows"), "{found}");
    for weights in [&[1.0, 2.0][..], &[1.0, 0.0, 1.0], &[1.0, f64::NAN, 1.0], &[1.0, 1e-60, 1.0]] {
        let found = refused(TrainRows { class_weights: Some(weights), ..good }, &[]);
        assert!(found.contains("class weights"), "{found}");
    }
    let found = refused(TrainRows { categorical: &[5], ..good }, &[]);
    assert!(found.contains("column 5 is to be categorical"), "{found}");
    let found = refused(TrainRows { categorical: &[1], ..good }, &[]);
    assert!(found.contains("column 1 is categorical and holds -"), "{found}");
    let found = refused(good, &[&Matrix::new(2, vec![0.0; 4])]);
    assert!(found.contains("have 2 columns, those to train on 5"), "{found}");
    for number in [f32::INFINITY, f32::NEG_INFINITY, 2e38] {
        let found = refused(good, &[&Matrix::new(5, vec![0.0, 0.0, 0.0, 0.0, number])]);
        assert!(found.contains("column 4 holds"), "{found}");
    }
}

#[test]
fn what_xgboost_refuses_is_reported_in_a_line() {
    let Some(library) = library() else { return };
    let rows = golden_rows();
    let rows = TrainRows { class_weights: Some(&[1e-30; 3]), ..train_rows(&rows, 3) };
    let mut trainer = Trainer::new(&library, &rows, &[], &Settings::default(), 0).unwrap();
    let error = trainer.round().unwrap_err().to_string();
    assert!(error.starts_with("XGBoost: ") && error.contains("sum_weight"), "{error}");
    assert!(!error.contains('\n') && !error.contains("Stack trace"), "{error}");
}
