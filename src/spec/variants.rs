//! Variants: the same grid with other axes, or with more steps of preparation.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::axes::Changes;
use super::steps::Step;

/// What a variant does differently.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Variant {
    /// Axes that take the place of the grid's.
    pub grid: Changes,
    /// Steps done behind the grid file's own; they leave the rows' number and order alone, but for
    /// those that balance the train rows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

/// The variants by their names; the grid alone is the variant `base`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "IndexMap<String, Variant>")]
#[schemars(extend("minProperties" = 1))]
pub struct Variants(IndexMap<String, Variant>);

impl Variants {
    /// Names and variants, in the order of the grid file.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Variant)> {
        self.0.iter().map(|(name, variant)| (name.as_str(), variant))
    }

    /// The lists of steps that the variants go on with, each once, under the first variant's name.
    pub fn ways(&self) -> Vec<(&str, &[Step])> {
        let mut ways: Vec<(&str, &[Step])> = Vec::new();
        for (name, variant) in self.iter() {
            if ways.iter().all(|(_, steps)| *steps != variant.steps) {
                ways.push((name, &variant.steps));
            }
        }
        ways
    }

    /// Whether the grid file names none.
    pub(super) fn is_base(&self) -> bool {
        *self == Self::default()
    }
}

impl Default for Variants {
    fn default() -> Self {
        Self(IndexMap::from([("base".to_owned(), Variant::default())]))
    }
}

impl TryFrom<IndexMap<String, Variant>> for Variants {
    type Error = String;

    fn try_from(variants: IndexMap<String, Variant>) -> Result<Self, String> {
        if variants.is_empty() {
            return Err("no variant is named: leave the key out".to_owned());
        }
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        let odd = variants.keys().find(|name| name.is_empty() || !name.chars().all(plain));
        match odd {
            Some(name) => Err(format!(
                "the name {name:?} stands in tables: use letters, digits, `-`, `_` and `.`"
            )),
            None => Ok(Self(variants)),
        }
    }
}
