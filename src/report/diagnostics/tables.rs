//! The tables of curves, and of the bins of confidence, of a model's folder.

use std::collections::HashMap;
use std::fs::File;
use std::io::ErrorKind;
use std::path::Path;

use csv::{Reader, StringRecord};

use crate::examples::Part;
use crate::metrics::{Bin, CurvePoint, MAX_CLASSES, MOST_POINTS};
use crate::record::{CALIBRATION, CurveTable, RELIABILITY_COLUMNS};
use crate::report::columns::{bad_cell, find_column, need_cell, read_cell};
use crate::report::error::ReportError;
use crate::untrusted::Lines;

/// The curve of a class on the rows of a part.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Curve {
    pub part: Part,
    pub class: String,
    pub points: Vec<CurvePoint>,
}

/// The bins of a part, before and after calibration.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bins {
    pub part: Part,
    pub of: [Vec<Bin>; 2],
}

/// A file with its header.
struct Table<'a> {
    path: &'a Path,
    header: StringRecord,
    reader: Reader<Lines<File>>,
}

/// A row of it.
struct Row<'a> {
    path: &'a Path,
    header: &'a StringRecord,
    cells: &'a StringRecord,
}

/// Reads a table of curves, in its order; nothing where the run has none.
///
/// # Errors
/// [`ReportError::Read`], [`ReportError::Csv`], [`ReportError::MissingColumn`] or
/// [`ReportError::BadCell`].
pub(super) fn read_curve_table(
    path: &Path,
    CurveTable { axes: [x, y], .. }: CurveTable,
) -> Result<Vec<Curve>, ReportError> {
    let Some(mut table) = Table::open(path)? else { return Ok(Vec::new()) };
    let [part, class, threshold, x, y] = table.places(["part", "class", "threshold", x, y])?;
    let mut curves: Vec<Curve> = Vec::new();
    let mut places: HashMap<(u64, String), usize> = HashMap::new();
    table.each_row(|row| {
        let name = row.cells.get(class).unwrap_or_default().to_owned();
        let point =
            CurvePoint { x: row.share(x)?, y: row.share(y)?, threshold: row.threshold(threshold)? };
        let part = row.part(part)?;
        let fresh = curves.len();
        let place = *places.entry((part as u64, name.clone())).or_insert(fresh);
        if place == fresh {
            if fresh >= Part::ALL.len() * MAX_CLASSES {
                return Err(row.bad(class, "one of the classes of a model, 4096 at most"));
            }
            curves.push(Curve { part, class: name, points: Vec::new() });
        }
        let points = &mut curves[place].points;
        if points.len() == MOST_POINTS {
            return Err(row.bad(class, "a class with 200 points at most in each part"));
        }
        points.push(point);
        Ok(())
    })?;
    Ok(curves)
}

/// Reads the bins of confidence, the parts in their order; nothing where the run has none.
///
/// # Errors
/// As [`read_curve_table`].
pub(super) fn read_reliability(path: &Path) -> Result<Vec<Bins>, ReportError> {
    let Some(mut table) = Table::open(path)? else { return Ok(Vec::new()) };
    let [part, calibration, lower, upper, rows, confidence, accuracy] =
        table.places(RELIABILITY_COLUMNS)?;
    let mut found = Part::ALL.map(|part| Bins { part, of: [Vec::new(), Vec::new()] });
    table.each_row(|row| {
        let bin = Bin {
            lower: row.share(lower)?,
            upper: row.share(upper)?,
            rows: row.count(rows)?,
            mean_confidence: row.share(confidence)?,
            accuracy: row.share(accuracy)?,
        };
        let said = row.cells.get(calibration).unwrap_or_default();
        let when = CALIBRATION.iter().position(|when| *when == said);
        let when = when.ok_or_else(|| row.bad(calibration, "before or after"))?;
        let part = row.part(part)?;
        for bins in found.iter_mut().filter(|bins| bins.part == part) {
            bins.of[when].push(bin);
        }
        Ok(())
    })?;
    Ok(found.into_iter().filter(|bins| bins.of.iter().any(|of| !of.is_empty())).collect())
}

impl<'a> Table<'a> {
    /// Opens a file; `None` where there is none.
    fn open(path: &'a Path) -> Result<Option<Self>, ReportError> {
        let file = match File::open(path) {
            Ok(file) => file,
            Err(source) if source.kind() == ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(ReportError::reading(path)(source)),
        };
        let mut reader = Reader::from_reader(Lines::new(file));
        let header = reader.headers().map_err(ReportError::tabulating(path))?.clone();
        Ok(Some(Self { path, header, reader }))
    }

    fn places<const N: usize>(&self, names: [&str; N]) -> Result<[usize; N], ReportError> {
        let mut places = [0; N];
        for (place, name) in places.iter_mut().zip(names) {
            *place = find_column(self.path, &self.header, name)?;
        }
        Ok(places)
    }

    fn each_row(
        &mut self,
        mut visit: impl FnMut(Row<'_>) -> Result<(), ReportError>,
    ) -> Result<(), ReportError> {
        let (path, header) = (self.path, &self.header);
        for cells in self.reader.records() {
            let cells = cells.map_err(ReportError::tabulating(path))?;
            visit(Row { path, header, cells: &cells })?;
        }
        Ok(())
    }
}

impl Row<'_> {
    fn bad(&self, place: usize, expected: &'static str) -> ReportError {
        bad_cell(self.path, self.header, self.cells, place, expected)
    }

    fn share(&self, place: usize) -> Result<f64, ReportError> {
        let expected = "a share from 0 to 1";
        let share: f64 = need_cell(self.path, self.header, self.cells, place, expected)?;
        if (0.0..=1.0).contains(&share) { Ok(share) } else { Err(self.bad(place, expected)) }
    }

    fn count(&self, place: usize) -> Result<u64, ReportError> {
        let expected = "a number of rows above 0";
        let count: u32 = need_cell(self.path, self.header, self.cells, place, expected)?;
        if count > 0 { Ok(u64::from(count)) } else { Err(self.bad(place, expected)) }
    }

    /// A probability, or empty at the start of a curve; rounding may put it a little beyond 1.
    fn threshold(&self, place: usize) -> Result<Option<f64>, ReportError> {
        let expected = "a probability, or empty";
        let found: Option<f64> = read_cell(self.path, self.header, self.cells, place, expected)?;
        if found.is_none_or(|threshold| (0.0..=1.001).contains(&threshold)) {
            return Ok(found);
        }
        Err(self.bad(place, expected))
    }

    fn part(&self, place: usize) -> Result<Part, ReportError> {
        let said = self.cells.get(place).unwrap_or_default();
        let part = Part::ALL.into_iter().find(|part| part.name() == said);
        part.ok_or_else(|| self.bad(place, "train, valid or test"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::float_cmp)]

    use super::*;
    use crate::record::ROC;

    const HEADER: &str = "part,class,threshold,false_positive_rate,true_positive_rate\n";
    const BINS: &str = "part,calibration,lower,upper,rows,mean_confidence,accuracy\n";

    fn file(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    fn curves(rows: &str) -> Result<Vec<Curve>, ReportError> {
        read_curve_table(file(&format!("{HEADER}{rows}")).path(), ROC)
    }

    fn bins(rows: &str) -> Result<Vec<Bins>, ReportError> {
        read_reliability(file(&format!("{BINS}{rows}")).path())
    }

    #[test]
    fn a_curve_is_the_points_of_a_class_in_a_part() {
        let found = curves("test,a,,0,0\ntest,b,,0,0\nvalid,a,,0,0\ntest,a,0.5,1,1\n").unwrap();
        let shown: Vec<_> =
            found.iter().map(|one| (one.part, one.class.as_str(), one.points.len())).collect();
        let expected = [(Part::Test, "a", 2), (Part::Test, "b", 1), (Part::Valid, "a", 1)];
        assert_eq!(shown, expected);
        assert_eq!(found[0].points[1], CurvePoint { x: 1.0, y: 1.0, threshold: Some(0.5) });
        assert_eq!(read_curve_table(Path::new("/nowhere/roc.csv"), ROC).unwrap(), []);
    }

    #[test]
    fn a_cell_that_no_curve_has_is_named_with_its_line_and_column() {
        for (row, told) in [
            ("test,a,,NaN,0", "line 2: `NaN` in column `false_positive_rate` is not a share"),
            ("test,a,,0,1.5", "`1.5` in column `true_positive_rate` is not a share from 0 to 1"),
            ("test,a,,0,", "`` in column `true_positive_rate`"),
            ("test,a,inf,0,0", "`inf` in column `threshold` is not a probability, or empty"),
            ("all,a,,0,0", "`all` in column `part` is not train, valid or test"),
        ] {
            let said = curves(&format!("{row}\n")).unwrap_err().to_string();
            assert!(said.contains(told), "{said}");
        }
        let said = curves(&"test,a,,0,0\n".repeat(201)).unwrap_err().to_string();
        assert!(said.contains("line 202: `a` in column `class` is not a class with 200"), "{said}");
        let said = read_curve_table(file("part,class\n").path(), ROC).unwrap_err().to_string();
        assert!(said.contains("has no column `threshold`"), "{said}");
    }

    #[test]
    fn bins_are_read_by_part_and_calibration_and_wrong_ones_are_named() {
        let found =
            bins("test,before,0.5,0.6,7,0.55,0.5\ntest,after,0.4,0.5,7,0.45,0.5\n").unwrap();
        assert_eq!((found.len(), found[0].part), (1, Part::Test));
        assert_eq!(found[0].of.each_ref().map(|of| of[0].lower), [0.5, 0.4]);
        for (row, told) in [
            ("test,later,0,1,7,0.5,0.5", "`later` in column `calibration` is not before or after"),
            ("test,before,0,1,0,0.5,0.5", "`0` in column `rows` is not a number of rows"),
            ("test,before,0,1,-1,0.5,0.5", "`-1` in column `rows`"),
            ("test,before,0,1,7,-0.5,0.5", "`-0.5` in column `mean_confidence`"),
        ] {
            let said = bins(&format!("{row}\n")).unwrap_err().to_string();
            assert!(said.contains(told), "{said}");
        }
    }
}
