//! Tables from real databases: the same cells and curves as from CSV, and what is said of everything that
//! goes wrong.

use std::fmt::Write;
use std::fs;
use std::net::TcpListener;

use forewarn::data::{Table, labels};
use forewarn::spec::DatabaseUrl;
use serde_json::json;

use crate::servers::{Server, execute, mariadb, postgres, try_execute};
use crate::support::{Bench, Ended, forewarn, root, run};

const AI4I: &str = "data/ai4i_synthetic.csv";

/// Statements that make the table `ai4i` of the embedded rows, with columns of these types.
pub fn ai4i(real: &str, flag: &str) -> String {
    let text = fs::read_to_string(root().join(AI4I)).unwrap();
    let mut lines = text.lines();
    let names = lines.next().unwrap().split(',');
    let kinds = ["INT", "VARCHAR(20)", "CHAR(1)", real, "DECIMAL(8,1)", "INT", real, "INT", flag];
    let kinds = kinds.into_iter().chain(["VARCHAR(40)"]);
    let columns: Vec<String> =
        names.zip(kinds).map(|(name, kind)| format!("\"{name}\" {kind}")).collect();
    let mut sql = format!("CREATE TABLE ai4i ({});\nINSERT INTO ai4i VALUES ", columns.join(", "));
    for (number, line) in lines.enumerate() {
        let cells: Vec<&str> = line.split(',').collect();
        let [id, product, kind, numbers @ .., target, failure] = cells.as_slice() else {
            panic!("{line}")
        };
        let numbers = numbers.join(",");
        let target =
            if flag == "BOOLEAN" { if *target == "1" { "true" } else { "false" } } else { target };
        let comma = if number == 0 { "" } else { ",\n" };
        write!(sql, "{comma}({id},'{product}','{kind}',{numbers},{target},'{failure}')").unwrap();
    }
    sql + ";"
}

fn url(text: &str) -> DatabaseUrl {
    DatabaseUrl::try_from(text.to_owned()).unwrap()
}

pub fn query(address: &str, sql: &str) -> Table {
    Table::query(&url(address), sql).unwrap_or_else(|error| panic!("{error}"))
}

fn repairs(table: &Table) -> Vec<String> {
    table.repairs.iter().map(ToString::to_string).collect()
}

/// One row: every column's cell as CSV has it, nothing where missing.
pub fn row(table: &Table) -> Vec<Option<String>> {
    table.frame.columns().iter().map(|column| labels(column)[0].clone()).collect()
}

pub fn cells<const N: usize>(cells: [&str; N]) -> Vec<Option<String>> {
    cells.map(|cell| (!cell.is_empty()).then(|| cell.to_owned())).into()
}

/// The 10,000 rows come out as the CSV file has them, and a sweep on them gives the same curves.
fn assert_same_as_csv(address: &str) {
    let select = "SELECT * FROM ai4i ORDER BY 1";
    let read = query(address, select);
    let csv = Table::load(&root().join(AI4I)).unwrap();
    assert_eq!((read.rows(), repairs(&read)), (10_000, vec![]));
    assert!(read.frame.equals_missing(&csv.frame));

    let bench = Bench::new();
    let mut grid = bench.grid();
    grid["data"] = json!({
        "source": {"file": root().join(AI4I)}, "target": "Failure Type", "drop": ["UDI", "Product ID"]
    });
    grid["grid"]["epochs"] = json!([1]);
    bench.write_grid(&grid);
    bench.sweep("csv");
    grid["data"]["source"] = json!({"sql": {"url": address, "query": select}});
    bench.write_grid(&grid);
    bench.sweep("sql");
    assert_eq!(bench.read("sql/curves.csv"), bench.read("csv/curves.csv"));
    let run: serde_json::Value = serde_json::from_str(&bench.read("sql/run.json")).unwrap();
    assert_eq!(run["data"]["source"], format!("{address}: {select}"));

    // What ingest writes has the query's fingerprint, and so may stand in for it.
    let written = ["ingest", address, "--query", select, "--out", "rows.csv"];
    bench.forewarn(&written).success();
    let written = Table::load(&bench.file("rows.csv")).unwrap();
    assert_eq!(run["data"]["sha256"], written.sha256);
}

/// `ingest`, with or without a password.
fn ingest(address: &str, sql: &str, password: Option<&str>) -> Ended {
    let folder = tempfile::tempdir().unwrap();
    let mut command = forewarn(folder.path());
    command.args(["ingest", address, "--out", "-", "--query", sql]);
    command.env_remove("FOREWARN_DB_PASSWORD").env("PGPASSWORD", "hunter2");
    if let Some(password) = password {
        command.env("FOREWARN_DB_PASSWORD", password);
    }
    run(&mut command)
}

pub fn assert_fails(address: &str, sql: &str, password: Option<&str>, words: &[&str]) {
    let said = ingest(address, sql, password).code(4).stderr();
    for word in words {
        assert!(said.contains(word), "{word:?} is not in: {said}");
    }
    let secret = password.is_some_and(|password| said.contains(password));
    assert!(!secret && !said.contains("panicked"), "{said}");
}

/// What every server must say of users, databases, tables and syntax.
fn assert_says_what_is_wrong(server: &Server) {
    let host = &server.host;
    let scheme = server.url.split(':').next().unwrap();
    let locked = format!("{scheme}://locked@{host}/plant");
    let answer = ingest(&locked, "SELECT 1 AS a", Some("hunter2")).success().stdout();
    assert_eq!(answer, "a\n1\n");
    let wrong = Some("hunter3");
    assert_fails(
        &locked,
        "SELECT 1",
        wrong,
        &[host, "\"locked\" is denied access", "check the user"],
    );
    let unset = ["is denied access", "FOREWARN_DB_PASSWORD, which is not set"];
    assert_fails(&locked, "SELECT 1", None, &unset);
    let nowhere = format!("{scheme}://root@{host}/nowhere");
    assert_fails(&nowhere, "SELECT 1", None, &[host, "has no database \"nowhere\""]);
    for sql in ["SELECT * FROM nothing", "SELECT nothing FROM ai4i"] {
        assert_fails(&server.url, sql, None, &["names something that does not exist", "nothing"]);
    }
    assert_fails(&server.url, "SELEC 1", None, &["is not SQL that this database takes", "SELEC"]);
    assert_fails(&server.url, "SELECT 1 AS a FROM ai4i WHERE 1 = 0", None, &["gives no rows"]);
    let write = ["the query fails", "transaction"];
    assert_fails(&server.url, "DELETE FROM ai4i", None, &write);
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let refused = [format!("{closed}: no answer"), "refused".to_owned()];
    let refused: Vec<&str> = refused.iter().map(String::as_str).collect();
    assert_fails(&format!("{scheme}://root@{closed}/plant"), "SELECT 1", None, &refused);
}

fn with_ai4i(server: &'static Server, real: &str, flag: &str) -> &'static Server {
    static LOADED: std::sync::Mutex<Vec<String>> = std::sync::Mutex::new(Vec::new());
    let mut loaded = LOADED.lock().unwrap();
    if !loaded.contains(&server.url) {
        execute(&server.url, &ai4i(real, flag));
        loaded.push(server.url.clone());
    }
    server
}

fn plant(test: &str) -> Option<&'static Server> {
    mariadb(test).map(|server| with_ai4i(server, "DOUBLE", "BOOLEAN"))
}

fn postgres_plant(test: &str) -> Option<&'static Server> {
    postgres(test).map(|server| with_ai4i(server, "DOUBLE PRECISION", "BOOLEAN"))
}

#[test]
fn mariadb_gives_the_rows_and_curves_of_the_csv() {
    let Some(server) = plant("mariadb_gives_the_rows_and_curves_of_the_csv") else { return };
    assert_same_as_csv(&server.url);
    assert_may_be_empty(&server.url);
}

#[test]
fn postgres_gives_the_rows_and_curves_of_the_csv() {
    let Some(server) = postgres_plant("postgres_gives_the_rows_and_curves_of_the_csv") else {
        return;
    };
    assert_same_as_csv(&server.url);
    assert_may_be_empty(&server.url);
}

#[test]
fn sqlite_gives_the_rows_and_curves_of_the_csv() {
    let folder = tempfile::tempdir().unwrap();
    let address = format!("sqlite:{}", folder.path().join("plant.db").display());
    execute(&address, &ai4i("REAL", "INT"));
    assert_same_as_csv(&address);
}

#[test]
fn mariadb_says_what_is_wrong() {
    let Some(server) = plant("mariadb_says_what_is_wrong") else { return };
    assert_says_what_is_wrong(server);
}

#[test]
fn postgres_says_what_is_wrong() {
    let Some(server) = postgres_plant("postgres_says_what_is_wrong") else { return };
    assert_says_what_is_wrong(server);
}

#[test]
fn every_type_of_mariadb_is_read_or_named() {
    let Some(server) = mariadb("every_type_of_mariadb_is_read_or_named") else { return };
    execute(
        &server.url,
        "CREATE TABLE kinds (tiny TINYINT, big BIGINT UNSIGNED, bits BIT(4), flag BOOLEAN, \
         price DECIMAL(20,5), f FLOAT, year YEAR, day DATE, at DATETIME(3), stamp TIMESTAMP NULL, \
         grade ENUM('low','high'), words TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin, blank TEXT, \
         gone INT, bytes BLOB, zero DATE); \
         SET time_zone = '+01:00'; \
         INSERT INTO kinds VALUES (-128, 9007199254740993, 5, TRUE, -1234567.12345, 0.5, 2015, \
         '2015-01-31', '2015-01-31 12:00:01.5', '2015-01-31 12:00:00', 'high', 'Grüße', '', NULL, 0xff00, '0000-00-00')",
    );
    let read = query(
        &server.url,
        "SELECT tiny, big, bits, flag, price, f, year, day, at, stamp, grade, words, blank, gone, zero FROM kinds",
    );
    let wanted = cells([
        "-128",
        "9007199254740992",
        "5",
        "1",
        "-1234567.12345",
        "0.5",
        "2015",
        "2015-01-31 00:00",
        "2015-01-31 12:00:01.500",
        "2015-01-31 11:00",
        "high",
        "Grüße",
        "",
        "",
        "",
    ]);
    assert_eq!(row(&read), wanted);
    let notes = [
        "converted the times of \"stamp\" to UTC",
        "took 1 cell of \"blank\" for missing: empty text",
    ];
    assert_eq!(repairs(&read), notes);
    assert_eq!(read.column("at").unwrap().dtype().to_string(), "datetime[ms]");
    let blob = ["column \"bytes\" is of type BLOB", "CAST"];
    assert_fails(&server.url, "SELECT bytes FROM kinds", None, &blob);
    assert_fails(&server.url, "SELECT TIME'12:00:00' AS t", None, &["\"t\" is of type TIME"]);
}

#[test]
fn every_type_of_postgres_is_read_or_named() {
    let Some(server) = postgres("every_type_of_postgres_is_read_or_named") else { return };
    execute(
        &server.url,
        "CREATE TYPE grade AS ENUM ('low', 'high'); CREATE DOMAIN percent AS NUMERIC(5,2)",
    );
    let read = query(
        &server.url,
        "SELECT (-7)::INT2 AS small, 9007199254740993 AS big, TRUE AS flag, -0.000050::NUMERIC AS n, \
         'NaN'::NUMERIC AS nan, 12.5::percent AS percent, 0.5::FLOAT4 AS f, 'high'::grade AS grade, \
         'ab'::CHAR(5) AS padded, DATE '1969-12-31' AS day, TIMESTAMP '2015-01-31 12:00:01.5' AS at, \
         TIMESTAMPTZ '2015-01-31 12:00:00+01' AS stamp, NULL AS gone, 1 AS a, 2 AS a",
    );
    let wanted = cells([
        "-7",
        "9007199254740992",
        "1",
        "-0.00005",
        "",
        "12.5",
        "0.5",
        "high",
        "ab",
        "1969-12-31 00:00",
        "2015-01-31 12:00:01.500",
        "2015-01-31 11:00",
        "",
        "1",
        "2",
    ]);
    assert_eq!(row(&read), wanted);
    let notes = ["renamed the second \"a\" to \"a.1\"", "converted the times of \"stamp\" to UTC"];
    assert_eq!(repairs(&read), notes);
    let array = ["column \"x\" is of type INT4[]", "CAST"];
    assert_fails(&server.url, "SELECT ARRAY[1,2] AS x", None, &array);
    let infinite = ["row 1: column \"x\" holds a DATE", "infinity is not a time"];
    assert_fails(&server.url, "SELECT DATE 'infinity' AS x", None, &infinite);
}

#[test]
fn a_query_that_fails_half_way_says_after_how_many_rows() {
    let test = "a_query_that_fails_half_way_says_after_how_many_rows";
    if let Some(server) = plant(test) {
        execute(
            &server.url,
            "CREATE FUNCTION checked(i INT) RETURNS INT DETERMINISTIC BEGIN \
             IF i = 5000 THEN SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'sensor lost'; END IF; \
             RETURN i; END",
        );
        let words = ["broke off after 4,999 rows", "sensor lost"];
        assert_fails(&server.url, "SELECT checked(UDI) AS x FROM ai4i", None, &words);
    }
    if let Some(server) = postgres(test) {
        let words = ["broke off after 4,999 rows", "division by zero"];
        let sql = "SELECT 1 / (5000 - i) AS x FROM generate_series(1, 10000) AS i";
        assert_fails(&server.url, sql, None, &words);
    }
}

#[test]
fn a_connection_that_is_killed_half_way_is_an_error() {
    let Some(server) = plant("a_connection_that_is_killed_half_way_is_an_error") else { return };
    let address = server.url.clone();
    let kill = "BEGIN NOT ATOMIC DECLARE victim INT; \
                SELECT id INTO victim FROM information_schema.processlist \
                WHERE info LIKE 'SELECT SLEEP%' AND time_ms > 1000; KILL CONNECTION victim; END";
    // Until there is one to kill.
    let killer = std::thread::spawn(move || {
        (0..600).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(100));
            try_execute(&address, kill).is_ok()
        })
    });
    let slow = "SELECT SLEEP(0.001) AS slept, REPEAT('x', 1000) AS filler FROM ai4i";
    assert_fails(&server.url, slow, None, &["broke off after ", " rows, none of which is used"]);
    assert!(killer.join().unwrap());
}

/// A query without rows is no table to learn from, but one to look into: it still has its columns.
pub fn assert_may_be_empty(address: &str) {
    let sql = "SELECT * FROM ai4i WHERE 1 = 0";
    let table = Table::query_beside(&url(address), sql).unwrap_or_else(|error| panic!("{error}"));
    let names: Vec<&str> =
        table.frame.columns().iter().map(|column| column.name().as_str()).collect();
    assert_eq!((table.rows(), names.len(), names[1]), (0, 10, "Product ID"));
    assert_fails(address, sql, None, &["gives no rows"]);
}

#[test]
fn a_password_in_a_grid_file_is_refused_and_not_repeated() {
    let bench = Bench::new();
    let mut grid = bench.grid();
    let source = |url: &str| json!({"sql": {"url": url, "query": "SELECT 1"}});
    grid["data"]["source"] = source("mysql://root:hunter2@127.0.0.1/plant");
    bench.write_grid(&grid);
    let said = bench.fails(3);
    assert!(
        said.contains("data.source.sql.url") && said.contains("FOREWARN_DB_PASSWORD"),
        "{said}"
    );
    assert!(!said.contains("hunter2"), "{said}");
    grid["data"]["source"] = source("oracle://127.0.0.1/plant");
    bench.write_grid(&grid);
    assert!(bench.fails(3).contains("begins with mysql://"));
}
