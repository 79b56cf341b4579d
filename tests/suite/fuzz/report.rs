//! The tables of a run's folder that its report reads.

use std::fs;

use forewarn::report::write_report;
use serde_json::json;
use tempfile::TempDir;

use super::{Door, tables};

/// A run's folder that has a winner.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    fs::create_dir(folder.path().join("best")).unwrap();
    write("run.json", r#"{"name": "hostile", "rank_by": "valid_loss", "status": "finished"}"#);
    write("trials.csv", "rank,trial,status,hidden,best_epoch,valid_loss\n1,0,finished,8,1,0.5\n");
    let class = |name: &str| json!({"class": name, "support": 5, "roc_auc": 0.5, "pr_auc": null});
    let part =
        json!({"rows": 10, "per_class": [class("a"), class("b")], "confusion": [[5, 0], [5, 0]]});
    write("best/metrics.json", &json!({"trial": 0, "test": part}).to_string());
    folder
}

/// A report of a folder whose file `name` of `best/` is hostile.
fn door(name: &'static str, file: &'static str, seeds: &[&str]) -> Door {
    let folder = folder();
    let enter = move |bytes: &[u8]| {
        fs::write(folder.path().join("best").join(file), bytes).unwrap();
        let written = match write_report(folder.path()) {
            Ok(written) => written,
            Err(error) => {
                let said = error.to_string();
                assert!(said.contains(file), "{said}");
                // The place of the folder differs from call to call.
                return said.split_once(file).map(|(_, said)| said.to_owned()).unwrap();
            }
        };
        for plot in &written.plots {
            let svg = fs::read_to_string(plot).unwrap();
            assert!(!svg.contains("NaN") && !svg.contains("<script"), "{svg}");
        }
        format!("ok: {} plots", written.plots.len())
    };
    let seeds = seeds.iter().map(|seed| seed.as_bytes().to_vec()).collect();
    Door { name, seeds, mutate: tables::mutate, enter: Box::new(enter) }
}

/// The points of ROC curves.
pub fn curves() -> Door {
    let header = "part,class,threshold,false_positive_rate,true_positive_rate\n";
    let rows = "test,a,,0,0\ntest,a,0.9,0.1,0.5\ntest,a,1e-3,1,1\nvalid,\"b,c\",,0,0\n";
    door("curves", "roc.csv", &[&format!("{header}{rows}")])
}

/// The bins of confidence.
pub fn bins() -> Door {
    let header = "part,calibration,lower,upper,rows,mean_confidence,accuracy\n";
    let rows =
        "test,before,0.5,0.6,7,0.55,0.5\ntest,after,0.9,1,3,0.95,1\ntrain,before,0,0.1,1,0,0\n";
    door("bins", "reliability.csv", &[&format!("{header}{rows}")])
}
