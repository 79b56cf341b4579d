//! The page: the tables of the text, and plots, of a bounded part of the columns.

use serde::Serialize;

use super::{
    ClassRows, ColumnFacts, DRAWN_COLUMNS, Exploration, ExploreError, OutlierRows, Series,
};
use crate::page::Page;

const EXPLORE: Page = Page {
    title: "forewarn explore",
    sections: &[
        "warnings",
        "classes",
        "columns",
        "rows",
        "series",
        "correlations",
        "spreads",
        "outliers",
    ],
    style: include_str!("page/explore.css"),
    scripts: &[
        include_str!("page/tables.js"),
        include_str!("page/spreads.js"),
        include_str!("page/correlations.js"),
        include_str!("page/series.js"),
        include_str!("page/page.js"),
    ],
};

/// The most columns of the page's tables.
const LISTED_COLUMNS: usize = 500;

/// The most columns of the first and last rows.
const HEAD_COLUMNS: usize = 40;

/// The most warnings, and repairs.
const LISTED_WARNINGS: usize = 100;

/// The data of the page.
#[derive(Serialize)]
struct PageData<'a> {
    source: &'a str,
    sha256: &'a str,
    rows: usize,
    all_columns: usize,
    drawn_columns: usize,
    bytes: usize,
    missing_cells: usize,
    duplicates: usize,
    repairs: Vec<&'a str>,
    warnings: Vec<&'a str>,
    columns: &'a [ColumnFacts],
    head_columns: Vec<&'a str>,
    head: Vec<&'a [Option<String>]>,
    tail: Vec<&'a [Option<String>]>,
    target: Option<Target<'a>>,
    correlations: Correlations<'a>,
    outliers: &'a OutlierRows,
    series: Option<Named<'a, Series>>,
}

#[derive(Serialize)]
struct Target<'a> {
    name: &'a str,
    classes: &'a [ClassRows],
    missing: usize,
    drawn: &'a [usize],
}

#[derive(Serialize)]
struct Named<'a, T> {
    name: &'a str,
    #[serde(flatten)]
    of: &'a T,
}

#[derive(Serialize)]
struct Correlations<'a> {
    names: Vec<&'a str>,
    matrix: &'a [Vec<Option<f64>>],
    correlated: usize,
    left_out: usize,
    strongest: Vec<Strong<'a>>,
}

#[derive(Serialize)]
struct Strong<'a> {
    names: [&'a str; 2],
    value: f64,
}

/// The text of `explore.html`.
///
/// # Errors
/// [`ExploreError::Encode`].
pub fn render_page(found: &Exploration) -> Result<String, ExploreError> {
    let name = |place: usize| found.columns.get(place).map_or("", |column| column.name.as_str());
    let correlations = &found.correlations;
    let strong = correlations.strongest.iter();
    let data = PageData {
        source: &found.source,
        sha256: &found.sha256,
        rows: found.rows,
        all_columns: found.columns.len(),
        drawn_columns: DRAWN_COLUMNS,
        bytes: found.bytes,
        missing_cells: found.columns.iter().map(|column| column.missing).sum(),
        duplicates: found.duplicates,
        repairs: some(&found.repairs),
        warnings: some(&found.warnings),
        columns: &found.columns[..found.columns.len().min(LISTED_COLUMNS)],
        head_columns: (0..found.columns.len().min(HEAD_COLUMNS)).map(name).collect(),
        head: ends(&found.head),
        tail: ends(&found.tail),
        target: found.target.as_ref().map(|target| Target {
            name: name(target.column),
            classes: &target.classes,
            missing: target.missing,
            drawn: &target.drawn,
        }),
        correlations: Correlations {
            names: correlations.columns.iter().map(|place| name(*place)).collect(),
            matrix: &correlations.matrix,
            correlated: correlations.correlated,
            left_out: correlations.left_out,
            strongest: strong
                .map(|pair| Strong { names: pair.columns.map(name), value: pair.value })
                .collect(),
        },
        outliers: &found.outliers,
        series: found.series.as_ref().map(|of| Named { name: name(of.column), of }),
    };
    EXPLORE.render(&data).map_err(|source| ExploreError::Encode { source })
}

/// The first cells of some rows.
fn ends(rows: &[Vec<Option<String>>]) -> Vec<&[Option<String>]> {
    rows.iter().map(|cells| &cells[..cells.len().min(HEAD_COLUMNS)]).collect()
}

/// The first of many sentences, and that there are more.
fn some(sentences: &[String]) -> Vec<&str> {
    let more =
        (sentences.len() > LISTED_WARNINGS).then_some("… and more, which the terminal shows");
    sentences.iter().take(LISTED_WARNINGS).map(String::as_str).chain(more).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_never_parses_text_as_markup_and_never_asks_a_network() {
        EXPLORE.check_sources();
    }
}
