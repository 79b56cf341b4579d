//! A model's JSON text: XGBoost's own format, read strictly, since the file may be a stranger's.
//!
//! What is made of the text takes a few times its length in memory, whatever it says of its counts.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};

use super::library::SUPPORTED;
use super::tree::{Tree, TreeText};

/// Why a text is not a model that can be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the fields are what the messages name
pub enum TextError {
    /// No JSON, or with other keys.
    #[error("this is not an XGBoost model of version 3.4: {reason}")]
    NotAModel { reason: String },
    /// Another version's.
    #[error("the model is of XGBoost {found}; only those of 3.4 are read")]
    Version { found: String },
    /// A field whose value cannot be.
    #[error("the XGBoost model's `{field}` in {place} is wrong; the file is damaged")]
    Wrong { field: &'static str, place: String },
    /// Regression, ranking or a hinge.
    #[error(
        "the XGBoost model's objective is `{objective}`; binary:logistic and multi:softprob can be used"
    )]
    Objective { objective: String },
    /// Linear, or with trees that drop out.
    #[error("the XGBoost model's booster is `{booster}`; gbtree can be used")]
    Booster { booster: String },
    /// Categories that a data frame named.
    #[error("the XGBoost model has named categories; train it on their numbers")]
    NamedCategories,
    /// No round.
    #[error("the XGBoost model has no trees")]
    NoTrees,
    /// Rows of another table.
    #[error("the XGBoost model reads {wanted} columns, and the rows have {found}")]
    Columns { wanted: usize, found: usize },
}

/// A model read from its text.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) text: String,
    pub(super) columns: usize,
    /// Number of classes, at least 2. Two classes have one margin, of the second.
    pub(super) classes: usize,
    /// The margins before the first tree, one for each tree of a round.
    pub(super) base: Vec<f32>,
    /// The trees, round by round, in each class by class.
    pub(super) trees: Vec<Tree>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    learner: Learner,
    version: [u32; 3],
}

#[derive(Deserialize)]
struct Head {
    version: Vec<u32>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Learner {
    #[serde(rename = "attributes")]
    _attributes: IgnoredAny,
    feature_names: Vec<String>,
    feature_types: Vec<String>,
    gradient_booster: GradientBooster,
    #[serde(rename = "learner_model_param")]
    param: Param,
    objective: Map<String, Value>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct GradientBooster {
    model: Grown,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Grown {
    cats: Categories,
    gbtree_model_param: Counts,
    iteration_indptr: Vec<usize>,
    tree_info: Vec<usize>,
    trees: Vec<TreeText>,
}

/// What a data frame's categories are called.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Categories {
    enc: Vec<IgnoredAny>,
    feature_segments: Vec<IgnoredAny>,
    sorted_idx: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Counts {
    num_parallel_tree: String,
    num_trees: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Param {
    base_score: String,
    #[serde(rename = "boost_from_average")]
    _boost_from_average: IgnoredAny,
    num_class: String,
    num_feature: String,
    num_target: String,
}

const MODEL: &str = "the model";

impl Model {
    /// Reads and checks a whole text.
    pub(super) fn parse(text: String) -> Result<Self, TextError> {
        let file: File = serde_json::from_str(&text).map_err(|error| not_a_model(&text, &error))?;
        let wrong = |field| TextError::Wrong { field, place: MODEL.to_owned() };
        if file.version[..2] != SUPPORTED {
            return Err(of_version(&file.version));
        }
        let Learner { feature_names, feature_types, param, .. } = &file.learner;
        let GradientBooster { model, name } = &file.learner.gradient_booster;
        if name != "gbtree" {
            return Err(TextError::Booster { booster: cut(name) });
        }
        let Categories { enc, feature_segments, sorted_idx } = &model.cats;
        if !(enc.is_empty() && feature_segments.is_empty() && sorted_idx.is_empty()) {
            return Err(TextError::NamedCategories);
        }
        let columns: usize = param.num_feature.parse().map_err(|_| wrong("num_feature"))?;
        // Every tree tells its own number of columns, and every split is checked against it.
        for (field, texts) in [("feature_names", feature_names), ("feature_types", feature_types)] {
            if !(texts.is_empty() || texts.len() == columns) {
                return Err(wrong(field));
            }
        }
        if columns == 0 || u32::try_from(columns).is_err() {
            return Err(wrong("num_feature"));
        }
        let objective = file.learner.objective.get("name").and_then(Value::as_str).unwrap_or("");
        let num_class: usize = param.num_class.parse().map_err(|_| wrong("num_class"))?;
        let (classes, width) = match (objective, num_class) {
            ("binary:logistic", 0) => (2, 1),
            ("multi:softprob", 2..) => (num_class, num_class),
            ("binary:logistic" | "multi:softprob", _) => return Err(wrong("num_class")),
            _ => return Err(TextError::Objective { objective: cut(objective) }),
        };
        if param.num_target != "1" {
            return Err(wrong("num_target"));
        }
        let trees = read_trees(model, width, columns)?;
        let base: Vec<f32> =
            serde_json::from_str(&param.base_score).map_err(|_| wrong("base_score"))?;
        if base.len() != width || !base.iter().all(|score| score.is_finite()) {
            return Err(wrong("base_score"));
        }
        let base = if classes == 2 && width == 1 { vec![logit(base[0])] } else { base };
        Ok(Self { text, columns, classes, base, trees })
    }

    /// Trees of a round.
    pub(super) fn width(&self) -> usize {
        self.base.len()
    }
}

/// The trees, checked, `width` a round.
fn read_trees(model: &Grown, width: usize, columns: usize) -> Result<Vec<Tree>, TextError> {
    let wrong = |field| TextError::Wrong { field, place: MODEL.to_owned() };
    let count = model.trees.len();
    if count == 0 {
        return Err(TextError::NoTrees);
    }
    if model.gbtree_model_param.num_trees.parse() != Ok(count) || !count.is_multiple_of(width) {
        return Err(wrong("num_trees"));
    }
    if model.gbtree_model_param.num_parallel_tree != "1" {
        return Err(wrong("num_parallel_tree"));
    }
    if !model.iteration_indptr.iter().copied().eq((0..=count).step_by(width)) {
        return Err(wrong("iteration_indptr"));
    }
    if !model.tree_info.iter().copied().eq((0..count).map(|tree| tree % width)) {
        return Err(wrong("tree_info"));
    }
    let read = |(id, tree): (usize, &TreeText)| {
        let place = |field| TextError::Wrong { field, place: format!("tree {id}") };
        Tree::of(tree, id, columns).map_err(place)
    };
    model.trees.iter().enumerate().map(read).collect()
}

/// The margin of a probability, which XGBoost keeps away from 0 and 1.
fn logit(probability: f32) -> f32 {
    const LEAST: f32 = 1e-6;
    let probability = probability.clamp(LEAST, 1.0 - LEAST);
    -(1.0 / probability - 1.0).ln()
}

/// Why a text cannot be read: the version that it names, if it is another one.
fn not_a_model(text: &str, error: &serde_json::Error) -> TextError {
    match serde_json::from_str::<Head>(text) {
        Ok(head) if !head.version.starts_with(&SUPPORTED) => of_version(&head.version),
        _ => TextError::NotAModel { reason: cut(&error.to_string()) },
    }
}

fn of_version(version: &[u32]) -> TextError {
    let numbers: Vec<String> = version.iter().take(4).map(u32::to_string).collect();
    TextError::Version { found: numbers.join(".") }
}

/// The beginning of what a stranger wrote.
fn cut(text: &str) -> String {
    text.chars().take(160).collect()
}
