//! Pages: one HTML file each, which draws itself from its data and needs no network.

use serde::Serialize;

const TEMPLATE: &str = include_str!("page.html");
const STYLE: &str = include_str!("page.css");

/// What every page draws with.
const SCRIPTS: [&str; 5] = [
    include_str!("elements.js"),
    include_str!("numbers.js"),
    include_str!("plane.js"),
    include_str!("reader.js"),
    include_str!("start.js"),
];

/// A kind of page.
#[derive(Debug, Clone, Copy)]
pub struct Page {
    /// The title until the page has drawn itself.
    pub title: &'static str,
    /// The ids of its sections, in their order.
    pub sections: &'static [&'static str],
    /// Its own style, after the one that all pages have.
    pub style: &'static str,
    /// Its own scripts in the order in which they are joined; the last one calls `start`.
    pub scripts: &'static [&'static str],
}

impl Page {
    /// The text of the page that draws `data`.
    ///
    /// # Errors
    /// Where the data cannot be JSON.
    pub fn render(&self, data: &impl Serialize) -> Result<String, serde_json::Error> {
        let json = serde_json::to_string(data)?;
        let sections: Vec<String> =
            self.sections.iter().map(|id| format!("<section id=\"{id}\"></section>")).collect();
        let scripts = [&SCRIPTS[..], self.scripts].concat().join("\n");
        // The data goes in last, so that no text of the user is taken for a placeholder.
        Ok(TEMPLATE
            .replacen("{{title}}", self.title, 1)
            .replacen("{{style}}", &[STYLE, self.style].concat(), 1)
            .replacen("{{sections}}", &sections.join("\n"), 1)
            .replacen("{{script}}", &scripts, 1)
            .replacen("{{data}}", &escape_for_script(&json), 1))
    }

    /// Panics where the page's sources hold a placeholder, parse text as markup or ask a network.
    #[cfg(test)]
    pub(crate) fn check_sources(&self) {
        let scripts = || SCRIPTS.iter().chain(self.scripts);
        for banned in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("] {
            assert!(scripts().all(|script| !script.contains(banned)), "{banned}");
        }
        for banned in ["fetch(", "XMLHttpRequest", "import(", "url(", "@import", "src="] {
            let mut sources = scripts().chain([&TEMPLATE, &STYLE, &self.style]);
            assert!(sources.all(|source| !source.contains(banned)), "{banned}");
        }
        for placeholder in ["{{title}}", "{{style}}", "{{sections}}", "{{script}}", "{{data}}"] {
            assert_eq!(TEMPLATE.matches(placeholder).count(), 1, "{placeholder}");
            let mut sources = scripts().chain([&STYLE, &self.style]);
            assert!(sources.all(|source| !source.contains(placeholder)), "{placeholder}");
        }
    }
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
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn escaped_json_cannot_end_its_element_and_still_means_the_same() {
        let value = "</script><!-- & \u{2028}\u{2029} \"é\"";
        let json = serde_json::to_string(value).unwrap();
        let escaped = escape_for_script(&json);
        assert!(!escaped.contains(['<', '>', '&', '\u{2028}', '\u{2029}']), "{escaped}");
        assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), value);
    }
}
