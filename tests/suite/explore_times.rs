//! What `forewarn explore` says of times: of several machines, in several formats.

use crate::support::Bench;

/// The rows of three machines, hour by hour; the second lacks hours 10 to 14, and the third begins
/// later.
fn rows() -> Vec<(u32, u32)> {
    let rows = |machine: u32| (0..40).map(move |hour| (machine, hour));
    let there = |(machine, hour): &(u32, u32)| match machine {
        2 => !(10..15).contains(hour),
        3 => *hour >= 20,
        _ => true,
    };
    (1..=3).flat_map(rows).filter(there).collect()
}

fn table(rows: &[(u32, u32)]) -> String {
    let row = |(machine, hour): &(u32, u32)| {
        let (day, clock, kind) = (1 + hour / 24, hour % 24, ["old", "new"][*machine as usize % 2]);
        let reading = f64::from(hour * 7919 % 100) / 4.0;
        format!("2024-01-{day:02} {clock:02}:00,{reading},{kind},{machine}\n")
    };
    format!("when,reading,kind,machine ID\n{}", rows.iter().map(row).collect::<String>())
}

/// What the command prints of a table, which must succeed.
fn look(csv: &str, arguments: &[&str]) -> String {
    let bench = Bench::new();
    bench.write("t.csv", csv);
    bench.forewarn(&[&["explore", "t.csv"], arguments].concat()).success().stdout()
}

/// What the command says of a table that it refuses.
fn refusal(csv: &str, arguments: &[&str]) -> String {
    let bench = Bench::new();
    bench.write("t.csv", csv);
    bench.forewarn(&[&["explore", "t.csv"], arguments].concat()).code(4).stderr()
}

fn assert_says(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.contains(line), "no {line:?} in\n{text}");
    }
}

#[test]
fn times_of_machines_are_followed_machine_by_machine() {
    let text = look(&table(&rows()), &["--group", "machine ID"]);
    assert_says(
        &text,
        &[
            "groups             3 of \"machine ID\"",
            "rows of a group    20 to 40, median 35",
            "usual step         1h",
            "gaps               1, longest 6h",
            "longest gap after  2024-01-01 09:00 of \"2\"",
            "rows out of order  0\n",
            "repeated times     0\n",
        ],
    );
    assert!(!text.contains("give --group"), "{text}");

    let mut swapped = rows();
    swapped.swap(3, 4);
    swapped.swap(50, 51);
    swapped.push((3, 39));
    let text = look(&table(&swapped), &["--group", "machine ID"]);
    assert_says(&text, &["rows out of order  2, in 2 groups", "repeated times     1\n"]);
}

#[test]
fn the_order_of_machines_among_each_other_changes_nothing() {
    let followed = |rows: &[(u32, u32)]| {
        let text = look(&table(rows), &["--group", "machine ID"]);
        let from = text.find("time \"when\"").unwrap();
        text[from..].to_owned()
    };
    let by_machine = rows();
    let mut by_time = rows();
    by_time.sort_by_key(|(machine, hour)| (*hour, *machine));
    assert_eq!(followed(&by_machine), followed(&by_time));
}

#[test]
fn a_column_that_explains_why_times_go_back_is_pointed_at() {
    let hint = |rows: &[(u32, u32)]| {
        let text = look(&table(rows), &[]);
        text.lines().find(|line| line.contains("give --group")).map(str::to_owned)
    };
    let within = "within each of the 3 values of \"machine ID\" they do not: give --group";
    let back = format!("warning times go back 2 times; {within} \"machine ID\"");
    assert_eq!(hint(&rows()), Some(back));
    let mut by_time = rows();
    by_time.sort_by_key(|(machine, hour)| (*hour, *machine));
    let repeat = format!("warning times repeat 55 times; {within} \"machine ID\"");
    assert_eq!(hint(&by_time), Some(repeat));

    // Events may repeat within a machine where times go back.
    let twice = |rows: &[(u32, u32)]| rows.iter().flat_map(|row| [*row, *row]).collect::<Vec<_>>();
    assert!(hint(&twice(&rows())).is_some_and(|hint| hint.contains("times go back 2 times")));
    assert_eq!(hint(&twice(&by_time)), None);

    // One machine, and a glitch.
    let one: Vec<_> = rows().into_iter().filter(|(machine, _)| *machine == 1).collect();
    assert_eq!(hint(&one), None);
    let mut glitch = one;
    glitch.swap(3, 4);
    assert_eq!(hint(&glitch), None);
}

#[test]
fn a_format_alone_finds_the_column_of_times() {
    let row = |day: u32| format!("{day}|{day}-January-2024|3/{day}/2024\n");
    let csv = format!("n|when|made\n{}", (1..=12).map(row).collect::<String>());
    let text = look(&csv, &["--time-format", "%d-%B-%Y"]);
    assert_says(&text, &["time \"when\"", "2024-01-01 00:00 to 2024-01-12 00:00"]);
    let text = look(&csv, &["--time-format", "%m/%d/%Y"]);
    assert_says(&text, &["time \"made\"", "2024-03-01 00:00 to 2024-03-12 00:00"]);
    let error = refusal(&csv, &["--time-format", "%H:%M"]);
    assert_says(&error, &["t.csv: no column reads as times of the format \"%H:%M\"", "--time"]);
    let error = refusal("a,b\n1,x\n2,y\n", &["--group", "b"]);
    assert_says(&error, &["t.csv: no column reads as times"]);
}

#[test]
fn dates_that_read_in_two_ways_are_left_as_text_and_said_how_to_take() {
    let csv = "when,x\n1/2/2024 06:00,1\n3/4/2024 06:00,2\n12/12/2024 06:00,4\n";
    let formats = "in several formats, \"%m/%d/%Y %H:%M\" and \"%d/%m/%Y %H:%M\"";
    let text = look(csv, &[]);
    let left = format!("warning \"when\" reads as times {formats}, and is left as text");
    assert_says(&text, &[&left, "give --time \"when\" and the right one by --time-format"]);
    for arguments in [["--time", "when"], ["--group", "x"]] {
        assert_says(&refusal(csv, &arguments), &[formats, "--time-format"]);
    }
    let text = look(csv, &["--time-format", "%d/%m/%Y %H:%M"]);
    assert_says(&text, &["range              2024-02-01 06:00 to 2024-12-12 06:00"]);
    assert!(!text.contains("several formats"), "{text}");

    let clear = csv.replace("12/12", "12/13");
    assert_says(&look(&clear, &[]), &["2024-01-02 06:00 to 2024-12-13 06:00"]);
}
