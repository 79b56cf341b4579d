//! Dates and times in text: read as milliseconds since 1970-01-01, written as ISO 8601.
//!
//! A time is what a clock on the wall shows: an offset or a `Z` after it is refused rather than
//! guessed at, since a table that mixes offsets would come out of order.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime};

/// Formats of dates that a table's times are tried against when none is given, after ISO 8601.
const USUAL: [&str; 18] = [
    "%m/%d/%y",
    "%m/%d/%y %H:%M",
    "%m/%d/%y %H:%M:%S",
    "%d/%m/%y",
    "%d/%m/%y %H:%M",
    "%d/%m/%y %H:%M:%S",
    "%d.%m.%y",
    "%d.%m.%y %H:%M",
    "%d.%m.%y %H:%M:%S",
    "%m/%d/%Y",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y",
    "%d/%m/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%d.%m.%Y",
    "%d.%m.%Y %H:%M",
    "%d.%m.%Y %H:%M:%S",
];

/// The year 1000: where a format is guessed, `%Y` is no year of two digits.
const FOUR_DIGITS: i64 = -30_610_224_000_000;

/// Milliseconds since 1970-01-01 00:00 of a time as `strftime` formats it; `None` where the text
/// does not fit. Without a format: ISO 8601, `2015-01-31`, `2015-01-31 06:00`, `2015-01-31T06:00:00.5`.
///
/// Years are 0 to 9999. In a format, numbers may lack leading zeros; `%y` is 1969 to 2068.
pub fn read_time(text: &str, format: Option<&str>) -> Option<i64> {
    match format {
        None => read_iso(text),
        Some(format) => {
            let time = NaiveDateTime::parse_from_str(text, format).ok().or_else(|| {
                let date = NaiveDate::parse_from_str(text, format).ok()?;
                Some(date.and_time(NaiveTime::MIN))
            });
            let time = time.map(|time| time.and_utc().timestamp_millis());
            time.filter(|&time| has_four_digit_year(time))
        }
    }
}

/// Whether a time is of the years 0 to 9999: those that ISO 8601 writes in four digits, and that differ
/// by far less than the milliseconds that 64 bits hold.
pub fn has_four_digit_year(milliseconds: i64) -> bool {
    const FIRST: i64 = -62_167_219_200_000;
    const LAST: i64 = 253_402_300_799_999;
    (FIRST..=LAST).contains(&milliseconds)
}

/// The usual formats that fit all cells: several where the 3rd of May and the 5th of March look alike.
pub fn fitting_formats<'a>(cells: &(impl Iterator<Item = &'a str> + Clone)) -> Vec<&'static str> {
    let reads = |cell: &str, format: &str| {
        read_time(cell, Some(format))
            .is_some_and(|time| time >= FOUR_DIGITS || !format.contains("%Y"))
    };
    let fits = |format: &&str| cells.clone().all(|cell| reads(cell, format));
    USUAL.into_iter().filter(fits).collect()
}

/// The only usual format that fits all cells: `None` where none or several do.
pub fn guess_format<'a>(cells: &(impl Iterator<Item = &'a str> + Clone)) -> Option<&'static str> {
    match fitting_formats(cells)[..] {
        [format] => Some(format),
        _ => None,
    }
}

/// A time as ISO 8601, without trailing zeros after the minutes: `2015-01-31 06:00`.
pub fn show_time(milliseconds: i64) -> String {
    let Some(time) = DateTime::from_timestamp_millis(milliseconds) else {
        return milliseconds.to_string();
    };
    let format = match milliseconds {
        whole if whole % 60_000 == 0 => "%Y-%m-%d %H:%M",
        whole if whole % 1000 == 0 => "%Y-%m-%d %H:%M:%S",
        _ => "%Y-%m-%d %H:%M:%S%.3f",
    };
    time.format(format).to_string()
}

/// ISO 8601 by hand: a table has millions of these, nearly all of them alike.
fn read_iso(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let digits = |from: usize, to: usize| -> Option<u32> {
        bytes.get(from..to)?.iter().try_fold(0, |number, byte| {
            byte.is_ascii_digit().then(|| number * 10 + u32::from(byte - b'0'))
        })
    };
    let mark = |at: usize, marks: &[u8]| bytes.get(at).is_some_and(|byte| marks.contains(byte));
    if !mark(4, b"-") || !mark(7, b"-") {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(digits(0, 4)? as i32, digits(5, 7)?, digits(8, 10)?)?;
    let (mut hour, mut minute, mut second, mut milli) = (0, 0, 0, 0);
    if bytes.len() > 10 {
        if !mark(10, b" T") || !mark(13, b":") {
            return None;
        }
        (hour, minute) = (digits(11, 13)?, digits(14, 16)?);
    }
    if bytes.len() > 16 {
        if !mark(16, b":") {
            return None;
        }
        second = digits(17, 19)?;
    }
    if bytes.len() > 19 {
        let (from, places) = (20, bytes.len() - 20);
        if !mark(19, b".,") || !(1..=9).contains(&places) {
            return None;
        }
        // Digits after the milliseconds are cut off, but must be digits.
        digits(from, bytes.len())?;
        let kept = places.min(3);
        milli = digits(from, from + kept)? * 10_u32.pow(3 - kept as u32);
    }
    let time = NaiveTime::from_hms_milli_opt(hour, minute, second, milli)?;
    Some(date.and_time(time).and_utc().timestamp_millis())
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    #[test]
    fn iso_times_are_read_in_every_length() {
        let day = read_time("2015-01-31", None);
        assert_eq!(day, Some(1_422_662_400_000));
        let at = |text: &str| read_time(text, None).zip(day).map(|(time, day)| time - day);
        assert_eq!(at("2015-01-31 06:00"), Some(6 * HOUR));
        assert_eq!(at("2015-01-31T06:00:01"), Some(6 * HOUR + 1000));
        assert_eq!(at("2015-01-31 06:00:01.5"), Some(6 * HOUR + 1500));
        assert_eq!(at("2015-01-31 06:00:01.123456789"), Some(6 * HOUR + 1123));
    }

    #[test]
    fn what_is_no_iso_time_is_refused() {
        for text in [
            "",
            "2015",
            "2015-02-30",
            "2015-01-31 ",
            "2015-01-31 25:00",
            "2015-01-31 06:00Z",
            "2015-01-31 06:00:00+01:00",
            "5/1/99 0:00",
            "2015-01-31 06:00:00.",
            "２015-01-31",
            "2015-01-31 06:00:60",
            "2015-01-31 06:00:00.1x",
        ] {
            assert_eq!(read_time(text, None), None, "{text}");
        }
    }

    #[test]
    fn years_have_four_digits() {
        let read = |text: &str| read_time(text, Some("%Y-%m-%d"));
        for (text, other) in [("0000-01-01", "-0001-12-31"), ("9999-12-31", "+10000-01-01")] {
            assert!(read(text).is_some_and(has_four_digit_year), "{text}");
            assert_eq!(read(text), read_time(text, None));
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn unpadded_american_times_are_read_by_their_format() {
        let time = read_time("5/1/99 0:02", Some("%m/%d/%y %H:%M"));
        assert_eq!(time, read_time("1999-05-01 00:02", None));
        assert_eq!(time.map(show_time).as_deref(), Some("1999-05-01 00:02"));
    }

    #[test]
    fn a_format_is_guessed_only_where_no_other_fits() {
        let guess = |cells: [&'static str; 2]| guess_format(&cells.into_iter());
        assert_eq!(guess(["5/1/99 0:00", "5/29/99 0:02"]), Some("%m/%d/%y %H:%M"));
        assert_eq!(guess(["5/1/99 0:00", "5/2/99 0:02"]), None);
        assert_eq!(guess(["5.1.99", "31.1.99"]), Some("%d.%m.%y"));
        assert_eq!(guess(["5/1/1999", "31/1/1999"]), Some("%d/%m/%Y"));
        let both = fitting_formats(&["5/1/1999", "5/2/1999"].into_iter());
        assert_eq!(both, ["%m/%d/%Y", "%d/%m/%Y"]);
        assert_eq!(guess_format(&["yesterday"].into_iter()), None);
    }
}
