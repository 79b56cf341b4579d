//! `forewarn explore` on the real binary: what it says of small tables, and the page in a browser.

use crate::browser::dump;
use crate::support::{Bench, ai4i, skip};

/// A table of a time, a reading, a label and a class, 300 rows; every 30th row is of class 1.
fn pumps() -> String {
    let row = |row: u32| {
        let (day, hour) = (1 + row / 24, row % 24);
        let fails = u32::from(row % 30 == 29);
        let label = ["north", "south", "east"][(row % 3) as usize];
        let reading = f64::from(row * 7919 % 1000) / 10.0 + f64::from(fails) * 30.0;
        let cause = if row % 90 == 29 || row % 90 == 59 { "leak" } else { "" };
        format!("2024-01-{day:02} {hour:02}:00,{reading},{label},{fails},{cause}\n")
    };
    format!("time,reading,place,fails,cause\n{}", (0..300).map(row).collect::<String>())
}

/// What the command prints of a table, which must succeed.
fn look(csv: &str, arguments: &[&str]) -> String {
    let bench = Bench::new();
    bench.write("t.csv", csv);
    bench.forewarn(&[&["explore", "t.csv"], arguments].concat()).success().stdout()
}

#[test]
fn a_table_with_a_target_and_times_is_described_from_end_to_end() {
    let text = look(&pumps(), &["--target", "fails"]);
    for line in [
        "table   t.csv: 300 rows x 5 columns,",
        "time     time            300        0       300",
        "cause    text              7      293         1",
        "0                    290  96.67 %",
        "missing     293 cells in 1 column: cause 293 (97.67 %)",
        "duplicates  0 of 300 rows equal an earlier one",
        "range              2024-01-01 00:00 to 2024-01-13 11:00",
        "usual step         1h",
        "events             10 rows not of the usual class",
        "warning \"cause\" is \"leak\" in 7 rows, all of class \"1\" (which has 10)",
    ] {
        assert!(text.contains(line), "no {line:?} in\n{text}");
    }
}

#[test]
fn a_second_target_and_an_identifier_are_warned_of_and_outliers_by_class() {
    let text = look(&ai4i(3000), &["--target", "Failure Type"]);
    for line in [
        "warning \"Target\" alone predicts \"No Failure\" (MCC 0.9",
        "warning \"UDI\" counts the rows: no feature",
        "warning \"Product ID\" has a value of its own in every row: an identifier, no feature",
        "dropping them would drop what is to be learnt",
    ] {
        assert!(text.contains(line), "no {line:?} in\n{text}");
    }
    assert_eq!(text.matches("a leak unless").count(), 1, "{text}");
}

#[test]
fn a_remark_that_only_failures_have_is_a_leak_whatever_it_says() {
    let row = |row: u32| match row % 4 {
        0 => format!("seal {row} broke,{},1\n", row % 7),
        _ => format!(",{},0\n", row % 5),
    };
    let csv = format!("remark,x,fails\n{}", (0..600).map(row).collect::<String>());
    let text = look(&csv, &["--target", "fails"]);
    assert!(text.contains("warning \"remark\" maps one-to-one to the target"), "{text}");
}

#[test]
fn tables_of_every_poor_shape_are_looked_at() {
    let empty = "a,b,c\n,1,\n,2,\n,3,\n";
    assert!(look(empty, &["--target", "b"]).contains("warning \"a\" holds nothing"));
    assert!(look(empty, &["--target", "a"]).contains("\"a\" has 0 different values"));
    let one_row = look("a,t\n1,2024-01-01\n", &["--target", "a"]);
    assert!(one_row.contains("1 row x 2 columns") && one_row.contains("usual step         -"));
    assert!(look("a\n1\n2\n1\n", &[]).contains("duplicates  1 of 3 rows"));
    assert!(look("a\n1e308\n-1e308\n1e300\n", &[]).contains("1e308"));
}

#[test]
fn a_target_of_many_values_is_a_quantity() {
    let rows = (0..500).map(|row| format!("{row},{}\n", row * 3 + row % 3)).collect::<String>();
    let text = look(&format!("x,life\n{rows}"), &["--target", "life"]);
    assert!(text.contains("\"life\" has 500 different values: taken as a quantity"), "{text}");
    let copy = (0..500).map(|row| format!("{},{}\n", row % 37 * row, row % 37 * row + row % 2));
    let text = look(&format!("x,life\n{}", copy.collect::<String>()), &["--target", "life"]);
    assert!(text.contains("warning \"x\" correlates 1.0000 with the target"), "{text}");
}

#[test]
fn a_wide_table_is_cut_in_the_middle_and_lists_end() {
    let names: Vec<String> = (0..300).map(|column| format!("sensor {column}")).collect();
    let cells =
        |row: u32| (0..300).map(|k| (k * row % 17).to_string()).collect::<Vec<_>>().join(",");
    let csv = format!("{}\n{}\n{}\n{}\n", names.join(","), cells(1), cells(2), cells(5));
    let text = look(&csv, &[]);
    assert!(text.contains("… and 270 more"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= 120), "{text}");
    let head = text.lines().find(|line| line.starts_with("row")).unwrap();
    assert!(head.contains("sensor 0") && head.contains('…') && head.ends_with("sensor 299"));
    assert!(text.contains("of the first 200 columns of numbers; "), "{text}");
}

#[test]
fn names_keep_to_their_line_and_send_no_command_to_the_terminal() {
    let text = look("\"a\u{1b}[31m\nb\",</script>\n1,x\n2,y\n", &["--target", "</script>"]);
    assert!(!text.contains('\u{1b}') && text.contains("a\\u{1b}[31m\\nb"), "{text}");
}

#[test]
fn errors_name_the_row_and_say_what_to_give() {
    let bench = Bench::new();
    bench.write("t.csv", "when,x\n2024-01-01,1\n31.01.24 06:00,2\n");
    let said = |arguments: &[&str]| {
        bench.forewarn(&[&["explore", "t.csv"], arguments].concat()).code(4).stderr()
    };
    let error = said(&["--time", "when"]);
    assert!(error.contains("row 2: \"when\" holds \"31.01.24 06:00\""), "{error}");
    assert!(error.contains("--time-format"), "{error}");
    assert!(said(&["--time", "x"]).contains("row 1: \"x\" holds \"1\""));
    assert!(said(&["--target", "y"]).contains("no column \"y\""));
    assert!(said(&["--time-format", "%Y"]).contains("no column reads as times"));
}

#[test]
fn a_page_is_written_on_demand_and_never_replaced_unasked() {
    let bench = Bench::new();
    let explore = |more: &[&str]| bench.forewarn(&[&["explore", "data.csv"], more].concat());
    explore(&[]).success();
    assert!(!bench.file("explore.html").exists() && !bench.file("outputs").exists());
    explore(&["--out", "look"]).success();
    let page = bench.read("look/explore.html");
    bench.write("look/explore.html", "mine");
    let error = explore(&["--out", "look"]).code(5).stderr();
    assert!(error.contains("--overwrite"), "{error}");
    assert_eq!(bench.read("look/explore.html"), "mine");
    explore(&["--out", "look", "--overwrite"]).success();
    assert_eq!(bench.read("look/explore.html"), page);
}

#[test]
fn statistics_do_not_depend_on_the_number_of_threads() {
    let bench = Bench::new();
    bench.write("t.csv", &ai4i(2000));
    let page = |threads: &str| {
        let mut command = crate::support::forewarn(bench.path());
        command.env("RAYON_NUM_THREADS", threads).env("POLARS_MAX_THREADS", threads);
        command.args(["explore", "t.csv", "--target", "Failure Type", "--out", "o", "--overwrite"]);
        let text = crate::support::run(&mut command).success().stdout();
        (text, bench.read("o/explore.html"))
    };
    assert!(page("1") == page("7"));
}

/// What a reader sees of the page, written down in the document's `data-seen`.
const READER: &str = r##"
<script>
addEventListener("load", () => setTimeout(() => {
  const count = (selector) => document.querySelectorAll(selector).length;
  document.documentElement.dataset.seen = [
    count("#classes rect"), count("#columns tbody tr"), count("#rows tbody tr"), count("#series svg"),
    count("#correlations rect"), count("#spreads svg"), count("#spreads .area"), count("#spreads .box-body"),
    count("#outliers tbody tr"), count("script") - 3,
  ].join(" ");
}, 1000));
</script>
"##;

/// What the reader sees of the page of a table, or nothing where there is no browser.
fn read(csv: &str, arguments: &[&str]) -> Option<(String, Vec<usize>)> {
    let bench = Bench::new();
    bench.write("t.csv", csv);
    let command = [&["explore", "t.csv", "--out", "."], arguments].concat();
    bench.forewarn(&command).success();
    let page = bench.read("explore.html") + READER;
    bench.write("used.html", &page);
    let document = dump(&bench, "used.html")?;
    assert!(
        document.contains(r#"<p id="notice" role="alert" hidden"#),
        "the page reports a failure"
    );
    let seen = document.split("data-seen=\"").nth(1).expect("the reader's script reached its end");
    let seen = seen.split('"').next().unwrap().split(' ').map(|count| count.parse().unwrap());
    let seen = seen.collect();
    Some((document, seen))
}

#[test]
fn the_page_draws_every_part_in_a_browser() {
    let Some((_, seen)) = read(&pumps(), &["--target", "fails"]) else {
        return skip("the_page_draws_every_part_in_a_browser", "chromium", "it is not installed");
    };
    // Two classes; five columns; ten rows and a line of dots; three charts of events; two columns of
    // numbers correlate; reading and two columns of text are drawn, the reading with two areas, two boxes.
    assert_eq!(seen[..4], [2, 5, 11, 3], "{seen:?}");
    assert_eq!(seen[4..8], [4, 3, 2, 2], "{seen:?}");
    assert_eq!(seen[9], 0, "{seen:?}");
}

#[test]
fn pages_of_adversarial_and_poor_tables_open_without_an_error() {
    let adversarial = "</script><script>alert(1)</script>,<b>x</b>,{{script}}\n1,</script>,1e308\n2,<i>,-1e308\n\
                   3,</script>,1e-300\n";
    let tables: [(&str, &[&str]); 5] = [
        (adversarial, &["--target", "<b>x</b>"]),
        ("a,b\n1,\n", &["--target", "b"]),
        ("a\n1\n", &[]),
        ("t,y\n0001-01-01,a\n9999-12-31,a\n2024-01-01,b\n", &["--target", "y"]),
        ("a,y\n1e300,1\n1.0000000000000002e300,2\n", &["--target", "y"]),
    ];
    for (csv, arguments) in tables {
        let Some((document, seen)) = read(csv, arguments) else {
            let name = "pages_of_adversarial_and_poor_tables_open_without_an_error";
            return skip(name, "chromium", "it is not installed");
        };
        assert_eq!(seen[9], 0, "a script came in: {document}");
        assert!(seen[1] > 0, "{seen:?}");
    }
}
