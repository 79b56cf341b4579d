//! Whether the steps can be done: in their order, and with the tables and columns that `data` names.

use super::check::{Problem, problem};
use super::grid_file::{Data, GridFile};
use super::message::nearest;
use super::span::Window;
use super::steps::{JoinBy, Step};

/// A step with its key in the grid file, such as `steps[3].fill`.
type Keyed<'a> = (String, &'a Step);

/// Whether the steps can be done, as far as the grid file tells.
pub(super) fn check_steps(file: &GridFile) -> Result<(), Problem> {
    let shared = keyed("steps", &file.steps);
    check_order(&shared)?;
    check_each(&shared, &file.data)?;
    for (name, variant) in file.variants.iter() {
        let own = keyed(&format!("variants.{name}.steps"), &variant.steps);
        for (key, step) in &own {
            if step.changes_rows() || matches!(step, Step::Label(_)) {
                let why = "it changes which rows there are or what they are, and all variants are \
                           trained on the same: put it into \"steps\" of the grid file, and into \
                           \"replace_steps\" where a variant has its own";
                return problem(key, why);
            }
        }
        let replaced = variant.replace_steps.as_deref().map(|steps| {
            let replaced = keyed(&format!("variants.{name}.replace_steps"), steps);
            check_each(&replaced, &file.data).map(|()| replaced)
        });
        let before = replaced.transpose()?;
        check_order(&[before.as_deref().unwrap_or(&shared), &own].concat())?;
        check_each(&own, &file.data)?;
    }
    Ok(())
}

fn keyed<'a>(list: &str, steps: &'a [Step]) -> Vec<Keyed<'a>> {
    let keyed =
        |(place, step): (usize, &'a Step)| (format!("{list}[{place}].{}", step.name()), step);
    steps.iter().enumerate().map(keyed).collect()
}

/// Whether each step is told what to do, with what is there.
fn check_each(steps: &[Keyed<'_>], data: &Data) -> Result<(), Problem> {
    for (key, step) in steps {
        check_lists(step, key)?;
        check_table(step, key, data)?;
        check_roles(step, key, data)?;
    }
    Ok(())
}

/// Whether the steps stand in an order in which they can be done.
fn check_order(steps: &[Keyed<'_>]) -> Result<(), Problem> {
    let (mut split, mut made, mut labelled) = (None, None, false);
    for (key, step) in steps {
        if let (true, Some(fitted)) = (step.changes_rows(), split) {
            let why = format!(
                "it changes which rows there are, so it must stand before {fitted}, which is \
                 fitted on the train rows"
            );
            return problem(key, why);
        }
        if let (true, Some(first)) = (step.looks_at_other_rows(), made) {
            let why = format!(
                "it looks at other rows, and the rows that {first} makes have none before them: put \
                 it before"
            );
            return problem(key, why);
        }
        if matches!(step, Step::Label(_)) && std::mem::replace(&mut labelled, true) {
            return problem(key, "it is a second label: one target is all");
        }
        if step.needs_split() && split.is_none() {
            split = Some(key);
        }
        if matches!(step, Step::Balance(_)) && made.is_none() {
            made = Some(key);
        }
    }
    Ok(())
}

/// Whether the step is told what to do.
fn check_lists(step: &Step, key: &str) -> Result<(), Problem> {
    let empty = match step {
        Step::Clip(clip) => {
            let crossed = clip.lower.zip(clip.upper).is_some_and(|(lower, upper)| lower > upper);
            if crossed || (clip.lower.is_none() && clip.upper.is_none()) {
                return problem(key, "it needs a lower bound, or an upper one above it");
            }
            None
        }
        Step::Rolling(how) if how.windows.is_empty() => Some("windows"),
        Step::Rolling(how) if how.functions.is_empty() => Some("functions"),
        Step::Difference(how) | Step::Lag(how) if how.rows.is_empty() => Some("rows"),
        Step::TimeParts(how) if how.parts.is_empty() => Some("parts"),
        Step::ParseDates(how) if how.columns.is_empty() => Some("columns"),
        _ => None,
    };
    match empty {
        Some(list) => problem(&format!("{key}.{list}"), "the list is empty: name one at least"),
        None => Ok(()),
    }
}

/// Whether the table that the step looks into is one of `data.tables`.
fn check_table(step: &Step, key: &str, data: &Data) -> Result<(), Problem> {
    let Some(table) = step.table().filter(|table| !data.tables.contains_key(*table)) else {
        return Ok(());
    };
    let known: Vec<&str> = data.tables.keys().map(String::as_str).collect();
    let hint = match nearest(table, known.iter().copied()) {
        Some(name) => format!("did you mean {name:?}?"),
        None => format!(
            "name its file there, such as \"tables\": {{{table:?}: {{\"file\": \"{table}.csv\"}}}}"
        ),
    };
    let there = match known.as_slice() {
        [] => "which are none yet".to_owned(),
        known => format!("which are {}", known.join(", ")),
    };
    let why = format!("{table:?} is not among data.tables, {there}; {hint}");
    problem(&format!("{key}.table"), why)
}

/// Whether `data` names the columns by which the step finds and orders rows.
fn check_roles(step: &Step, key: &str, data: &Data) -> Result<(), Problem> {
    let by_time = match step {
        Step::Rolling(how) => how
            .windows
            .iter()
            .position(|window| matches!(window, Window::Span(_)))
            .map(|place| format!("{key}.windows[{place}]")),
        Step::TimeParts(how) if how.column.is_none() => Some(key.to_owned()),
        Step::Join(how) if how.by != JoinBy::Group => Some(format!("{key}.by")),
        Step::Resample(_) | Step::CountEvents(_) | Step::TimeSince(_) | Step::Label(_) => {
            Some(key.to_owned())
        }
        _ => None,
    };
    if let Some(key) = by_time.filter(|_| data.time.is_none()) {
        let why = "it needs the time of the rows: name their column in data.time, such as \
                   \"time\": \"datetime\"";
        return problem(&key, why);
    }
    if matches!(step, Step::Join(_)) && data.group.is_none() {
        let why = "it needs the group of the rows: name their column in data.group, such as \
                   \"group\": \"machineID\"";
        return problem(key, why);
    }
    Ok(())
}
