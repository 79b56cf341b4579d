//! How many rows a sampling strategy wants of each class.

use indexmap::IndexMap;

use super::BalanceError;
use crate::spec::{Count, OverSampled, Ratio, SamplingStrategy, UnderSampled};

/// How many rows the classes have. Classes without rows are none.
pub(super) struct Sizes<'a> {
    names: &'a [String],
    rows: Vec<usize>,
}

impl<'a> Sizes<'a> {
    /// Counts the row numbers of each class `[classes]`.
    pub(super) fn new(names: &'a [String], by_class: &[Vec<usize>]) -> Self {
        Self { names, rows: by_class.iter().map(Vec::len).collect() }
    }

    /// How many rows over-sampling adds to each class `[classes]`.
    pub(super) fn to_add(
        &self,
        how: &SamplingStrategy<OverSampled>,
    ) -> Result<Vec<usize>, BalanceError> {
        let wanted = match how {
            SamplingStrategy::Classes(classes) => {
                let (minority, majority) = (self.minority(), self.majority());
                let most = self.rows.get(majority).copied().unwrap_or(0);
                self.each(most, |class| match classes {
                    OverSampled::Minority => class == minority,
                    OverSampled::NotMinority => class != minority,
                    OverSampled::Auto | OverSampled::NotMajority => class != majority,
                    OverSampled::All => true,
                })
            }
            SamplingStrategy::Ratio(ratio) => {
                let (minority, majority) = self.two(*ratio, self.majority())?;
                let wanted = self.rows[majority] as f64 * ratio.get();
                if wanted - (self.rows[minority] as f64) < 1.0 {
                    return Err(self.too_low(*ratio, minority, wanted));
                }
                self.each(wanted as usize, |class| class == minority)
            }
            SamplingStrategy::Counts(counts) => self.counted(counts)?,
        };
        if let Some((class, rows, wanted)) = self.wrong(&wanted, |wanted, rows| wanted < rows) {
            return Err(BalanceError::FewerRows { class, rows, wanted });
        }
        let sizes = wanted.iter().zip(&self.rows);
        Ok(sizes.map(|(wanted, rows)| wanted.map_or(0, |wanted| wanted - rows)).collect())
    }

    /// How many rows under-sampling draws from each class `[classes]`; `None` leaves it as it is.
    pub(super) fn to_draw(
        &self,
        how: &SamplingStrategy<UnderSampled>,
    ) -> Result<Vec<Option<usize>>, BalanceError> {
        let wanted = match how {
            SamplingStrategy::Classes(classes) => {
                let (minority, majority) = (self.minority(), self.majority());
                let least = self.rows.get(minority).copied().unwrap_or(0);
                self.each(least, |class| match classes {
                    UnderSampled::Majority => class == majority,
                    UnderSampled::Auto | UnderSampled::NotMinority => class != minority,
                    UnderSampled::NotMajority => class != majority,
                    UnderSampled::All => true,
                })
            }
            SamplingStrategy::Ratio(ratio) => {
                let (majority, minority) = self.two(*ratio, self.minority())?;
                let wanted = self.rows[minority] as f64 / ratio.get();
                if wanted as usize > self.rows[majority] {
                    return Err(self.too_low(*ratio, majority, wanted));
                }
                self.each(wanted as usize, |class| class == majority)
            }
            SamplingStrategy::Counts(counts) => self.counted(counts)?,
        };
        match self.wrong(&wanted, |wanted, rows| wanted > rows) {
            Some((class, rows, wanted)) => Err(BalanceError::MoreRows { class, rows, wanted }),
            None => Ok(wanted),
        }
    }

    /// The classes that have rows.
    fn met(&self) -> impl DoubleEndedIterator<Item = usize> {
        (0..self.rows.len()).filter(|&class| self.rows[class] > 0)
    }

    /// The class with the fewest rows, the first of ties.
    fn minority(&self) -> usize {
        self.met().min_by_key(|&class| self.rows[class]).unwrap_or(0)
    }

    /// The class with the most rows, the first of ties: `max_by_key` keeps the last.
    fn majority(&self) -> usize {
        self.met().rev().max_by_key(|&class| self.rows[class]).unwrap_or(0)
    }

    /// So many rows in the classes that are meant.
    fn each(&self, rows: usize, is_meant: impl Fn(usize) -> bool) -> Vec<Option<usize>> {
        let is_meant = |class| self.rows[class] > 0 && is_meant(class);
        (0..self.rows.len()).map(|class| is_meant(class).then_some(rows)).collect()
    }

    /// The other one of two classes, and `one`.
    fn two(&self, ratio: Ratio, one: usize) -> Result<(usize, usize), BalanceError> {
        let others: Vec<usize> = self.met().filter(|&class| class != one).collect();
        match others[..] {
            [other] => Ok((other, one)),
            _ => Err(BalanceError::RatioOfMany { ratio: ratio.get(), classes: self.met().count() }),
        }
    }

    fn too_low(&self, ratio: Ratio, class: usize, wanted: f64) -> BalanceError {
        BalanceError::RatioTooLow {
            ratio: ratio.get(),
            class: self.names[class].clone(),
            rows: self.rows[class],
            wanted: wanted as usize,
        }
    }

    /// The rows that are asked for by name.
    fn counted(
        &self,
        counts: &IndexMap<String, Count>,
    ) -> Result<Vec<Option<usize>>, BalanceError> {
        let mut wanted = vec![None; self.rows.len()];
        for (name, count) in counts {
            let class = self.met().find(|&class| self.names[class] == *name);
            let known = || self.met().map(|class| format!("{:?}", self.names[class]));
            let class = class.ok_or_else(|| BalanceError::UnknownClass {
                class: name.clone(),
                known: known().collect::<Vec<_>>().join(", "),
            })?;
            wanted[class] = Some(count.get() as usize);
        }
        Ok(wanted)
    }

    /// The first class whose wanted rows and rows are wrong: its name, rows and wanted rows.
    fn wrong(
        &self,
        wanted: &[Option<usize>],
        are_wrong: impl Fn(usize, usize) -> bool,
    ) -> Option<(String, usize, usize)> {
        let classes = self.names.iter().zip(&self.rows).zip(wanted);
        let mut wanted = classes.filter_map(|((name, &rows), &wanted)| Some((name, rows, wanted?)));
        let wrong = wanted.find(|&(_, rows, wanted)| are_wrong(wanted, rows));
        wrong.map(|(name, rows, wanted)| (name.clone(), rows, wanted))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    fn names() -> Vec<String> {
        ["none", "heat", "wear", "unmet"].map(str::to_owned).to_vec()
    }

    /// Classes of the given sizes.
    fn by_class(sizes: &[usize]) -> Vec<Vec<usize>> {
        sizes.iter().map(|&rows| vec![0; rows]).collect()
    }

    fn added(sizes: &[usize], how: &str) -> Result<Vec<usize>, String> {
        let how = serde_json::from_str(how).unwrap();
        Sizes::new(&names(), &by_class(sizes)).to_add(&how).map_err(|error| error.to_string())
    }

    fn drawn(sizes: &[usize], how: &str) -> Result<Vec<Option<usize>>, String> {
        let how = serde_json::from_str(how).unwrap();
        Sizes::new(&names(), &by_class(sizes)).to_draw(&how).map_err(|error| error.to_string())
    }

    #[test]
    fn the_first_of_equal_classes_is_the_minority_or_majority() {
        assert_eq!(added(&[8, 3, 8, 3], r#""minority""#).unwrap(), [0, 5, 0, 0]);
        assert_eq!(drawn(&[8, 3, 8, 3], r#""majority""#).unwrap(), [Some(3), None, None, None]);
    }

    #[test]
    fn a_class_without_rows_stays_without() {
        assert_eq!(added(&[8, 3, 5, 0], r#""all""#).unwrap(), [0, 5, 3, 0]);
        assert_eq!(drawn(&[8, 3, 5, 0], r#""all""#).unwrap(), [Some(3), Some(3), Some(3), None]);
        let error = added(&[8, 3, 5, 0], r#"{"unmet": 4}"#).unwrap_err();
        assert!(error.contains(r#"they have "none", "heat", "wear""#), "{error}");
    }

    #[test]
    fn a_direction_that_a_sampler_does_not_have_is_refused_with_the_class() {
        let error = added(&[8, 3, 5], r#"{"wear": 4}"#).unwrap_err();
        assert!(error.contains(r#"4 rows of class "wear", which has 5"#), "{error}");
        let error = drawn(&[8, 3, 5], r#"{"wear": 6}"#).unwrap_err();
        assert!(error.contains(r#"6 rows of class "wear", which has 5"#), "{error}");
        assert_eq!(added(&[8, 3, 5], r#"{"wear": 5}"#).unwrap(), [0, 0, 0]);
    }

    #[test]
    fn a_ratio_is_one_of_two_classes() {
        assert_eq!(added(&[10, 3], "0.55").unwrap(), [0, 2]);
        assert_eq!(drawn(&[10, 3], "0.5").unwrap(), [Some(6), None]);
        let error = added(&[10, 3, 3], "0.55").unwrap_err();
        assert!(error.contains("the train rows have 3"), "{error}");
    }

    #[test]
    fn a_ratio_that_is_reached_already_is_refused() {
        for how in ["0.2", "0.3", "0.39"] {
            let error = added(&[10, 3], how).unwrap_err();
            assert!(error.contains(r#"class "heat", which has 3"#), "{error}");
        }
        let error = drawn(&[10, 3], "0.2").unwrap_err();
        assert!(error.contains(r#"15 rows of class "none", which has 10"#), "{error}");
    }
}
