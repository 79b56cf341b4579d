//! Hours, counted from the first hour of telemetry, and how they are written.

use chrono::{DateTime, TimeDelta};

/// 2015-01-01 06:00:00, the first hour of the published telemetry, in hours from 1970 on.
const FIRST_HOUR: i64 = 394_470;

/// An hour as `2015-01-01 06:00:00`.
pub(super) fn text(hour: i64) -> String {
    let time = DateTime::UNIX_EPOCH + TimeDelta::hours(FIRST_HOUR + hour);
    time.format("%Y-%m-%d %H:%M:%S").to_string()
}

/// The first `hours` hours.
pub(super) fn hourly(hours: i64) -> Vec<String> {
    (0..hours).map(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_count_from_the_first_of_the_telemetry_in_both_directions() {
        assert_eq!(text(0), "2015-01-01 06:00:00");
        assert_eq!(text(365 * 24), "2016-01-01 06:00:00");
        assert_eq!(text(-214 * 24), "2014-06-01 06:00:00");
        assert_eq!(text(i64::from(u16::MAX) * 24).len(), text(0).len());
    }
}
