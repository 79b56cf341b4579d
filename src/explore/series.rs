//! What the time column tells: the range, the steps, and when events were.

use serde::Serialize;

use super::classes::{Classes, TargetFacts};
use super::groups::{Grouping, Groups, Interleaved};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const WEEK: i64 = 7 * DAY;

/// The most points of events over time.
const MOST_BUCKETS: i64 = 1000;

/// Facts of the time column. Times and steps are milliseconds; times count from 1970-01-01. Where rows
/// are grouped, steps, gaps, order and repeated times are those within the groups.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Series {
    /// The column's place in the table.
    pub column: usize,
    /// The earliest time.
    pub first: i64,
    /// The latest time.
    pub last: i64,
    /// The most frequent step between two neighbouring times, the shorter of equals.
    pub step: Option<i64>,
    /// Neighbouring times that are further apart than one and a half usual steps.
    pub gaps: usize,
    /// The longest of these.
    pub largest_gap: Option<Gap>,
    /// Rows whose time is before that of the row above.
    pub out_of_order: usize,
    /// Rows whose time another row above has, too.
    pub repeated: usize,
    /// The groups, where rows are grouped.
    pub groups: Option<Groups>,
    /// Where they are not, the column that explains why times repeat or go back.
    pub interleaved: Option<Interleaved>,
    /// Rows that are not of the most frequent class, if one has more than half of the rows.
    pub events: Option<Events>,
}

/// A stretch without a row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// The last time before it.
    pub after: i64,
    /// How long it is.
    pub length: i64,
    /// Whose gap it is, where rows are grouped.
    pub group: Option<String>,
}

/// When events were: rows and events of each hour of the day, weekday, and stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Events {
    /// All of them.
    pub count: usize,
    /// By hour of the day, from 0.
    pub by_hour: Vec<Tally>,
    /// By weekday, from Monday.
    pub by_weekday: Vec<Tally>,
    /// Where the first stretch starts.
    pub start: i64,
    /// How long a stretch is: an hour, a day, or as many weeks as keep them below a thousand.
    pub bucket: i64,
    /// By stretch.
    pub over_time: Vec<Tally>,
}

/// Rows, and the events among them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Tally {
    /// All rows.
    pub rows: usize,
    /// Events.
    pub events: usize,
}

/// The facts of a column of times; `None` if all are missing.
pub(super) fn follow(
    times: &[Option<i64>],
    column: usize,
    grouping: Option<&Grouping>,
    target: Option<&TargetFacts>,
    classes: &Classes,
) -> Option<Series> {
    let group = |row: usize| grouping.map_or(0, |grouping| grouping.of(row));
    let rows = times.iter().enumerate();
    let mut present: Vec<(u32, i64)> =
        rows.filter_map(|(row, time)| Some((group(row), (*time)?))).collect();
    let all = || present.iter().map(|(_, time)| *time);
    let (first, last) = (all().min()?, all().max()?);
    let (out_of_order, disordered_groups) = disorder(&present);
    let rows = present.len();
    present.sort_unstable();
    present.dedup();
    let neighbours = present.windows(2).map(|pair| (pair[0], pair[1]));
    let steps = neighbours
        .filter(|((group, _), (next, _))| group == next)
        .map(|((group, after), (_, time))| (group, after, time - after));
    let step = usual_step(steps.clone().map(|(_, _, length)| length).collect());
    let is_gap = |length: i64| step.is_some_and(|step| length > step + step / 2);
    let gaps = steps.filter(|(_, _, length)| is_gap(*length));
    // The first of the longest.
    let largest = gaps.clone().reduce(|best, gap| if gap.2 > best.2 { gap } else { best });
    let majority = target.and_then(TargetFacts::majority);
    let event = |row: usize| classes.of(row).map(|class| Some(class) != majority);
    Some(Series {
        column,
        first,
        last,
        step,
        gaps: gaps.count(),
        largest_gap: largest.map(|(group, after, length)| Gap {
            after,
            length,
            group: grouping.map(|grouping| grouping.name(group)),
        }),
        out_of_order,
        repeated: rows - present.len(),
        groups: grouping.map(|grouping| grouping.facts(disordered_groups)),
        interleaved: None,
        events: majority.map(|_| when(times, first, last, event)),
    })
}

/// How many rows, as groups and times, are before the group's row above, and of how many groups.
fn disorder(rows: &[(u32, i64)]) -> (usize, usize) {
    let mut above: Vec<Option<i64>> = Vec::new();
    let mut by_group: Vec<usize> = Vec::new();
    for &(group, time) in rows {
        let group = group as usize;
        if group >= above.len() {
            above.resize(group + 1, None);
            by_group.resize(group + 1, 0);
        }
        by_group[group] += usize::from(above[group].is_some_and(|above| time < above));
        above[group] = Some(time);
    }
    (by_group.iter().sum(), by_group.iter().filter(|rows| **rows > 0).count())
}

fn usual_step(mut steps: Vec<i64>) -> Option<i64> {
    steps.sort_unstable();
    let runs = steps.chunk_by(|one, other| one == other);
    let most = runs.reduce(|best, run| if run.len() > best.len() { run } else { best });
    most.and_then(|run| run.first().copied())
}

/// Tallies rows and events; rows without a class count as neither.
fn when(
    times: &[Option<i64>],
    first: i64,
    last: i64,
    event: impl Fn(usize) -> Option<bool>,
) -> Events {
    let bucket = bucket(last - first);
    let start = first.div_euclid(bucket) * bucket;
    let buckets = ((last - start) / bucket + 1) as usize;
    let mut events = Events {
        count: 0,
        by_hour: vec![Tally::default(); 24],
        by_weekday: vec![Tally::default(); 7],
        start,
        bucket,
        over_time: vec![Tally::default(); buckets],
    };
    for (row, time) in times.iter().enumerate() {
        let (Some(time), Some(event)) = (time, event(row)) else { continue };
        events.count += usize::from(event);
        let hour = time.rem_euclid(DAY) / HOUR;
        // The first of January 1970 was a Thursday.
        let weekday = (time.div_euclid(DAY) + 3).rem_euclid(7);
        let place = (time - start) / bucket;
        let tallies = [
            events.by_hour.get_mut(hour as usize),
            events.by_weekday.get_mut(weekday as usize),
            events.over_time.get_mut(place as usize),
        ];
        for tally in tallies.into_iter().flatten() {
            tally.rows += 1;
            tally.events += usize::from(event);
        }
    }
    events
}

fn bucket(range: i64) -> i64 {
    match range {
        short if short <= HOUR * MOST_BUCKETS => HOUR,
        long if long <= DAY * MOST_BUCKETS => DAY,
        longer => WEEK * (longer / (WEEK * MOST_BUCKETS) + 1),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use crate::data::read_time;
    use crate::explore::classes::ClassRows;

    fn times(texts: &[&str]) -> Vec<Option<i64>> {
        texts.iter().map(|text| read_time(text, None)).collect()
    }

    #[test]
    fn steps_gaps_and_disorder_are_counted() {
        let day = ["00:00", "00:02", "00:04", "00:04", "00:10", "00:08", "01:00", ""];
        let times =
            times(&day.map(|clock| format!("2024-05-06 {clock}")).each_ref().map(String::as_str));
        let series = follow(&times, 3, None, None, &Classes::none()).unwrap();
        assert_eq!(
            (series.step, series.gaps, series.repeated, series.out_of_order),
            (Some(120_000), 2, 1, 1)
        );
        let gap = series.largest_gap.unwrap();
        assert_eq!((Some(gap.after), gap.length), (times[4], 50 * 60_000));
        assert_eq!(series.events, None);
        assert_eq!(follow(&[None], 0, None, None, &Classes::none()), None);
    }

    #[test]
    fn events_are_counted_by_hour_weekday_and_day() {
        // A Monday, and the Sunday before the first of January 1970, also over a thousand days.
        let times = times(&["2024-05-06 07:59", "2024-05-06 08:00", "1969-12-28 23:00"]);
        let class = |name: &str, rows| ClassRows { name: name.to_owned(), rows };
        let target = TargetFacts {
            column: 0,
            classes: vec![class("0", 2), class("1", 1)],
            missing: 0,
            drawn: vec![0, 1],
        };
        let classes = Classes { codes: Some(vec![0, 1, 0]), count: 2, drawn: vec![0, 1] };
        let events = follow(&times, 1, None, Some(&target), &classes).unwrap().events.unwrap();
        assert_eq!(events.count, 1);
        assert_eq!(events.by_hour[8], Tally { rows: 1, events: 1 });
        assert_eq!(events.by_hour[23], Tally { rows: 1, events: 0 });
        assert_eq!(events.by_weekday[0], Tally { rows: 2, events: 1 });
        assert_eq!(events.by_weekday[6], Tally { rows: 1, events: 0 });
        assert_eq!(events.bucket % WEEK, 0);
        assert!(events.over_time.len() <= MOST_BUCKETS as usize + 1);
        assert_eq!(events.over_time.iter().map(|tally| tally.rows).sum::<usize>(), 3);
    }
}
