//! The page: the table of the scores, and the curves of all sides.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Serialize;

use super::bands::{Band, read_bands};
use super::{Comparison, RunFamilies, Side};
use crate::examples::Part;
use crate::page::Page;
use crate::report::curves::{Quantity, Split, place, series_name};
use crate::report::difference::DrawnDifference;
use crate::report::error::ReportError;
use crate::report::page_data::shorten;
use crate::untrusted::readable;

const COMPARE: Page = Page {
    title: "forewarn compare",
    sections: &["sides", "families", "curves", "scores"],
    style: concat!(include_str!("page/compare.css"), include_str!("../page/families.css")),
    scripts: &[
        include_str!("../page/chart.js"),
        include_str!("../page/whisker.js"),
        include_str!("page/scores.js"),
        include_str!("page/families.js"),
        include_str!("page/curves.js"),
        include_str!("page/page.js"),
    ],
};

/// The data of the page.
#[derive(Serialize)]
struct PageData<'a> {
    rank_by: &'a str,
    /// The part whose scores are told apart.
    judged: &'static str,
    sides: Vec<SideFacts<'a>>,
    scores: Vec<ScoreTable<'a>>,
    notes: Vec<String>,
    /// The runs with their families; none where no run has several.
    families: &'a [RunFamilies],
}

#[derive(Serialize)]
struct SideFacts<'a> {
    name: &'a str,
    run: String,
    /// `None` if the run does not say.
    family: Option<&'a str>,
    trials: &'a BTreeSet<u64>,
    differing: Vec<String>,
    curves: Curves,
}

/// Means and deviations by epoch, under the names of the columns of `curves.csv`.
#[derive(Serialize)]
struct Curves {
    stride: u64,
    epochs: Vec<u64>,
    trainings: Vec<usize>,
    means: BTreeMap<String, Vec<Option<f64>>>,
    deviations: BTreeMap<String, Vec<Option<f64>>>,
}

/// A score of all sides.
#[derive(Serialize)]
struct ScoreTable<'a> {
    title: &'a str,
    is_ranked_by: bool,
    rows: Vec<ScoreRow>,
}

/// A score of a side on train, valid and test rows, and beside the first side.
#[derive(Serialize)]
struct ScoreRow {
    means: [f64; 3],
    difference: Option<DrawnDifference>,
}

impl Comparison {
    /// The text of `compare.html`. The curves are read from the runs' `curves.csv`; a run without one
    /// has none.
    ///
    /// # Errors
    /// [`ReportError`] where curves cannot be read.
    pub fn render_page(&self) -> Result<String, ReportError> {
        let bands = self.bands()?;
        let sides = self.sides.iter().zip(&bands).map(|(side, band)| SideFacts {
            name: &side.name,
            run: side.run.display().to_string(),
            family: side.family(),
            trials: &side.trials,
            differing: self.differing(side),
            curves: Curves::of(band),
        });
        let data = PageData {
            rank_by: &self.rank_by,
            judged: self.judged().name(),
            sides: sides.collect(),
            scores: self
                .titles()
                .enumerate()
                .map(|(score, title)| self.score_table(score, title))
                .collect(),
            notes: self.notes(),
            families: &self.families,
        };
        COMPARE.render(&data).map_err(|source| ReportError::Encode { source })
    }

    /// The curves of every side; each run's file is read once.
    fn bands(&self) -> Result<Vec<Band>, ReportError> {
        let mut by_run: BTreeMap<&Path, Vec<(usize, &Side)>> = BTreeMap::new();
        for (place, side) in self.sides.iter().enumerate() {
            by_run.entry(&side.run).or_default().push((place, side));
        }
        let mut bands = Vec::new();
        for (run, sides) in by_run {
            let path = readable(run, "curves.csv", u64::MAX)
                .map_err(|source| ReportError::Read { path: run.join("curves.csv"), source })?;
            let trials: Vec<_> = sides.iter().map(|(_, side)| &side.trials).collect();
            let places = sides.iter().map(|(place, _)| *place);
            bands.extend(places.zip(read_bands(&path, &trials)?));
        }
        bands.sort_by_key(|(place, _)| *place);
        Ok(bands.into_iter().map(|(_, band)| band).collect())
    }

    fn score_table<'a>(&'a self, score: usize, title: &'a str) -> ScoreTable<'a> {
        let rows = self.sides.iter().enumerate().map(|(place, side)| {
            let found = self.difference(side, self.judged(), score).filter(|_| place > 0);
            let difference = found.map(DrawnDifference::from);
            ScoreRow { means: Part::ALL.map(|part| side.mean(part, score)), difference }
        });
        ScoreTable { title, is_ranked_by: score == self.ranked_by(), rows: rows.collect() }
    }
}

impl Curves {
    fn of(band: &Band) -> Self {
        let (mut means, mut deviations) = (BTreeMap::new(), BTreeMap::new());
        for split in Split::ALL {
            for quantity in Quantity::ALL {
                let (name, place) = (series_name(split, quantity), place(split, quantity));
                let tallies = || band.tallies.values();
                means
                    .insert(name.clone(), tallies().map(|one| shorten(one.means[place])).collect());
                deviations
                    .insert(name, tallies().map(|one| shorten(one.deviation(place))).collect());
            }
        }
        Self {
            stride: band.stride,
            epochs: band.tallies.keys().copied().collect(),
            trainings: band.tallies.values().map(|one| one.trainings).collect(),
            means,
            deviations,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_never_parses_text_as_markup_and_never_asks_a_network() {
        COMPARE.check_sources();
    }
}
