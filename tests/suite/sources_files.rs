//! Tables from every kind of file: the cells that Python wrote, damaged files, bombs.

use std::fs;
use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use forewarn::data::{Table, TableFormat, labels};
use serde_json::Value;

use crate::support::{Bench, ai4i, root};

fn golden(name: &str) -> std::path::PathBuf {
    root().join("tests/golden").join(name)
}

/// The columns that `tables.py` says a file holds, against those that are read.
fn assert_holds(table: &Table, key: &str) {
    let text = fs::read_to_string(golden("tables.json")).unwrap();
    let golden: Value = serde_json::from_str(&text).unwrap();
    let wanted = golden[key].as_object().unwrap();
    let names: Vec<String> =
        table.frame.columns().iter().map(|column| column.name().to_string()).collect();
    assert_eq!(names, wanted.keys().cloned().collect::<Vec<_>>());
    for (name, cells) in wanted {
        let read = labels(table.column(name).unwrap());
        let read: Vec<String> = read.into_iter().map(Option::unwrap_or_default).collect();
        let cells: Vec<&str> = cells.as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(read, cells, "{name}");
    }
}

fn repairs(table: &Table) -> Vec<String> {
    table.repairs.iter().map(ToString::to_string).collect()
}

fn kind(table: &Table, column: &str) -> String {
    table.column(column).unwrap().dtype().to_string()
}

fn refusal(path: &Path) -> String {
    Table::load(path).expect_err("it should be refused").to_string()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// That a file of these bytes is refused, in words that name it.
fn assert_refused(bytes: &[u8], words: &str) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pump.data");
    fs::write(&file, bytes).unwrap();
    let message = refusal(&file);
    assert!(message.contains("pump.data") && message.contains(words), "{message}");
}

#[test]
fn every_type_of_a_parquet_file_that_pyarrow_wrote_is_read() {
    let table = Table::load(&golden("tables.parquet")).unwrap();
    assert_holds(&table, "parquet");
    let kinds = ["int64", "text", "category", "date", "berlin"].map(|name| kind(&table, name));
    assert_eq!(kinds, ["f64", "str", "str", "datetime[ms]", "datetime[ms]"]);
    let wanted = [
        "left out column \"lists\", which holds lists",
        "left out column \"bytes\", which holds bytes",
        "converted the times of \"berlin\" to UTC",
    ];
    assert_eq!(repairs(&table), wanted);
}

#[test]
fn a_workbook_that_openpyxl_wrote_is_read_from_its_first_sheet() {
    let table = Table::load(&golden("tables.xlsx")).unwrap();
    assert_holds(&table, "workbook");
    assert!(table.source.ends_with("tables.xlsx#Pumps"), "{}", table.source);
    let kinds = ["when", "rpm", "Type"].map(|name| kind(&table, name));
    assert_eq!(kinds, ["datetime[ms]", "f64", "str"]);
    let wanted = [
        "took the first sheet, \"Pumps\"; there are also \"Sheet 2\": name one as in book.xlsx#Sheet",
        "trimmed spaces around 1 column name: \"Type\"",
        "left out 1 empty row (line 4)",
        "the last row holds only 2 of 6 cells (line 6): kept, the others missing; delete them if \
         they are leftovers of a spreadsheet",
        "trimmed spaces around 1 cell of \"Type\"",
        "took 1 cell of \"note\" for missing: 1 \"NA\"",
    ];
    assert_eq!(repairs(&table), wanted);
}

#[test]
fn an_error_in_a_workbook_is_named_by_its_cell() {
    let table = Table::load(&golden("tables.xlsx")).unwrap();
    let message = table.numbers("ratio").unwrap_err().to_string();
    assert!(message.contains("#Pumps: cell F5: column \"ratio\" holds \"#DIV/0!\""), "{message}");
    let message = table.numbers("when").unwrap_err().to_string();
    assert!(
        message.contains("cell B3: column \"when\" holds \"2015-01-31 12:00:01\""),
        "{message}"
    );
}

#[test]
fn a_sheet_is_named_behind_the_file() {
    let named = |sheet: &str| format!("{}#{sheet}", golden("tables.xlsx").display());
    let table = Table::load(Path::new(&named("Sheet 2"))).unwrap();
    assert_eq!((table.rows(), table.frame.width()), (1, 2));
    assert!(repairs(&table).iter().all(|repair| !repair.contains("sheet")), "it was named");
    let message = refusal(Path::new(&named("Sheet2")));
    assert!(message.ends_with("no sheet \"Sheet2\"; its sheets are \"Pumps\", \"Sheet 2\""));
    let message = refusal(&golden("tables.parquet#Pumps"));
    assert!(message.contains("only a workbook has sheets"), "{message}");
}

#[test]
fn a_file_whose_name_holds_a_number_sign_is_itself() {
    let bench = Bench::new();
    bench.write("pump#2.csv", "a,b\n1,2\n");
    bench.write("pump", "a,b\n1,2\n3,4\n");
    assert_eq!(Table::load(&bench.file("pump#2.csv")).unwrap().rows(), 1);
}

#[test]
fn the_sheets_that_were_not_taken_are_said_by_every_command() {
    let bench = Bench::new();
    let sheet = |head: &str| vec![row(&[head, "Motor Fails"]), row(&["1", "0"]), row(&["2", "1"])];
    let sheets = [("North", sheet("a")), ("South", sheet("a")), ("East", sheet("a"))];
    fs::write(bench.file("book.xlsx"), workbook(&sheets)).unwrap();
    let note = "took the first sheet, \"North\"; there are also \"South\", \"East\": name one as in \
                book.xlsx#Sheet";
    for arguments in
        [["explore", "book.xlsx"].as_slice(), &["ingest", "book.xlsx", "--out", "x.csv"]]
    {
        let shown = bench.forewarn(arguments).success().stdout();
        assert!(shown.contains(note), "{shown}");
    }
    let sweep = bench.forewarn(&["sweep", "grid.json", "--data", "book.xlsx", "--out", "run"]);
    let said = sweep.stdout() + &sweep.stderr();
    assert!(said.contains(note), "{said}");
    let shown = bench.forewarn(&["explore", "book.xlsx#East"]).success().stdout();
    assert!(!shown.contains("first sheet"), "{shown}");
}

#[test]
fn a_file_of_a_header_alone_is_a_table_only_beside_another() {
    let bench = Bench::new();
    let names = ["datetime", "machineID", "errorID"];
    bench.write("quiet.csv", &(names.join(",") + "\n"));
    fs::write(bench.file("quiet.xlsx"), workbook(&[("Errors", vec![row(&names)])])).unwrap();
    let mut parquet = Vec::new();
    let table = Table::load_beside(&bench.file("quiet.csv")).unwrap();
    table.write(TableFormat::Parquet, &mut parquet).unwrap();
    fs::write(bench.file("quiet.parquet"), parquet).unwrap();
    for file in ["quiet.csv", "quiet.xlsx", "quiet.parquet"] {
        let table = Table::load_beside(&bench.file(file)).unwrap();
        assert_eq!((table.rows(), table.frame.width()), (0, 3), "{file}");
        assert!(table.column("errorID").is_ok());
        let message = refusal(&bench.file(file));
        assert!(message.contains("has a header (3 columns) but no rows"), "{message}");
        let said = bench.forewarn(&["explore", file]).code(4).stderr();
        assert!(said.contains("no rows"), "{said}");
    }
}

fn row(cells: &[&str]) -> String {
    let cell = |cell: &&str| format!("<c t=\"inlineStr\"><is><t>{cell}</t></is></c>");
    format!("<row>{}</row>", cells.iter().map(cell).collect::<String>())
}

/// A workbook of sheets by name, each with its rows.
fn workbook(sheets: &[(&str, Vec<String>)]) -> Vec<u8> {
    const MAIN: &str = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const RELATION: &str = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let numbered = || sheets.iter().enumerate().map(|(place, sheet)| (place + 1, sheet));
    let list = numbered()
        .map(|(n, (name, _))| format!("<sheet name=\"{name}\" sheetId=\"{n}\" r:id=\"r{n}\"/>"));
    let book = format!(
        "<workbook xmlns=\"{MAIN}\" xmlns:r=\"{RELATION}\"><sheets>{}</sheets></workbook>",
        list.collect::<String>()
    );
    let links = numbered().map(|(n, _)| {
        format!("<Relationship Id=\"r{n}\" Type=\"{RELATION}/worksheet\" Target=\"worksheets/{n}.xml\"/>")
    });
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let links = links.collect::<String>();
    let links = format!("<Relationships xmlns=\"{package}\">{links}</Relationships>");
    let root = format!(
        "<Relationships xmlns=\"{package}\"><Relationship Id=\"r1\" Type=\"{RELATION}/officeDocument\" \
         Target=\"xl/workbook.xml\"/></Relationships>"
    );
    let mut files = vec![
        ("_rels/.rels".to_owned(), root),
        ("xl/workbook.xml".to_owned(), book),
        ("xl/_rels/workbook.xml.rels".to_owned(), links),
    ];
    files.extend(numbered().map(|(n, (_, rows))| {
        let rows = rows.concat();
        let sheet =
            format!("<worksheet xmlns=\"{MAIN}\"><sheetData>{rows}</sheetData></worksheet>");
        (format!("xl/worksheets/{n}.xml"), sheet)
    }));
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        archive.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        archive.write_all(text.as_bytes()).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn a_packed_table_is_the_same_table() {
    let bench = Bench::new();
    let plain = ai4i(200);
    bench.write("plain.csv", &plain);
    fs::write(bench.file("packed.csv"), gzip(plain.as_bytes())).unwrap();
    let parquet = fs::read(golden("tables.parquet")).unwrap();
    fs::write(bench.file("packed.parquet.gz"), gzip(&parquet)).unwrap();
    let table = |name: &str| Table::load(&bench.file(name)).unwrap();
    assert!(table("packed.csv").frame.equals_missing(&table("plain.csv").frame));
    assert_eq!(table("packed.csv").sha256, table("plain.csv").sha256);
    assert_holds(&table("packed.parquet.gz"), "parquet");
}

#[test]
fn an_infinity_in_parquet_is_an_error_only_where_it_is_used() {
    let bench = Bench::new();
    bench.write("data.csv", "a,b\n1,2\n3,4\n");
    let mut table = Table::load(&bench.file("data.csv")).unwrap();
    let infinite = table.column("a").unwrap() / 0.0;
    table.frame.replace("a", infinite).unwrap();
    let mut bytes = Vec::new();
    table.write(TableFormat::Parquet, &mut bytes).unwrap();
    fs::write(bench.file("data.parquet"), bytes).unwrap();
    let table = Table::load(&bench.file("data.parquet")).unwrap();
    let message = table.numbers("a").unwrap_err().to_string();
    assert!(message.contains("row 1: column \"a\" holds \"inf\""), "{message}");
    assert!(table.numbers("b").is_ok());
}

#[test]
fn files_that_were_cut_off_are_damaged() {
    for name in ["tables.parquet", "tables.xlsx"] {
        let bytes = fs::read(golden(name)).unwrap();
        for share in [0.3, 0.6, 0.9, 0.999] {
            let cut = (bytes.len() as f64 * share) as usize;
            assert_refused(&bytes[..cut], if name.ends_with("xlsx") { "" } else { "damaged" });
        }
        let packed = gzip(&bytes);
        assert_refused(&packed[..packed.len() / 2], "the gzip file is damaged or cut off");
    }
}

#[test]
fn files_with_flipped_bits_are_read_or_refused_but_never_panic() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("pump.data");
    for name in ["tables.parquet", "tables.xlsx"] {
        let sound = fs::read(golden(name)).unwrap();
        for at in (0..sound.len()).step_by(97) {
            let mut bytes = sound.clone();
            bytes[at] ^= 0x55;
            fs::write(&file, &bytes).unwrap();
            if let Err(error) = Table::load(&file) {
                assert!(error.to_string().contains("pump.data"), "{error}");
            }
        }
    }
}

#[test]
fn a_gzip_bomb_is_refused() {
    let megabyte = gzip(&vec![b'0'; 1 << 20]);
    assert_refused(&megabyte.repeat(513), "unpacks to more than 512 MiB");
}

#[test]
fn a_zip_bomb_is_refused() {
    let mut bomb = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default();
    let zeros = vec![b'0'; 1 << 20];
    for name in ["xl/workbook.xml", "xl/sharedStrings.xml"] {
        bomb.start_file(name, options).unwrap();
        (0..257).for_each(|_| bomb.write_all(&zeros).unwrap());
    }
    let bytes = bomb.finish().unwrap().into_inner();
    assert_refused(&bytes, "the Excel workbook unpacks to more than 512 MiB");
}

#[test]
fn a_parquet_file_of_countless_equal_rows_is_refused() {
    let bytes = fs::read(golden("many_rows.parquet")).unwrap();
    assert!(bytes.len() < 10_000);
    assert_refused(&bytes, "the Parquet file unpacks to more than 512 MiB");
}

#[test]
fn predict_takes_every_kind_of_file() {
    let bench = Bench::new();
    bench.sweep("run");
    bench.forewarn(&["ingest", "data.csv", "--out", "data.parquet"]).success();
    let predict = |data: &str, out: &str| {
        bench.forewarn(&["predict", "run", "--data", data, "--out", out]).success();
        crate::support::table(&bench.file(out))
    };
    let (from_csv, from_parquet) =
        (predict("data.csv", "csv.csv"), predict("data.parquet", "parquet.csv"));
    assert_eq!(from_csv.len(), 400);
    for (one, other) in from_csv.iter().zip(&from_parquet) {
        assert_eq!(one.len(), other.len());
        let added = |name: &&String| *name == "predicted" || name.starts_with("probability_");
        for name in one.keys().filter(added) {
            assert_eq!(one[name], other[name]);
        }
    }
    // Cells of CSV stay as they are written.
    let start = bench.read("data.csv").lines().nth(1).unwrap().to_owned();
    assert!(bench.read("csv.csv").lines().nth(1).unwrap().starts_with(&start));
}
