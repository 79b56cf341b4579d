//! One line chart as SVG text: title, axes, lines, a legend below.

use std::ops::Range;

use plotters::coord::Shift;
use plotters::coord::ranged1d::{AsRangedCoord, ValueFormatter};
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

/// Width and height of every plot, px.
pub(super) const SIZE_PX: (u32, u32) = (900, 560);

pub(super) const FONT: &str = "sans-serif";
pub(super) const INK: RGBColor = RGBColor(33, 37, 41);
pub(super) const SOFT_INK: RGBColor = RGBColor(92, 99, 106);
pub(super) const GRID: RGBColor = RGBColor(226, 229, 233);
pub(super) const AXIS: RGBColor = RGBColor(120, 126, 133);
pub(super) const MARGIN_PX: i32 = 24;
pub(super) const TITLE_HEIGHT_PX: i32 = 62;
const LEGEND_ROW_PX: i32 = 19;

/// What stands on a chart.
#[derive(Debug)]
pub(super) struct Chart {
    pub title: String,
    pub subtitle: String,
    pub y_name: String,
    pub log_y: bool,
    pub x_range: Range<f64>,
    pub y_range: Range<f64>,
    pub lines: Vec<Line>,
    pub mark: Option<Mark>,
}

/// A named line; gaps are left where a value is not finite.
#[derive(Debug)]
pub(super) struct Line {
    pub label: String,
    pub colour: RGBColor,
    pub points: Vec<(f64, f64)>,
}

/// A dashed vertical line at one epoch.
#[derive(Debug)]
pub(super) struct Mark {
    pub epoch: f64,
    pub label: String,
}

/// Why drawing failed, in the words of the drawing library.
type DrawResult = Result<(), String>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

/// Draws the chart, 900 x 560 px on white.
///
/// # Errors
/// The words of the drawing library.
pub(super) fn draw_chart(chart: &Chart) -> Result<String, String> {
    let mut svg = String::new();
    {
        let root = SVGBackend::with_string(&mut svg, SIZE_PX).into_drawing_area();
        root.fill(&WHITE).map_err(words)?;
        let entries = chart.lines.len() + usize::from(chart.mark.is_some());
        let legend_height = i32::try_from(entries).unwrap_or(0) * LEGEND_ROW_PX + 24;
        let (title, rest) = root.split_vertically(TITLE_HEIGHT_PX);
        let (plot, legend) =
            rest.split_vertically(SIZE_PX.1.cast_signed() - TITLE_HEIGHT_PX - legend_height);
        draw_title(&title, &chart.title, &chart.subtitle)?;
        if chart.log_y {
            draw_lines(&plot, chart, chart.y_range.clone().log_scale())?;
        } else {
            draw_lines(&plot, chart, chart.y_range.clone())?;
        }
        draw_legend(&legend, chart)?;
        root.present().map_err(words)?;
    }
    Ok(svg)
}

/// Draws the two lines at the head of a chart.
pub(super) fn draw_title(area: &Area, title: &str, subtitle: &str) -> DrawResult {
    let large = (FONT, 24).into_font().style(FontStyle::Bold).color(&INK);
    let small = (FONT, 15.5).into_font().color(&SOFT_INK);
    area.draw_text(&printable(title, 66), &large, (MARGIN_PX, 14)).map_err(words)?;
    area.draw_text(&printable(subtitle, 120), &small, (MARGIN_PX, 41)).map_err(words)
}

fn draw_lines<Y>(area: &Area, chart: &Chart, y_axis: Y) -> DrawResult
where
    Y: AsRangedCoord<Value = f64>,
    Y::CoordDescType: ValueFormatter<f64>,
{
    let label = (FONT, 15).into_font().color(&SOFT_INK);
    let mut plane = ChartBuilder::on(area)
        .margin_left(10)
        .margin_right(MARGIN_PX)
        .margin_top(8)
        .x_label_area_size(44)
        .y_label_area_size(70)
        .build_cartesian_2d(chart.x_range.clone(), y_axis)
        .map_err(words)?;
    let span = chart.y_range.end - chart.y_range.start;
    let log = chart.log_y;
    plane
        .configure_mesh()
        .x_desc("epoch")
        .y_desc(chart.y_name.as_str())
        .x_labels(epoch_labels(&chart.x_range))
        .y_labels(8)
        .max_light_lines(0)
        .bold_line_style(GRID)
        .axis_style(AXIS)
        .label_style(label.clone())
        .axis_desc_style((FONT, 16).into_font().color(&INK))
        .x_label_formatter(&|epoch| format_epoch(*epoch))
        .y_label_formatter(&|value| format_tick(*value, span, log))
        .draw()
        .map_err(words)?;
    if let Some(mark) = &chart.mark {
        let ends = [(mark.epoch, chart.y_range.start), (mark.epoch, chart.y_range.end)];
        let dashes = DashedLineSeries::new(ends, 6, 5, AXIS.stroke_width(1));
        plane.draw_series(dashes).map_err(words)?;
    }
    for line in chart.lines.iter().rev() {
        for run in finite_runs(&line.points) {
            if let [point] = run {
                let dot = Circle::new(*point, 4, line.colour.filled());
                plane.draw_series([dot]).map_err(words)?;
            } else {
                let stroke = line.colour.stroke_width(2);
                plane.draw_series([PathElement::new(run.to_vec(), stroke)]).map_err(words)?;
            }
        }
    }
    Ok(())
}

fn draw_legend(area: &Area, chart: &Chart) -> DrawResult {
    let text = (FONT, 15.5).into_font().color(&INK).pos(Pos::new(HPos::Left, VPos::Center));
    let left = MARGIN_PX + 56;
    let mut y = LEGEND_ROW_PX / 2 + 8;
    for line in &chart.lines {
        let sample = vec![(left, y), (left + 26, y)];
        area.draw(&PathElement::new(sample, line.colour.stroke_width(3))).map_err(words)?;
        area.draw_text(&printable(&line.label, 112), &text, (left + 36, y)).map_err(words)?;
        y += LEGEND_ROW_PX;
    }
    if let Some(mark) = &chart.mark {
        for start in [left, left + 10, left + 20] {
            let dash = vec![(start, y), (start + 6, y)];
            area.draw(&PathElement::new(dash, AXIS.stroke_width(2))).map_err(words)?;
        }
        area.draw_text(&printable(&mark.label, 112), &text, (left + 36, y)).map_err(words)?;
    }
    Ok(())
}

/// The stretches of a line without a gap.
fn finite_runs(points: &[(f64, f64)]) -> impl Iterator<Item = &[(f64, f64)]> {
    points.split(|(_, value)| !value.is_finite()).filter(|run| !run.is_empty())
}

/// No more labels than epochs: ticks between two epochs would have no name.
fn epoch_labels(range: &Range<f64>) -> usize {
    (range.end - range.start).ceil().clamp(2.0, 12.0) as usize
}

fn format_epoch(epoch: f64) -> String {
    if epoch.fract().abs() < 1e-9 && epoch >= 0.0 { format!("{epoch:.0}") } else { String::new() }
}

/// As many decimals as tell two neighbouring ticks apart.
fn format_tick(value: f64, span: f64, log: bool) -> String {
    if log {
        return format!("{value}");
    }
    let step = (span / 8.0).max(f64::MIN_POSITIVE);
    let decimals = (1.0 - step.log10()).floor().clamp(0.0, 8.0) as usize;
    format!("{value:.decimals$}")
}

/// Drops characters that XML forbids and cuts what would run past the edge.
pub(super) fn printable(text: &str, max_chars: usize) -> String {
    let forbidden = |c: char| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}');
    let clean: Vec<char> = text.chars().map(|c| if forbidden(c) { ' ' } else { c }).collect();
    if clean.len() <= max_chars {
        return clean.into_iter().collect();
    }
    let mut cut: String = clean.into_iter().take(max_chars.saturating_sub(1)).collect();
    cut.push('…');
    cut
}

/// The message of a drawing error, whose own type is generic over the backend.
pub(super) fn words(error: impl std::fmt::Display) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;

    fn chart(label: &str, points: Vec<(f64, f64)>) -> Chart {
        Chart {
            title: "Title".to_owned(),
            subtitle: String::new(),
            y_name: "loss".to_owned(),
            log_y: false,
            x_range: 0.0..3.0,
            y_range: 0.0..1.0,
            lines: vec![Line { label: label.to_owned(), colour: INK, points }],
            mark: None,
        }
    }

    #[test]
    fn text_is_escaped_and_free_of_control_characters() {
        let svg = draw_chart(&chart("<script>\u{1}", vec![(1.0, 0.5), (2.0, 0.4)])).unwrap();
        assert!(svg.contains("&lt;script&gt; ") && !svg.contains("<script"), "{svg}");
    }

    #[test]
    fn text_is_real_text_in_a_generic_font() {
        let svg = draw_chart(&chart("a", vec![(1.0, 0.5), (2.0, 0.4)])).unwrap();
        assert!(svg.contains("<text") && svg.contains("font-family=\"sans-serif\""));
    }

    #[test]
    fn a_line_breaks_where_a_value_is_not_finite() {
        let points = [(1.0, 0.5), (2.0, f64::NAN), (3.0, 0.4), (4.0, 0.3)];
        let lengths: Vec<usize> = finite_runs(&points).map(<[_]>::len).collect();
        assert_eq!(lengths, [1, 2]);
    }

    #[test]
    fn long_text_is_cut_with_an_ellipsis() {
        assert_eq!(printable("abcdef", 4), "abc…");
    }

    #[test]
    fn ticks_have_the_decimals_that_tell_them_apart() {
        assert_eq!(format_tick(0.97, 0.08, false), "0.970");
        assert_eq!(format_tick(10.0, 80.0, false), "10");
    }
}
