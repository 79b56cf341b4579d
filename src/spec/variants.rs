//! Variants: another family, the same grid with other axes, or other steps of preparation.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::axes::Axes;
use super::families::Family;
use super::steps::Step;

/// What a variant does differently.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Variant {
    /// The family of its models; `mlp` without this key.
    pub family: Family,
    /// Axes of the family. Those of networks take the place of the grid file's own.
    pub grid: Axes,
    /// Steps in place of the grid file's own. They must leave the same rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub replace_steps: Option<Vec<Step>>,
    /// Steps done after the grid file's own; they leave the rows' number and order alone, but for
    /// those that balance the train rows.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Step>,
}

/// One of the preparations of the rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Preparation<'a> {
    /// The first variant that prepares them so.
    pub variant: &'a str,
    /// The steps in place of the grid file's own, where there are any.
    pub replaced: Option<&'a [Step]>,
    /// The steps after these.
    pub more: &'a [Step],
    /// The families that are trained on the rows.
    pub families: Vec<Family>,
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

    /// The variants, to be changed.
    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Variant> {
        self.0.values_mut()
    }

    /// The preparations of the variants, each once.
    pub fn preparations(&self) -> Vec<Preparation<'_>> {
        let mut found: Vec<Preparation> = Vec::new();
        for (name, variant) in self.iter() {
            match found.iter_mut().find(|one| one.is_of(variant)) {
                Some(one) if one.families.contains(&variant.family) => {}
                Some(one) => one.families.push(variant.family),
                None => found.push(Preparation {
                    variant: name,
                    replaced: variant.replace_steps.as_deref(),
                    more: &variant.steps,
                    families: vec![variant.family],
                }),
            }
        }
        found
    }

    /// Whether the grid file names none.
    pub(super) fn is_base(&self) -> bool {
        *self == Self::default()
    }
}

impl Preparation<'_> {
    /// Whether a variant prepares the rows so.
    pub fn is_of(&self, variant: &Variant) -> bool {
        self.replaced == variant.replace_steps.as_deref() && self.more == variant.steps
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
