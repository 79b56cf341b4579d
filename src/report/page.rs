//! The page: one HTML file that shows the whole run and works without a network.

use super::error::ReportError;
use super::page_data::PageData;

const TEMPLATE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");

/// The scripts in the order in which they are joined; the last one starts the page.
const SCRIPTS: [&str; 10] = [
    include_str!("page/elements.js"),
    include_str!("page/numbers.js"),
    include_str!("page/overview.js"),
    include_str!("page/ranking.js"),
    include_str!("page/chart.js"),
    include_str!("page/curves.js"),
    include_str!("page/heatmap.js"),
    include_str!("page/classes.js"),
    include_str!("page/provenance.js"),
    include_str!("page/page.js"),
];

/// Makes the text of `report.html`.
///
/// # Errors
/// [`ReportError::Encode`].
pub(super) fn render_page(data: &PageData) -> Result<String, ReportError> {
    let json = serde_json::to_string(data).map_err(|source| ReportError::Encode { source })?;
    // The data goes in last, so that no text of the user is taken for a placeholder.
    Ok(TEMPLATE
        .replacen("{{style}}", STYLE, 1)
        .replacen("{{script}}", &SCRIPTS.join("\n"), 1)
        .replacen("{{data}}", &escape_for_script(&json), 1))
}

/// Escapes JSON so that nothing in it can end the script element that holds it.
fn escape_for_script(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' => escaped.push_str("\\u003c"),
            '>' => escaped.push_str("\\u003e"),
            '&' => escaped.push_str("\\u0026"),
            '\u{2028}' => escaped.push_str("\\u2028"),
            '\u{2029}' => escaped.push_str("\\u2029"),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::float_cmp)]
    use super::*;

    #[test]
    fn escaped_json_cannot_end_its_element_and_still_means_the_same() {
        let value = "</script><!-- & \u{2028}\u{2029} \"é\"";
        let json = serde_json::to_string(value).unwrap();
        let escaped = escape_for_script(&json);
        assert!(!escaped.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{escaped}");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), value);
    }

    #[test]
    fn the_template_has_each_placeholder_once_and_nothing_else_has_them() {
        for placeholder in ["{{style}}", "{{script}}", "{{data}}"] {
            assert_eq!(TEMPLATE.matches(placeholder).count(), 1, "{placeholder}");
            assert!(!STYLE.contains(placeholder));
            assert!(SCRIPTS.iter().all(|script| !script.contains(placeholder)));
        }
    }

    #[test]
    fn the_page_never_parses_text_as_markup_and_never_asks_a_network() {
        for banned in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            assert!(SCRIPTS.iter().all(|script| !script.contains(banned)), "{banned}");
        }
        for banned in ["fetch(", "XMLHttpRequest", "import(", "url(", "@import", "src="] {
            let sources = SCRIPTS.iter().chain([&TEMPLATE, &STYLE]);
            assert!(sources.into_iter().all(|source| !source.contains(banned)), "{banned}");
        }
    }
}
