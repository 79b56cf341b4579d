//! Reading CSV files as users have them: every spelling that loads, every one that is refused.

use std::fs;
use std::path::Path;

use forewarn::data::{Cells, DataError, Position, RawTable, Table, read_csv_bytes};

fn read(text: &str) -> RawTable {
    read_csv_bytes("pump.csv", text.as_bytes()).unwrap()
}

fn refusal(bytes: &[u8]) -> String {
    Table::parse("pump.csv", bytes).expect_err("should be refused").to_string()
}

fn repairs(table: &RawTable) -> Vec<String> {
    table.repairs.iter().map(ToString::to_string).collect()
}

fn values(table: &RawTable, column: usize) -> &[f64] {
    table.columns[column].numbers("pump.csv").unwrap()
}

fn labels(table: &RawTable, column: usize) -> Vec<Option<&str>> {
    match &table.columns[column].cells {
        Cells::Text { labels, .. } | Cells::Mixed { labels, .. } => labels.iter().collect(),
        other => panic!("{} holds {other:?}", table.columns[column].name),
    }
}

#[test]
fn numbers_and_labels_are_told_apart() {
    let table = read("torque,kind\n40,M\n4.05E1,L\n,M\n");
    assert_eq!(values(&table, 0)[..2], [40.0, 40.5]);
    assert!(values(&table, 0)[2].is_nan());
    assert!(matches!(table.columns[0].cells, Cells::Numbers { missing: 1, .. }));
    assert_eq!(labels(&table, 1), [Some("M"), Some("L"), Some("M")]);
    assert_eq!((table.rows, repairs(&table)), (3, vec![]));
}

#[test]
fn whole_values_are_numbers_however_written() {
    let table = read("a,b\n40,\n40.0,\n4E1,NA\n");
    assert!(matches!(table.columns[0].cells, Cells::Numbers { missing: 0, .. }));
    assert!(matches!(table.columns[1].cells, Cells::Numbers { missing: 3, .. }));
}

#[test]
fn the_hash_is_that_of_the_bytes_in_small_and_large_files() {
    let small = read("a,b\n1,2\n");
    assert_eq!(small.sha256, "492d5ea496056f1a6a6592241032fab764c321596317930b4fa0e1e8bc3b7470");
    let large = read(&format!("a,b\n{}", "1.25,2.5\n".repeat(150_000)));
    assert_eq!(large.sha256, "f414306f7f834894ba0e681e5dae3419f9e9ff369c886f95d4456644404a4297");
    assert_eq!(large.rows, 150_000);
}

#[test]
fn text_in_a_numeric_column_is_an_error_only_where_it_is_used() {
    let table = read("id,speed\n1,1551\n2,\n3,fast\n4,1400\n");
    assert_eq!(labels(&table, 1), [Some("1551"), None, Some("fast"), Some("1400")]);
    let message = table.columns[1].numbers("pump.csv").unwrap_err().to_string();
    assert!(message.starts_with("pump.csv: line 4: column \"speed\" holds \"fast\""), "{message}");
}

#[test]
fn numbers_in_a_minority_are_labels() {
    let table = read("code,x\n12,1\nA7,1\nB7,1\n");
    assert!(
        matches!(&table.columns[0].cells, Cells::Text { first_text, .. } if first_text.at == Position::Line(3))
    );
    assert_eq!(labels(&table, 0), [Some("12"), Some("A7"), Some("B7")]);
}

#[test]
fn an_infinity_is_named_with_its_line() {
    let table = read("a,b\n1,1\n-inf,2\n");
    let message = table.columns[0].numbers("pump.csv").unwrap_err().to_string();
    assert!(message.contains("line 3: column \"a\" holds \"-inf\""), "{message}");
}

#[test]
fn decimal_commas_come_with_advice() {
    let table = read("a;b\n3,14;1\n2,5;2\n");
    let message = table.columns[0].numbers("pump.csv").unwrap_err().to_string();
    assert!(message.contains("\"3,14\"") && message.contains("decimals with a point"), "{message}");
}

#[test]
fn every_line_ending_and_a_mark_load_alike() {
    for text in ["a,b\n1,2\n3,4", "\u{feff}a,b\r\n1,2\r\n3,4\r\n", "a\tb\r1\t2\r3\t4\r"] {
        let table = read(text);
        assert_eq!(
            (values(&table, 0), values(&table, 1)),
            ([1., 3.].as_slice(), [2., 4.].as_slice())
        );
    }
    assert_eq!(repairs(&read("\u{feff}a,b\n1,2\n")), ["removed a byte order mark"]);
}

#[test]
fn a_tab_in_a_csv_is_noted_and_in_a_tsv_expected() {
    let text = b"a\tb\n1\t2\n";
    let noted = read_csv_bytes("x.CSV", text).unwrap();
    assert_eq!(repairs(&noted), ["separator is a tab although the name ends in .csv"]);
    assert_eq!(repairs(&read_csv_bytes("x.tsv", text).unwrap()), Vec::<String>::new());
}

#[test]
fn spaces_around_names_and_cells_are_trimmed_and_counted() {
    let table = read("a, b \n1,No Failure \n 2,\" Heat\"\n3,  \n");
    assert_eq!(table.names(), ["a", "b"]);
    assert_eq!(labels(&table, 1), [Some("No Failure"), Some("Heat"), None]);
    let wanted = [
        "trimmed spaces around 1 column name: \"b\"",
        "trimmed spaces around 1 cell of \"a\"",
        "trimmed spaces around 2 cells of \"b\"",
    ];
    assert_eq!(repairs(&table), wanted);
}

#[test]
fn markers_of_missing_cells_are_counted() {
    let table = read("a,b\n1,None\nNA,x\n?,x\nNA,x\n");
    let wanted = [
        "took 3 cells of \"a\" for missing: 2 \"NA\", 1 \"?\"",
        "took 1 cell of \"b\" for missing: 1 \"None\"",
    ];
    assert_eq!(repairs(&table), wanted);
}

#[test]
fn empty_rows_are_left_out_wherever_they_are() {
    let table = read("a,b\n\n1,2\n,\n3,4\n , ,,\n\n");
    assert_eq!((table.rows, values(&table, 0)), (2, [1.0, 3.0].as_slice()));
    assert_eq!(
        repairs(&table),
        ["left out 4 empty rows (the first at line 2, the last at line 7)"]
    );
}

#[test]
fn leftovers_below_the_table_stay_as_rows_with_missing_cells() {
    let text = format!("a,b,c\n{},,95\n", "1,2,3\n".repeat(10));
    let table = read(&text);
    assert_eq!((table.rows, values(&table, 2)[10]), (11, 95.0));
    let note = &repairs(&table)[0];
    assert!(note.starts_with("the last row holds only 1 of 3 cells (line 12): kept"), "{note}");
}

#[test]
fn an_unnamed_column_is_named_or_left_out_if_empty() {
    let table = read(",a,\n0,5,\n1,6,\n");
    assert_eq!(table.names(), ["column_1", "a"]);
    let wanted = [
        "named column 1, which has no name, \"column_1\"",
        "left out column 3, which has neither a name nor a cell",
    ];
    assert_eq!(repairs(&table), wanted);
}

#[test]
fn a_row_of_wrong_length_is_named_with_both_counts() {
    let short = refusal(b"a,b,c\n1,2,3\n\n4,5\n");
    assert!(short.contains("line 4 has 2 cells, the header has 3"), "{short}");
    let long = refusal(b"a,b\n1,2\n1,2,3\n");
    assert!(long.contains("line 3 has 3 cells, the header has 2"), "{long}");
    let table = read("a,b\n1,2,,\n3,4\n");
    assert_eq!(
        repairs(&table),
        ["ignored empty cells beyond the last column in 1 row (first at line 2)"]
    );
}

#[test]
fn line_numbers_allow_for_line_breaks_in_quoted_cells() {
    let message = refusal(b"\"a\nunit\",b\r\n\"x\r\ny\",2\r\n1\r\n");
    assert!(message.contains("line 5 has 1 cell, the header has 2"), "{message}");
}

#[test]
fn files_that_are_no_csv_are_refused_with_their_kind() {
    for (bytes, words) in [
        (b"BZh9\0data".as_slice(), "bzip2-compressed; unpack it first"),
        (b"PK\x03\x04..xl/workbook.bin", "spreadsheet"),
        (b"SQLite format 3\0", "SQLite"),
        (b"\x89PNG\r\n\x1a\n\0", "image"),
        (b"a,b\n1,\0\n", "NUL byte"),
        (b"\xff\xfea\0", "UTF-16"),
        (b"a,b\n1,\xb0C\n", "Latin-1"),
        (b"", "empty"),
        (b"\n \n", "empty"),
        (b"a,b\n\n,\n", "no rows"),
        (b"a,b\n1,\"2\n3,4\n", "line 2: a quoted cell starts here and is never closed"),
        (
            b"import os\n\ndef run(a, b):\n    return a\n",
            "line 3 has 2 cells, the header has 1: is it a CSV?",
        ),
        (b"some words\nand some more\n", "is it a CSV?"),
        (b"298.1,308.6\n298.2,308.7\n", "should be the header"),
        (b"<!DOCTYPE html>\n<html>\n", "web page"),
    ] {
        let message = refusal(bytes);
        assert!(message.starts_with("pump.csv: ") && message.contains(words), "{message}");
    }
}

#[test]
fn one_column_of_numbers_or_short_labels_is_a_table() {
    assert_eq!(values(&read("torque\n1\n2\n"), 0), [1.0, 2.0]);
    assert_eq!(labels(&read("kind\nM\nL\n"), 0), [Some("M"), Some("L")]);
}

#[test]
fn paths_that_cannot_be_read_say_why() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pump.csv");
    assert!(matches!(Table::load(folder.path()), Err(DataError::IsDirectory { .. })));
    assert!(matches!(Table::load(&file), Err(DataError::NotFound { .. })));
    assert!(matches!(Table::load(Path::new("")), Err(DataError::NotFound { .. })));
    fs::write(&file, "a,b\n1,2\n").unwrap();
    assert_eq!(Table::load(&file).unwrap().rows(), 1);
}

#[test]
fn a_line_of_separators_is_no_header() {
    let message = refusal(format!("a{}\n1\n", ",".repeat(200_000)).as_bytes());
    assert!(message.contains("line 1") && message.contains("200,001 columns"), "{message}");
}
