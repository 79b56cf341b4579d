//! The page: one HTML file that shows the whole run.

use super::error::ReportError;
use super::page_data::PageData;
use crate::page::Page;

const REPORT: Page = Page {
    title: "forewarn report",
    sections: &[
        "winner",
        "families",
        "ensemble",
        "stacked",
        "ranking",
        "curves",
        "anova",
        "heatmap",
        "slices",
        "parallel",
        "confusion",
        "classes",
        "class-curves",
        "reliability",
        "importance",
        "provenance",
    ],
    style: concat!(include_str!("page/report.css"), include_str!("page/families.css")),
    scripts: &[
        include_str!("page/evidence.js"),
        include_str!("page/overview.js"),
        include_str!("page/whisker.js"),
        include_str!("page/families.js"),
        include_str!("page/ensemble.js"),
        include_str!("page/ranking.js"),
        include_str!("page/chart.js"),
        include_str!("page/curves.js"),
        include_str!("page/anova.js"),
        include_str!("page/heatmap.js"),
        include_str!("page/settings.js"),
        include_str!("page/slices.js"),
        include_str!("page/parallel.js"),
        include_str!("page/explained.js"),
        include_str!("page/classes.js"),
        include_str!("page/unit_plane.js"),
        include_str!("page/class_curves.js"),
        include_str!("page/reliability.js"),
        include_str!("page/importance.js"),
        include_str!("page/provenance.js"),
        include_str!("page/page.js"),
    ],
};

/// Makes the text of `report.html`.
///
/// # Errors
/// [`ReportError::Encode`].
pub(super) fn render_page(data: &PageData) -> Result<String, ReportError> {
    REPORT.render(data).map_err(|source| ReportError::Encode { source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_never_parses_text_as_markup_and_never_asks_a_network() {
        REPORT.check_sources();
    }
}
