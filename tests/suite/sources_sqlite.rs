//! Tables from files of `SQLite`: what is read, what is refused, and where a file is sought.

use std::fs;
use std::path::Path;
use std::process::Command;

use forewarn::data::Table;
use serde_json::json;

use crate::servers::execute;
use crate::sources_sql::{ai4i, assert_fails, assert_may_be_empty, cells, query, row};
use crate::support::{Bench, forewarn, run};

#[test]
fn sqlite_files_that_are_none_are_named_and_never_made() {
    let bench = Bench::new();
    let at = |name: &str| format!("sqlite:{}", bench.file(name).display());
    assert_fails(&at("gone.db"), "SELECT 1", None, &["gone.db: no such file"]);
    assert!(!bench.file("gone.db").exists());
    bench.write("empty.db", "");
    for name in ["data.csv", "empty.db"] {
        assert_fails(&at(name), "SELECT 1", None, &[name, "is not an SQLite database"]);
    }
    execute(
        &at("plant.db"),
        "CREATE TABLE rows (a INT, b BLOB); INSERT INTO rows VALUES (1, x'ff')",
    );
    assert_fails(
        &at("plant.db"),
        "SELECT * FROM gone",
        None,
        &["names something that does not exist"],
    );
    assert_fails(&at("plant.db"), "SELEC 1", None, &["is not SQL"]);
    assert_fails(&at("plant.db"), "SELECT b FROM rows", None, &["\"b\" is of type BLOB"]);
    assert_fails(&at("plant.db"), "DELETE FROM rows", None, &["readonly"]);
    assert_fails(&at("plant.db"), "SELECT 1; SELECT 2, 3", None, &["write one statement"]);
    let sound = fs::read(bench.file("plant.db")).unwrap();
    for length in [16, 100, 4096, sound.len() - 100] {
        fs::write(bench.file("cut.db"), &sound[..length]).unwrap();
        let words = ["cut.db: the SQLite database is damaged or cut off"];
        assert_fails(&at("cut.db"), "SELECT * FROM rows", None, &words);
    }
}

#[test]
fn sqlite_columns_of_several_types_are_text_and_dates_are_times() {
    let bench = Bench::new();
    let address = format!("sqlite:{}", bench.file("plant.db").display());
    execute(
        &address,
        "CREATE TABLE rows (x, at DATETIME, day TEXT); \
         INSERT INTO rows VALUES (1.5, '2015-01-31 06:00', '2015-01-31'), ('fast', NULL, 'x')",
    );
    let table = query(&address, "SELECT * FROM rows");
    let message = table.numbers("x").unwrap_err().to_string();
    assert!(message.contains("row 2: column \"x\" holds \"fast\""), "{message}");
    assert_eq!(row(&table), cells(["1.5", "2015-01-31 06:00", "2015-01-31"]));
    let kinds = ["at", "day"].map(|name| table.column(name).unwrap().dtype().to_string());
    assert_eq!(kinds, ["datetime[ms]", "str"]);
}

#[test]
fn a_query_without_rows_is_a_table_beside_another() {
    let bench = Bench::new();
    let address = format!("sqlite:{}", bench.file("plant.db").display());
    execute(&address, &ai4i("REAL", "INT"));
    assert_may_be_empty(&address);
}

#[test]
fn a_sqlite_file_is_sought_beside_the_grid_file() {
    let bench = Bench::new();
    execute(&format!("sqlite:{}", bench.file("plant.db").display()), &ai4i("REAL", "INT"));
    let mut grid = bench.grid();
    grid["data"] = json!({
        "source": {"sql": {"url": "sqlite:plant.db", "query": "SELECT * FROM ai4i ORDER BY UDI"}},
        "target": "Failure Type", "drop": ["UDI", "Product ID"]
    });
    grid["grid"]["epochs"] = json!([1]);
    bench.write_grid(&grid);
    let elsewhere = tempfile::tempdir().unwrap();
    let grid = bench.file("grid.json");
    let mut sweep: Command = forewarn(elsewhere.path());
    run(sweep.args(["sweep", grid.to_str().unwrap(), "--quiet"])).success();
    assert!(Path::new(&elsewhere.path().join("outputs/bench/run.json")).exists());
}

#[test]
fn ingest_writes_what_a_database_gives_as_parquet_and_reads_it_back() {
    let bench = Bench::new();
    let address = format!("sqlite:{}", bench.file("plant.db").display());
    execute(
        &address,
        "CREATE TABLE r (x REAL, at DATETIME, n TEXT); \
         INSERT INTO r VALUES (0.1, '2015-01-31 06:00:00.5', 'a,b'), (NULL, NULL, NULL), (1e300, NULL, '1')",
    );
    for out in ["r.csv", "r.csv.gz", "r.parquet"] {
        let words = ["ingest", &address, "--query", "SELECT * FROM r", "--out", out];
        let said = bench.forewarn(&words).success().stdout();
        assert!(said.contains(&format!("wrote 3 rows, 3 columns to {out}")), "{said}");
        bench.forewarn(&words).code(5);
    }
    assert_eq!(bench.read("r.csv"), "x,at,n\n0.1,2015-01-31 06:00:00.500,\"a,b\"\n,,\n1e300,,1\n");
    let parquet = Table::load(&bench.file("r.parquet")).unwrap();
    assert!(parquet.frame.equals_missing(&query(&address, "SELECT * FROM r").frame));
    let words = ["ingest", "r.csv.gz", "--out", "-"];
    let printed = bench.forewarn(&words).success().stdout();
    assert_eq!(printed, "x,at,n\n0.1,2015-01-31 06:00:00.500,\"a,b\"\n1e300,,1\n");
    let refused = bench.forewarn(&["ingest", "r.csv", "--out", "r.xlsx"]).code(2).stderr();
    assert!(refused.contains(".csv, .csv.gz or .parquet"), "{refused}");
    bench.forewarn(&["ingest", "r.csv", "--out", "x.csv", "--query", "SELECT 1"]).code(4);
    bench.forewarn(&["ingest", &address, "--out", "x.csv"]).code(4);
}
