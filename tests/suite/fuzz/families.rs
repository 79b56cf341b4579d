//! families.csv of a run that somebody else may have made.

use std::fs;

use forewarn::report::write_report;

use super::{Door, tables};
use crate::family_table::sweep;
use crate::support::Bench;

/// families.csv: read for a report. No trial of the run finished, so that nothing else takes time.
pub fn door() -> Door {
    let bench = Bench::new();
    sweep(&bench, "run");
    let sound = fs::read(bench.file("run/families.csv")).unwrap();
    let trials = bench.read("run/trials.csv");
    let header = trials.lines().next().unwrap();
    let cells = header.split(',').map(|name| match name {
        "trial" => "0",
        "status" => "diverged",
        _ => "",
    });
    let row = cells.collect::<Vec<_>>().join(",");
    bench.write("run/trials.csv", &format!("{header}\n{row}\n"));
    for folder in ["run/best", "run/plots"] {
        fs::remove_dir_all(bench.file(folder)).unwrap();
    }
    let enter = move |bytes: &[u8]| {
        fs::write(bench.file("run/families.csv"), bytes).unwrap();
        match write_report(&bench.file("run")) {
            Ok(files) => {
                let page = fs::read_to_string(files.page).unwrap();
                assert_eq!(page.matches("</script>").count(), 2, "a name ends the script");
                "ok: a report".to_owned()
            }
            Err(error) => error.to_string(),
        }
    };
    Door { name: "families", seeds: vec![sound], mutate: tables::mutate, enter: Box::new(enter) }
}
