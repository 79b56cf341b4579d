//! A square chart of shares as SVG text: both axes from 0 to 1, the diagonal, the legend beside it.

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::report::chart::{AXIS, FONT, GRID, INK, MARGIN_PX, SIZE_PX, SOFT_INK, TITLE_HEIGHT_PX};
use crate::report::chart::{draw_title, printable, words};

/// The width of the square with its axes, px.
const SQUARE_PX: i32 = 540;

/// The height of a line of the legend, px.
const ROW_PX: i32 = 18;

/// What stands on a chart.
#[derive(Debug)]
pub(super) struct UnitChart {
    pub title: String,
    pub subtitle: String,
    pub x_name: &'static str,
    pub y_name: &'static str,
    /// What the dashed diagonal is; `None` if none is drawn.
    pub diagonal: Option<&'static str>,
    pub entries: Vec<Entry>,
    /// Said below the legend.
    pub note: Option<String>,
}

/// A line, dots upon it, and what the legend says.
#[derive(Debug)]
pub(super) struct Entry {
    pub name: String,
    pub detail: String,
    pub colour: RGBColor,
    pub points: Vec<(f64, f64)>,
    /// Radii of dots at the points, px.
    pub dots: Vec<i32>,
}

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws the chart, 900 x 560 px on white.
///
/// # Errors
/// The words of the drawing library.
pub(super) fn draw_unit_chart(chart: &UnitChart) -> Result<String, String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE_PX).into_drawing_area();
        root.fill(&WHITE).map_err(words)?;
        let (title, rest) = root.split_vertically(TITLE_HEIGHT_PX);
        let (plot, legend) = rest.split_horizontally(SQUARE_PX);
        draw_title(&title, &chart.title, &chart.subtitle)?;
        draw_plane(&plot, chart)?;
        draw_legend(&legend, chart)?;
        root.present().map_err(words)?;
    }
    Ok(svg)
}

fn draw_plane(area: &Area, chart: &UnitChart) -> Result<(), String> {
    let label = (FONT, 15).into_font().color(&SOFT_INK);
    // A hair beyond the ends keeps lines that lie on them whole.
    let mut plane = ChartBuilder::on(area)
        .margin_left(10)
        .margin_right(8)
        .margin_top(8)
        .margin_bottom(10)
        .x_label_area_size(44)
        .y_label_area_size(60)
        .build_cartesian_2d(-0.006..1.006, -0.006..1.006)
        .map_err(words)?;
    plane
        .configure_mesh()
        .x_desc(chart.x_name)
        .y_desc(chart.y_name)
        .x_labels(6)
        .y_labels(6)
        .max_light_lines(0)
        .bold_line_style(GRID)
        .axis_style(AXIS)
        .label_style(label)
        .axis_desc_style((FONT, 16).into_font().color(&INK))
        .x_label_formatter(&|share| format!("{share:.1}"))
        .y_label_formatter(&|share| format!("{share:.1}"))
        .draw()
        .map_err(words)?;
    if chart.diagonal.is_some() {
        let dashes = DashedLineSeries::new([(0.0, 0.0), (1.0, 1.0)], 6, 5, AXIS.stroke_width(1));
        plane.draw_series(dashes).map_err(words)?;
    }
    for Entry { colour, points, dots, .. } in chart.entries.iter().rev() {
        let line = PathElement::new(points.clone(), colour.stroke_width(2));
        plane.draw_series([line]).map_err(words)?;
        let dots = points.iter().zip(dots);
        let dots = dots.map(|(&point, &radius)| Circle::new(point, radius, colour.filled()));
        plane.draw_series(dots).map_err(words)?;
    }
    Ok(())
}

fn draw_legend(area: &Area, chart: &UnitChart) -> Result<(), String> {
    let at = Pos::new(HPos::Left, VPos::Center);
    let name = (FONT, 15.5).into_font().color(&INK).pos(at);
    let soft = (FONT, 14).into_font().color(&SOFT_INK).pos(at);
    let left = MARGIN_PX;
    let mut y = ROW_PX;
    for entry in &chart.entries {
        let sample = vec![(left, y), (left + 26, y)];
        area.draw(&PathElement::new(sample, entry.colour.stroke_width(3))).map_err(words)?;
        area.draw_text(&printable(&entry.name, 30), &name, (left + 36, y)).map_err(words)?;
        area.draw_text(&printable(&entry.detail, 38), &soft, (left + 36, y + ROW_PX))
            .map_err(words)?;
        y += 2 * ROW_PX + 12;
    }
    if let Some(diagonal) = chart.diagonal {
        for start in [left, left + 10, left + 20] {
            let dash = vec![(start, y), (start + 6, y)];
            area.draw(&PathElement::new(dash, AXIS.stroke_width(2))).map_err(words)?;
        }
        area.draw_text(diagonal, &name, (left + 36, y)).map_err(words)?;
        y += ROW_PX + 12;
    }
    if let Some(note) = &chart.note {
        area.draw_text(&printable(note, 44), &soft, (left, y)).map_err(words)?;
    }
    Ok(())
}
