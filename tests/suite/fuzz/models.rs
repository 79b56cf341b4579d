//! The doors of models: their descriptions, tensors and texts.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use forewarn::boosting::Booster;
use forewarn::data::Table;
use forewarn::engine::native::NativeEngine;
use forewarn::examples::{Examples, Fold, Matrix};
use forewarn::families::{Fitted, Knn, Network};
use forewarn::logistic::Linear;
use forewarn::model::{Description, Ensemble, Model, Provenance, Ranges};
use forewarn::neighbours::{Neighbours, Settings};
use forewarn::network::{Activation, Architecture, Embedding, Norm, first_weights};
use forewarn::predict::PreparedTable;
use forewarn::prepare::{Tables, prepare};
use forewarn::random::Streams;
use forewarn::spec::Family;
use forewarn::trees::{self, Forest, Grower};

use tempfile::TempDir;

use super::doors::{GRID, either, known_word, sound_table, study};
use super::mutate::Dice;
use super::{Door, Mutate, json as json_text, tensors};
use crate::support::{GO_ON, root};

/// A network with two hidden layers.
fn network(fold: &Fold, classes: usize) -> Fitted {
    let numbers = fold.numbers.clone();
    let embedding = Embedding { numbers, frequencies: 2, sigma: 0.1, width: 3 };
    let architecture = Architecture {
        inputs: fold.train.features.columns(),
        embedding: Some(embedding),
        hidden: vec![4, 3],
        classes,
        activation: Activation::Gelu,
        norm: Norm::Batch,
    };
    let weights = first_weights(&architecture, &Streams::new(1, 2, 0));
    Fitted::Network(Network { architecture, dropout: 0.2, weights })
}

/// A forest of three trees.
fn forest(fold: &Fold, classes: usize) -> Fitted {
    let Examples { features, labels } = &fold.train;
    let classes = classes as u32;
    let rows = trees::Rows { features, labels, classes, class_weights: None };
    let grower =
        Grower::new(rows, trees::Settings::random_forest(), Streams::new(1, 2, 0)).unwrap();
    let trees = (0..3).map(|number| grower.tree(number, &GO_ON).unwrap()).collect();
    Fitted::Forest(Forest { classes, columns: features.columns() as u32, trees })
}

/// Two nearest neighbours.
fn neighbours(fold: &Fold, classes: usize) -> Fitted {
    let (rows, labels) = (fold.train.features.clone(), fold.train.labels.clone());
    let found = Neighbours::new(rows, labels, classes, Settings::default()).unwrap();
    Fitted::Knn(Knn { neighbours: Arc::new(found), n_neighbors: 2 })
}

/// A logistic regression of round numbers.
fn linear(fold: &Fold, classes: usize) -> Fitted {
    let columns = fold.train.features.columns();
    let weights = (0..columns * classes).map(|place| place as f64 / 4.0 - 1.0).collect();
    Fitted::Linear(Linear::new(classes, columns, weights, vec![0.5; classes]).unwrap())
}

/// A model that fits [`rows`].
fn save_model(folder: &Path, family: Family, fitted: fn(&Fold, usize) -> Fitted) {
    let (table, study) = (sound_table(), study(GRID));
    let prepared = prepare(&table, &Tables::new(), &study.file, 1).unwrap();
    let pipeline = prepared.pipelines[0].clone();
    let ranges = Ranges::of(&prepared.folds[0].train.features);
    let fitted = fitted(&prepared.folds[0], prepared.classes.len());
    let provenance = Provenance {
        run: "hostile".to_owned(),
        trial: 1,
        fold: Some(0),
        epoch: 3,
        data_sha256: table.sha256,
        forewarn: "0".to_owned(),
    };
    let target = (prepared.target, prepared.classes);
    let description = Description::new((family, &fitted), target, (pipeline, ranges), provenance);
    Ensemble::alone(Model { description, fitted }).save(folder).unwrap();
}

/// One of the two files of a model, beside the other as it was written: loaded, and asked for the
/// probabilities of a table.
fn model(
    name: &'static str,
    mutate: Mutate,
    file: &str,
    (family, fitted): (Family, fn(&Fold, usize) -> Fitted),
) -> Door {
    let folder: TempDir = tempfile::tempdir().unwrap();
    save_model(&folder.path().join("best"), family, fitted);
    let file = folder.path().join("best").join(file);
    let sound = fs::read(&file).unwrap();
    let table = sound_table();
    let enter = move |bytes: &[u8]| {
        fs::write(&file, bytes).unwrap();
        let model = Ensemble::load(folder.path()).map_err(|error| error.to_string())?;
        let model = &model.members()[0].model;
        let transformed = model.description.preparation.transform(&table, &Tables::new(), None);
        let transformed = transformed.map_err(|error| error.to_string())?;
        let engine = NativeEngine::new(&[]);
        let logs = model.fitted.log_probabilities(&engine, &transformed.matrix);
        let logs = logs.map_err(|error| error.to_string())?;
        assert_eq!(logs.len(), transformed.matrix.rows() * model.description.classes.len());
        let finite = logs.iter().all(|log| log.is_finite());
        Ok(format!("ok: finite {finite}, unseen {}", transformed.unseen > 0))
    };
    let enter = Box::new(move |bytes: &[u8]| either(enter(bytes)));
    Door { name, seeds: vec![sound], mutate, enter }
}

/// model.json.
pub fn description() -> Door {
    let mutate = |dice: &mut Dice, bytes: &[u8], other: &[u8]| {
        json_text::mutate(dice, bytes, other, known_word)
    };
    model("description", mutate, "model.json", (Family::Mlp, network))
}

/// model.json of nearest neighbours.
pub fn description_of_neighbours() -> Door {
    let mutate = |dice: &mut Dice, bytes: &[u8], other: &[u8]| {
        json_text::mutate(dice, bytes, other, known_word)
    };
    model("description_of_neighbours", mutate, "model.json", (Family::Knn, neighbours))
}

/// model.json of a stacked model of several families, each of whose members has the preparation of its fold.
pub fn description_of_stacked() -> Door {
    let mutate = |dice: &mut Dice, bytes: &[u8], other: &[u8]| {
        json_text::mutate(dice, bytes, other, known_word)
    };
    let models = root().join("tests/models");
    let folder: TempDir = tempfile::tempdir().unwrap();
    let path = folder.path().to_owned();
    let sound = fs::read(models.join("format_6_stacked/model.json")).unwrap();
    let tensors = "model.safetensors";
    fs::copy(models.join("format_6_stacked").join(tensors), path.join(tensors)).unwrap();
    let table = Table::load(&models.join("rows.csv")).unwrap();
    let enter = move |bytes: &[u8]| {
        fs::write(folder.path().join("model.json"), bytes).unwrap();
        let model = Ensemble::load(folder.path()).map_err(|error| error.to_string())?;
        let rows = PreparedTable::new(&model, (&table, &Tables::new()), None);
        let rows = rows.map_err(|error| error.to_string())?;
        let logs = rows.log_probabilities(&model, &NativeEngine::new(&[]));
        let logs = logs.map_err(|error| error.to_string())?;
        let classes = model.description().classes.len();
        assert_eq!(logs.len(), rows.first().matrix.rows() * classes);
        Ok(format!("ok: finite {}", logs.iter().all(|log| log.is_finite())))
    };
    let enter = Box::new(move |bytes: &[u8]| either(enter(bytes)));
    Door { name: "description_of_stacked", seeds: vec![sound], mutate, enter }
}

/// model.safetensors of a network.
pub fn weights() -> Door {
    model("weights", tensors::mutate, "model.safetensors", (Family::Mlp, network))
}

/// model.safetensors of a forest.
pub fn trees() -> Door {
    model("trees", tensors::mutate, "model.safetensors", (Family::RandomForest, forest))
}

/// model.safetensors of nearest neighbours.
pub fn rows_of_neighbours() -> Door {
    model("rows_of_neighbours", tensors::mutate, "model.safetensors", (Family::Knn, neighbours))
}

/// model.safetensors of a logistic regression.
pub fn coefficients() -> Door {
    let family = (Family::LogisticRegression, linear as fn(&Fold, usize) -> Fitted);
    model("coefficients", tensors::mutate, "model.safetensors", family)
}

/// model.txt: a text that LightGBM's own parser may crash on.
pub fn booster() -> Door {
    const TEXTS: [&str; 2] = [
        include_str!("../../golden/boosting/multiclass.txt"),
        include_str!("../../golden/boosting/binary.txt"),
    ];
    let rows = Matrix::new(5, (0..50).map(|cell| (cell * 7 % 19) as f32 - 4.5).collect());
    let enter = move |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).map_err(|error| error.to_string())?;
        let booster = Booster::parse(text).map_err(|error| error.to_string())?;
        let told = booster.probabilities(&rows).map_err(|error| error.to_string())?;
        assert_eq!(told.len(), rows.rows() * booster.classes());
        Ok(format!("ok: {} iterations", booster.iterations()))
    };
    let enter = Box::new(move |bytes: &[u8]| either(enter(bytes)));
    Door { name: "booster", seeds: TEXTS.map(Vec::from).to_vec(), mutate: text_of_numbers, enter }
}

/// xgboost.json: a text that XGBoost's own reader is never given.
pub fn xgboost() -> Door {
    const TEXTS: [&str; 2] = [
        include_str!("../../golden/xgboost/multiclass.json"),
        include_str!("../../golden/xgboost/binary.json"),
    ];
    const WORDS: &str = "learner|trees|version|cats|enc|categories|num_trees|gbtree|dart|multi:softprob|\
                         binary:logistic|[5E-1]|[0,1,2]|[]|18446744073709551615";
    let mutate = |dice: &mut Dice, bytes: &[u8], other: &[u8]| {
        json_text::mutate(dice, bytes, other, |dice| dice.one_of(WORDS, '|').to_owned())
    };
    let rows = Matrix::new(5, (0..50).map(|cell| (cell * 7 % 19) as f32 - 4.5).collect());
    let enter = move |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).map_err(|error| error.to_string())?;
        let booster = forewarn::xgboost::Booster::parse(text).map_err(|error| error.to_string())?;
        let told = booster.probabilities(&rows).map_err(|error| error.to_string())?;
        assert_eq!(told.len(), rows.rows() * booster.classes());
        Ok(format!("ok: {} rounds", booster.rounds()))
    };
    let enter = Box::new(move |bytes: &[u8]| either(enter(bytes)));
    Door { name: "xgboost", seeds: TEXTS.map(Vec::from).to_vec(), mutate, enter }
}

/// Puts numbers that lead astray in the place of others, and moves lines about.
fn text_of_numbers(dice: &mut Dice, bytes: &[u8], other: &[u8]) -> Vec<u8> {
    const NUMBERS: &str = "-1|0|1|2|1000000|-1000000|4294967296|1e308|nan|inf|-inf||x|1 1 1";
    let mut lines: Vec<Vec<u8>> = bytes.split(|&byte| byte == b'\n').map(Vec::from).collect();
    let others: Vec<&[u8]> = other.split(|&byte| byte == b'\n').collect();
    for _ in 0..dice.count() {
        let (place, from) = (dice.below(lines.len()), dice.below(others.len()));
        match dice.below(8) {
            0 => lines[place] = others[from].to_vec(),
            1 if lines.len() > 1 => drop(lines.remove(place)),
            2 => lines.truncate(place + 1),
            _ => {
                let line = String::from_utf8_lossy(&lines[place]).into_owned();
                let Some((key, values)) = line.split_once('=') else { continue };
                let mut values: Vec<&str> = values.split(' ').collect();
                let at = dice.below(values.len());
                values[at] = dice.one_of(NUMBERS, '|');
                lines[place] = format!("{key}={}", values.join(" ")).into_bytes();
            }
        }
    }
    lines.join(&b'\n')
}
