//! What `forewarn explore` says of cells that are hardly what their column holds.

use forewarn::data::TableFormat;

use crate::support::{Bench, ai4i, motor};

/// A table of one column, `x`, beside a counter.
fn column(cells: impl IntoIterator<Item = String>) -> String {
    let rows = cells.into_iter().enumerate().map(|(row, cell)| format!("{row},{cell}\n"));
    format!("n,x\n{}", rows.collect::<String>())
}

fn warnings(csv: &str) -> Vec<String> {
    let bench = Bench::new();
    bench.write("t.csv", csv);
    said(&bench, "t.csv")
}

/// The warnings on `x`.
fn said(bench: &Bench, file: &str) -> Vec<String> {
    let text = bench.forewarn(&["explore", file]).success().stdout();
    let of_x = text.lines().filter_map(|line| line.strip_prefix("warning \"x\""));
    of_x.map(str::to_owned).collect()
}

fn with(cells: [(usize, &str); 3]) -> impl Iterator<Item = String> {
    (0..100).map(move |row| {
        let cell = cells.iter().find(|(place, _)| *place == row);
        cell.map_or_else(|| (290 + row * 37 % 20).to_string(), |(_, cell)| (*cell).to_owned())
    })
}

#[test]
fn text_among_numbers_is_counted_and_the_first_is_named_by_its_row() {
    let said = warnings(&column(with([(16, "n/a?"), (40, "off"), (99, "n/a?")])));
    let wanted = ": 3 of 100 cells are not numbers, the first in row 17 holds \"n/a?\": correct them, or \
                  leave them empty, to have numbers";
    assert_eq!(said, [wanted]);
    let said = warnings(&column(with([(16, ""), (40, "NA"), (99, "off")])));
    assert!(
        said[0].starts_with(": 1 of 98 cells is not a number, the first in row 100"),
        "{said:?}"
    );
    let said = warnings(&column((0..50).map(|row| format!("\"{row},5\"")))).concat();
    assert!(said.contains("50 of 50 cells are not numbers") && said.contains("decimal point"));
}

#[test]
fn numbers_written_as_text_in_a_typed_file_are_noted() {
    let bench = Bench::new();
    let table = |cells: [(usize, &str); 3]| {
        // The letters at the end keep it text on the way into Parquet.
        let table = forewarn::data::Table::parse("t", column(with(cells)).as_bytes()).unwrap();
        let mut bytes = Vec::new();
        table.write(TableFormat::Parquet, &mut bytes).unwrap();
        std::fs::write(bench.file("t.parquet"), bytes).unwrap();
        said(&bench, "t.parquet")
    };
    let said = table([(1, "a"), (2, "b"), (3, "c")]);
    assert!(
        said[0].starts_with(": 3 of 100 cells are not numbers, the first in row 2"),
        "{said:?}"
    );
}

#[test]
fn labels_with_some_digits_are_labels() {
    let cells = (0..100).map(|row| if row % 3 == 0 { row.to_string() } else { format!("M{row}") });
    let said = warnings(&column(cells.collect::<Vec<_>>()));
    assert!(said.iter().all(|warning| !warning.contains("not numbers")), "{said:?}");
}

#[test]
fn a_repeated_number_far_from_all_others_may_stand_for_missing() {
    for sentinel in ["-999", "9999", "-1"] {
        let said = warnings(&column(with([5, 6, 80].map(|row| (row, sentinel)))));
        let wanted = format!(
            " is {sentinel} in 3 cells, far from all others (290 to 309): does it stand for a missing cell?"
        );
        assert_eq!(said, [wanted]);
    }
    assert!(warnings(&column(with([(5, "-999"), (6, "-999"), (7, "300")]))).is_empty());
}

#[test]
fn tables_as_machines_write_them_raise_no_such_doubt() {
    for csv in [ai4i(3000), motor(1000)] {
        let bench = Bench::new();
        bench.write("t.csv", &csv);
        let text = bench.forewarn(&["explore", "t.csv"]).success().stdout();
        assert!(!text.contains("stand for a missing") && !text.contains("not a number"), "{text}");
    }
}
