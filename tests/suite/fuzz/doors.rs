//! The doors of grid files and tables: for each what it takes, and what must hold of whatever it lets through.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use forewarn::data::{Cells, Table, TableFile, labels, read_csv_bytes};
use forewarn::engine::native::NativeEngine;
use forewarn::prepare::{Prepared, Tables, prepare};
use forewarn::spec::{self, Step, Study};
use forewarn::sweep;

use serde_json::{Value, json};

use super::mutate::Dice;
use super::{Door, files, json as json_text, sql, tables};
use crate::support::root;

/// A grid with every key.
pub const GRID: &str = r#"{
    "$schema": "x", "name": "hostile", "description": "x", "seed": 3,
    "data": {"source": {"file": "x.csv"}, "target": "failure", "drop": ["id", "hour"], "categorical": ["code"],
        "features": ["rpm", "Torque [Nm]", "kind", "code", "gaps"], "group": "wear",
        "time": "hour"},
    "steps": [
        {"drop_columns": ["nothing"]}, {"drop_duplicates": {"columns": ["rpm"], "keep": "last"}},
        {"parse_dates": {"columns": ["hour"], "format": "%Y-%m-%d %H:%M"}},
        {"derive": {"power": "torque * rpm / 60", "strain": "CASE WHEN wear > 3 THEN abs(power) ELSE 0 END"}},
        {"time_parts": {"parts": ["hour", "weekday"]}}, {"clip": {"columns": ["rpm"], "lower": 5, "upper": 9e9}},
        {"rolling": {"columns": ["rpm"], "windows": ["24h", 4], "functions": ["mean", "std", "min", "max"]}},
        {"difference": {"columns": ["rpm"], "rows": [1, 2]}}, {"lag": {"columns": ["torque"]}},
        {"drop_rows": {"where": "rpm < 3"}}, {"fill": {"columns": ["rpm_std_4"], "with": "backward"}},
        {"fill": {"with": "mean"}}, {"fill": {"columns": ["kind"], "with": {"constant": "L"}}},
        {"iqr_outliers": {"action": "clip"}}, {"ordinal": {"orders": {"kind": ["L", "M", "H"]}, "unseen": "ignore"}},
        {"fill": {"with": {"constant": 0}}}, {"one_hot": {"unseen": "ignore"}},
        {"scale": {"method": "robust"}}, {"balance": {"random_over": {}}}
    ],
    "split": {"shares": {"train": 0.6, "valid": 0.2, "test": 0.2, "by": "time", "gap": "2h", "seed": 1}},
    "fixed": {"sgd": {"momentum": 0.5, "nesterov": true}, "adamw": {"betas": [0.9, 0.99], "eps": 1e-8}},
    "grid": {"learning_rate": [0.01, 1e-3], "optimizer": ["adam", "sgd"], "epochs": [3, 5],
        "hidden": [[4, 3], []], "batch_size": [32], "weight_decay": [0, 0.1], "dropout": [0.2],
        "activation": ["relu", "gelu"], "embedding": ["none", {"kind": "periodic", "width": 2}],
        "focal_gamma": [1], "l1": [0.01], "clip_grad_norm": [0.5],
        "max_norm": ["none"], "input_noise": [0.1], "seed": [0, 1]},
    "variants": {"net": {}, "forest": {"family": "random_forest", "grid": {"max_features": [0.5, 2, "log2"],
            "max_depth": ["none", 3]}}, "linear": {"family": "logistic_regression", "grid": {"C": [1]}}},
    "rank_by": "valid_mcc"
}"#;

/// 60 rows with numbers, text, codes and gaps.
fn rows() -> String {
    let row = |row: usize| {
        let (kind, gap) = (["L", "M", "H"][row % 3], if row % 7 < 1 { "" } else { "2.5" });
        let (torque, class) = (40.5 - row as f64 / 3.0, ["none", "heat", "power"][row % 5 / 2]);
        let hour = format!("2015-01-{:02} {:02}:00", 1 + row / 24, row % 24);
        let (rpm, wear, code) = (1500 + row, row % 11, row % 4);
        format!("{row},{rpm},{torque},{wear},{kind},{code},{gap},{hour},{class}\n")
    };
    let header = "id,rpm,Torque [Nm],wear,kind,code,gaps,hour,failure\n".to_owned();
    (0..60).map(row).fold(header, |text, row| text + &row)
}

pub fn sound_table() -> Table {
    Table::parse("x.csv", rows().as_bytes()).unwrap()
}

pub fn study(grid: &str) -> Study {
    spec::parse(Path::new("x.json"), grid).unwrap()
}

/// What sound preparation promises.
fn check(prepared: &Prepared) {
    for (fold, pipeline) in prepared.folds.iter().zip(&prepared.pipelines) {
        for part in [&fold.train, &fold.valid, &fold.test] {
            assert_eq!(part.features.rows(), part.labels.len());
            assert_eq!(part.features.columns(), pipeline.inputs.len());
            assert!(part.features.values().iter().all(|value| value.is_finite()));
            assert!(part.labels.iter().all(|&label| (label as usize) < prepared.classes.len()));
        }
    }
}

/// What became of a table that was to be prepared.
fn prepared(table: &Table, study: &Study) -> Result<String, String> {
    let prepared =
        prepare(table, &Tables::new(), &study.file, 1).map_err(|error| error.to_string());
    if let Err(error) = &prepared {
        assert!(!error.contains("polars cannot compute it"), "a panic of polars: {error}");
    }
    let prepared = prepared?;
    check(&prepared);
    Ok(format!("ok: {:?} {:?}", prepared.notes, prepared.warnings))
}

pub fn either(outcome: Result<String, String>) -> String {
    outcome.unwrap_or_else(|error| error)
}

/// [`GRID`] with some keys changed, each named by its path.
fn grid_with(changes: &[(&str, Value)]) -> String {
    let mut grid: Value = serde_json::from_str(GRID).unwrap();
    for (path, value) in changes {
        *grid.pointer_mut(path).unwrap() = value.clone();
    }
    grid.to_string()
}

/// The grid file, on a small table; the trials and their jobs too, where they are not too many.
pub fn grid() -> Door {
    let table = sound_table();
    let enter = move |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes);
        let study = spec::parse(Path::new("x.json"), &text).map_err(|error| error.to_string())?;
        if study.file.trials() <= 1000 {
            let jobs = sweep::plan(sweep::trials(&study.file), &NativeEngine::new(&[]));
            assert_eq!(
                jobs.iter().flat_map(sweep::Job::trials).count() as u64,
                study.file.trials()
            );
            for (number, trial) in sweep::trials(&study.file).into_iter().enumerate() {
                assert_eq!(sweep::trial(&study.file, number), Some(trial));
            }
        }
        prepared(&table, &study)
    };
    let folds = json!({"folds": {"count": 3, "test": 0.2, "by": "group"}});
    let how = json!([
        {"drop_missing": {}}, {"resample": {"every": "1h", "columns": {"rpm": "max"}}}, {"one_hot": {}},
        {"iqr_outliers": {"factor": 3, "action": "remove"}}, {"scale": {"method": "quantile_normal"}},
        {"balance": {"smote": {"k_neighbors": 1}}},
    ]);
    let changed = grid_with(&[("/split", folds), ("/steps", how), ("/data/features", Value::Null)]);
    Door {
        name: "grid",
        seeds: vec![GRID.into(), changed.into()],
        mutate: |dice, bytes, other| json_text::mutate(dice, bytes, other, known_word),
        enter: Box::new(move |bytes| either(enter(bytes))),
    }
}

/// A string that a grid file or a model may hold.
pub fn known_word(dice: &mut Dice) -> String {
    let known = [
        "rpm",
        "Torque [Nm]",
        "torque_nm",
        "id",
        "kind",
        "code",
        "gaps",
        "failure",
        "power",
        "adam",
        "tanh",
        "mean",
        "folds",
        "none",
        "error",
        "numeric",
        "categorical",
        "valid_loss",
        "Linear",
    ];
    if dice.one_in(3) { sql::word(dice) } else { (*dice.pick(&known)).to_owned() }
}

/// The SQL of a derived feature.
pub fn derive() -> Door {
    let table = sound_table();
    let grid = grid_with(&[("/steps/0", json!({"derive": {"before": "rpm / 60"}}))]);
    let study = study(&grid);
    let enter = move |bytes: &[u8]| {
        let expression = String::from_utf8_lossy(bytes).into_owned();
        let mut study = study.clone();
        let derived = [("derived".to_owned(), expression)].into_iter().collect();
        study.file.steps.insert(1, Step::Derive(derived));
        prepared(&table, &study)
    };
    let seeds = [
        "torque * rpm * 2 * pi() / 60",
        "CASE WHEN wear > 3 AND rpm IS NOT NULL THEN pow(wear, 2) ELSE -1.5e3 END",
        "coalesce(gaps, before) + greatest(rpm, \"Torque [Nm]\", 3) - sqrt(abs(wear))",
        "CAST(wear AS INT) % 4 + round(torque, 1) + atan2(rpm, torque) + sign(wear)",
        "wear BETWEEN 1 AND 2 OR NOT (rpm <= 1600)",
    ];
    Door {
        name: "derive",
        seeds: seeds.map(Vec::from).into(),
        mutate: sql::mutate,
        enter: Box::new(move |bytes| either(enter(bytes))),
    }
}

/// The table: read, read again as `predict` does, and prepared by its own last column.
pub fn table() -> Door {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.csv");
    let all = ("/data/features", Value::Null);
    let split = ("/split", json!({"shares": {"train": 0.6, "valid": 0.2, "test": 0.2}}));
    let lists = [("/data/drop", json!([])), ("/data/categorical", json!([]))];
    let rest = [json!({"one_hot": {"unseen": "ignore"}}), json!({"scale": {"method": "min_max"}})];
    let missing = [
        json!({"drop_columns": []}),
        json!({"drop_missing": {}}),
        json!({"fill": {"with": "mean"}}),
        json!({"fill": {"with": "median"}}),
        json!({"fill": {"with": "most_frequent"}}),
    ];
    let studies = missing.map(|missing| {
        let [one_hot, scale] = rest.clone();
        let steps = ("/steps", json!([missing, one_hot, scale]));
        let [drop, categorical] = lists.clone();
        study(&grid_with(&[all.clone(), split.clone(), drop, categorical, steps]))
    });
    let named = study(GRID);
    let enter = move |bytes: &[u8]| {
        let _kept = &folder;
        let said = |error: forewarn::data::DataError| error.to_string();
        check_cells(bytes);
        let table = Table::parse("x.csv", bytes).map_err(said)?;
        let mut lines = 0;
        fs::write(&file, bytes).unwrap();
        let visit = &mut |cells: &mut dyn Iterator<Item = &str>| {
            lines += 1;
            assert!(cells.count() >= table.frame.width());
            Ok(())
        };
        TableFile::open(&file).map_err(said)?.each_row(&table, visit).unwrap();
        assert_eq!(lines, table.rows() + 1);
        for column in table.frame.columns() {
            assert_eq!(labels(column).len(), table.rows());
            assert_eq!(table.column(column.name()).map_err(said)?.name(), column.name());
        }
        let by_name = prepared(&table, &named);
        let mut study = studies[bytes.len() % studies.len()].clone();
        let last = table.frame.columns().last().unwrap();
        study.file.data.target = last.name().to_string();
        Ok(format!("{:.4}, {}", either(by_name), either(prepared(&table, &study))))
    };
    let quoted = "\u{feff}a;b;b\r\n1;\"x;\"\"y\";0\r\n2,5; z ;1\r\n".to_owned();
    let repeated = quoted.lines().last().map(|line| format!("{line}\r\n").repeat(9)).unwrap();
    Door {
        name: "table",
        seeds: vec![rows().into(), (quoted + &repeated).into()],
        mutate: tables::mutate,
        enter: Box::new(move |bytes| match enter(bytes) {
            Ok(outcome) => format!("ok: {outcome}"),
            Err(error) => error,
        }),
    }
}

/// A Parquet file, a workbook, or either packed: read, and read again as `predict` does.
pub fn file() -> Door {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("x.data");
    let enter = move |bytes: &[u8]| {
        let _kept = &folder;
        let said = |error: forewarn::data::DataError| error.to_string();
        fs::write(&place, bytes).unwrap();
        let file = TableFile::open(&place).map_err(said)?;
        let table = file.table().map_err(said)?;
        let mut lines = 0;
        let visit = &mut |cells: &mut dyn Iterator<Item = &str>| {
            lines += 1;
            assert_eq!(cells.count(), table.frame.width());
            Ok(())
        };
        file.each_row(&table, visit).unwrap();
        assert_eq!(lines, table.rows() + 1);
        Ok(format!("ok: {} rows", table.rows()))
    };
    let golden = |name: &str| fs::read(root().join("tests/golden").join(name)).unwrap();
    let mut packed = GzEncoder::new(Vec::new(), Compression::default());
    packed.write_all(&golden("tables.parquet")).unwrap();
    let packed = packed.finish().unwrap();
    Door {
        name: "file",
        seeds: vec![golden("tables.parquet"), golden("tables.xlsx"), packed],
        mutate: files::mutate,
        enter: Box::new(move |bytes| either(enter(bytes))),
    }
}

/// Every column is full, and its numbers are numbers.
fn check_cells(bytes: &[u8]) {
    let Ok(table) = read_csv_bytes("x.csv", bytes) else { return };
    assert!(!table.columns.is_empty() || table.rows == 0);
    for column in &table.columns {
        let cells = match &column.cells {
            Cells::Numbers { values, missing } => {
                assert_eq!(values.iter().filter(|value| value.is_nan()).count(), *missing);
                assert!(values.iter().all(|value| !value.is_infinite()));
                values.len()
            }
            Cells::Text { labels, .. } | Cells::Mixed { labels, .. } => labels.codes.len(),
            Cells::Times { .. } => panic!("CSV holds no times"),
        };
        assert_eq!(cells, table.rows);
    }
}
