//! The parts of the text: tables that fit a screen, and lines.

use super::layout::{self, Grid, maybe, shown};
use crate::data::show_time;
use crate::explore::{ColumnFacts, Exploration, Groups, Kind, Series, TargetFacts};
use crate::plural::{counted, grouped};

/// The most lines of a table; the page has more.
const MOST_LINES: usize = 30;

/// The most classes.
const MOST_CLASSES: usize = 12;

/// A part of what is printed: a table, a line below it, or both.
pub(super) struct Part {
    pub grid: Option<Grid>,
    pub line: Option<String>,
}

impl Part {
    fn line(line: String) -> Self {
        Self { grid: None, line: Some(line) }
    }

    fn grid(grid: Grid, line: Option<String>) -> Self {
        Self { grid: Some(grid), line }
    }
}

/// All parts that say something.
pub(super) fn all(found: &Exploration) -> Vec<Part> {
    let mut parts = vec![columns(found)];
    parts.extend(numbers(found));
    parts.push(ends(found));
    parts.extend(found.target.as_ref().map(|target| classes(found, target)));
    let duplicates = of_rows(found.duplicates, found.rows);
    parts.push(Part::line(format!("{}\nduplicates  {duplicates}", missing(found))));
    parts.extend(correlations(found));
    parts.extend(outliers(found));
    parts.extend(found.series.as_ref().map(|series| time(found, series)));
    parts
}

fn columns(found: &Exploration) -> Part {
    let judged = found.columns.iter().any(|column| column.tells.is_some());
    let header = ["columns", "kind", "non-missing", "missing", "distinct", "tells alone"];
    let mut grid = Grid::new(header.iter().take(if judged { 6 } else { 5 })).left(1);
    for column in found.columns.iter().take(MOST_LINES) {
        let kind = match column.kind {
            Kind::Number => "number",
            Kind::Text => "text",
            Kind::Time => "time",
        };
        let counts = [column.present, column.missing, column.distinct].map(|n| n.to_string());
        let mut row = vec![column.name.clone(), kind.to_owned()];
        row.extend(counts);
        row.extend(judged.then(|| match &column.tells {
            Some(tells) => format!("MCC {:.3}", tells.mcc),
            None => "-".to_owned(),
        }));
        grid.push(row);
    }
    table(grid, found.columns.len())
}

/// A table of columns, some of which may be left out.
fn table(grid: Grid, all: usize) -> Part {
    let rest = all.saturating_sub(MOST_LINES);
    let rest = (rest > 0).then(|| format!("… and {rest} more: --out has a page with more of them"));
    Part::grid(grid, rest)
}

fn numbers(found: &Exploration) -> Option<Part> {
    let header = ["numbers", "count", "mean", "std", "min", "25 %", "50 %", "75 %", "max"];
    let mut grid = Grid::new(header);
    let described: Vec<&ColumnFacts> =
        found.columns.iter().filter(|column| column.numbers.is_some()).collect();
    for column in described.iter().take(MOST_LINES) {
        let Some(numbers) = &column.numbers else { continue };
        let mut row = vec![column.name.clone(), column.present.to_string()];
        let figures = [
            numbers.mean,
            numbers.std,
            numbers.min,
            numbers.q25,
            numbers.q50,
            numbers.q75,
            numbers.max,
        ];
        row.extend(figures.map(maybe));
        grid.push(row);
    }
    (!described.is_empty()).then(|| table(grid, described.len()))
}

fn ends(found: &Exploration) -> Part {
    let names = found.columns.iter().map(|column| column.name.as_str());
    let mut grid = Grid::new(std::iter::once("row").chain(names));
    let first_of_tail = found.rows - found.tail.len() + 1;
    let numbers = (1..=found.head.len()).chain(first_of_tail..=found.rows);
    let rows = numbers.zip(found.head.iter().chain(&found.tail));
    for (number, cells) in rows {
        if number == first_of_tail && number > found.head.len() + 1 {
            grid.push(std::iter::repeat_n("…".to_owned(), cells.len() + 1));
        }
        let cells = cells.iter().zip(&found.columns).map(|(cell, column)| {
            let cell = cell.as_deref().unwrap_or_default();
            let short =
                cell.parse().ok().filter(|_| column.kind == Kind::Number).map(layout::number);
            short.unwrap_or_else(|| cell.to_owned())
        });
        grid.push(std::iter::once(number.to_string()).chain(cells));
    }
    Part::grid(grid, None)
}

fn classes(found: &Exploration, target: &TargetFacts) -> Part {
    let name = found.columns.get(target.column).map_or("", |column| &column.name);
    let name = shown(name);
    if target.classes.is_empty() {
        let distinct = found.columns.get(target.column).map_or(0, |column| column.distinct);
        return Part::line(format!(
            "target      {name:?} has {distinct} different values: taken as a quantity, without classes"
        ));
    }
    let mut grid = Grid::new([format!("classes of {name:?}").as_str(), "rows", "share"]);
    for class in target.classes.iter().take(MOST_CLASSES) {
        let share = share(class.rows, found.rows - target.missing);
        grid.push([class.name.clone(), class.rows.to_string(), share]);
    }
    if target.missing > 0 {
        grid.push(["(missing)".to_owned(), target.missing.to_string(), String::new()]);
    }
    let rest = target.classes.len().saturating_sub(MOST_CLASSES);
    let rest = (rest > 0).then(|| format!("… and {rest} more"));
    Part::grid(grid, rest)
}

fn missing(found: &Exploration) -> String {
    let cells: usize = found.columns.iter().map(|column| column.missing).sum();
    if cells == 0 {
        return "missing     no cell".to_owned();
    }
    let mut gaps: Vec<&ColumnFacts> =
        found.columns.iter().filter(|column| column.missing > 0).collect();
    gaps.sort_by_key(|column| std::cmp::Reverse(column.missing));
    let named = gaps.iter().take(6).map(|column| {
        let share = share(column.missing, found.rows);
        format!("{} {} ({share})", shown(&column.name), column.missing)
    });
    let named: Vec<String> = named.collect();
    let more = if gaps.len() > 6 { ", …" } else { "" };
    let (count, named) = (gaps.len(), named.join(", "));
    format!("missing     {} in {}: {named}{more}", counted(cells, "cell"), counted(count, "column"))
}

fn correlations(found: &Exploration) -> Option<Part> {
    let name = |place: usize| found.columns.get(place).map_or(String::new(), |c| c.name.clone());
    let pairs = &found.correlations.strongest;
    let mut grid = Grid::new(["strongest correlations", "with", "Pearson"]).left(1);
    for pair in pairs {
        let [one, other] = pair.columns.map(name);
        grid.push([one, other, format!("{:.4}", pair.value)]);
    }
    let left_out = found.correlations.left_out;
    let rest = (left_out > 0).then(|| {
        let first = found.correlations.correlated;
        format!("of the first {first} columns of numbers; {left_out} more were not correlated")
    });
    (!pairs.is_empty()).then_some(Part::grid(grid, rest))
}

fn outliers(found: &Exploration) -> Option<Part> {
    let target = found.target.as_ref().map(|target| target.column);
    let outliers = |column: &ColumnFacts| column.numbers.as_ref().map_or(0, |n| n.outliers);
    // As in the count of rows: where the quartiles are equal, every rare value would be an outlier.
    let is_spread = |column: &ColumnFacts| {
        column.numbers.as_ref().is_some_and(|numbers| numbers.fences().is_some())
    };
    let columns = found.columns.iter().enumerate();
    let mut worst: Vec<&ColumnFacts> = columns
        .filter(|(place, column)| Some(*place) != target && is_spread(column))
        .map(|(_, column)| column)
        .filter(|column| outliers(column) > 0)
        .collect();
    worst.sort_by_key(|column| std::cmp::Reverse(outliers(column)));
    let classes = found.target.as_ref().map_or(&[][..], |target| &target.classes);
    let counted = classes.len().min(MOST_CLASSES);
    let header = ["outliers (1.5 IQR)", "values", "share"].into_iter();
    let mut grid = Grid::new(header.chain(classes.iter().take(counted).map(|c| c.name.as_str())));
    for column in worst.iter().take(10) {
        let values = outliers(column);
        let row = [column.name.clone(), values.to_string(), share(values, column.present)];
        let by_class = column.outliers.iter().take(counted).map(usize::to_string);
        grid.push(row.into_iter().chain(by_class));
    }
    let all = &found.outliers;
    let taken = classes.iter().zip(&all.by_class).take(counted);
    let row =
        ["rows with one", &all.rows.to_string(), &share(all.rows, found.rows)].map(str::to_owned);
    grid.push(
        row.into_iter().chain(taken.map(|(class, rows)| format!("{rows} of {}", class.rows))),
    );
    let more = worst.len().saturating_sub(10);
    let rest = match more {
        0 => "without the target, and without columns whose quartiles are equal".to_owned(),
        _ => format!(
            "… and {more} more columns; without the target, and without columns whose quartiles are equal"
        ),
    };
    (!worst.is_empty()).then_some(Part::grid(grid, Some(rest)))
}

fn time(found: &Exploration, series: &Series) -> Part {
    let name = found.columns.get(series.column).map_or(String::new(), |column| shown(&column.name));
    let mut grid = Grid::new([format!("time {name:?}").as_str(), ""]).left(1).longest(60);
    let mut say = |what: &str, text: String| grid.push([what.to_owned(), text]);
    say("range", format!("{} to {}", show_time(series.first), show_time(series.last)));
    if let Some(groups) = &series.groups {
        let by = found.columns.get(groups.column).map_or(String::new(), |by| shown(&by.name));
        say("groups", format!("{} of {by:?}", groups.count));
        let Groups { fewest, median, most, .. } = groups;
        let spread = format!("{fewest} to {most}, median {median}");
        say("rows of a group", if fewest == most { most.to_string() } else { spread });
    }
    say("usual step", series.step.map_or_else(|| "-".to_owned(), duration));
    say(
        "gaps",
        match &series.largest_gap {
            Some(gap) => series.gaps.to_string() + ", longest " + &duration(gap.length),
            None => "0".to_owned(),
        },
    );
    if let Some(gap) = &series.largest_gap {
        let of = gap.group.as_ref().map_or(String::new(), |group| format!(" of {group:?}"));
        say("longest gap after", show_time(gap.after) + &of);
    }
    let disordered = series.groups.as_ref().filter(|groups| groups.out_of_order > 0);
    let disordered =
        disordered.map(|groups| format!(", in {}", counted(groups.out_of_order, "group")));
    say("rows out of order", series.out_of_order.to_string() + &disordered.unwrap_or_default());
    say("repeated times", series.repeated.to_string());
    if let Some(events) = &series.events {
        say("events", format!("{} not of the usual class", counted(events.count, "row")));
        let days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
        let by_day = days.iter().zip(&events.by_weekday);
        let by_day: Vec<String> =
            by_day.map(|(day, tally)| format!("{day} {}", tally.events)).collect();
        for (what, days) in ["by weekday", ""].iter().zip(by_day.chunks(4)) {
            say(what, days.join(" "));
        }
        for (quarter, hours) in events.by_hour.chunks(6).enumerate() {
            let counts: Vec<String> = hours.iter().map(|tally| tally.events.to_string()).collect();
            let from = quarter * 6;
            say(&format!("{from:02} to {:02} o'clock", from + 5), counts.join(" "));
        }
    }
    Part::grid(grid, None)
}

/// A length of time in days and less: months and years are of several lengths.
fn duration(milliseconds: i64) -> String {
    let mut rest = milliseconds.unsigned_abs();
    let units = [("d", 86_400_000), ("h", 3_600_000), ("m", 60_000), ("s", 1000), ("ms", 1)];
    let parts = units.into_iter().filter_map(|(unit, length)| {
        let count = rest / length;
        rest %= length;
        (count > 0).then(|| format!("{count}{unit}"))
    });
    parts.collect::<Vec<_>>().join(" ")
}

fn of_rows(rows: usize, all: usize) -> String {
    format!("{} of {} equal an earlier one", grouped(rows), counted(all, "row"))
}

fn share(part: usize, all: usize) -> String {
    format!("{:.2} %", 100.0 * part as f64 / all.max(1) as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time_are_written_exactly() {
        const HOUR: i64 = 3_600_000;
        let told = [HOUR, (79 * 24 + 14) * HOUR, 15 * 24 * HOUR, 1500].map(duration);
        assert_eq!(told, ["1h", "79d 14h", "15d", "1s 500ms"]);
    }
}
