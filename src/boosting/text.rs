//! A model's text: LightGBM's own format, read strictly, since the file may be a stranger's.
//!
//! Every count is checked against the text before room is made for what it counts.

use std::fmt::Write as _;
use std::ops::Range;
use std::str::FromStr;

use super::tree::Tree;

/// Why a text is not a model that can be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[allow(missing_docs)] // the fields are what the messages name
pub enum TextError {
    /// Does not begin as a model does.
    #[error(
        "this is not a LightGBM model of version 4: it does not begin with `tree` and `version=v4`"
    )]
    NotAModel,
    /// A field that is missing, or there twice.
    #[error("the LightGBM model has {count} `{field}` in {place} where it must have one")]
    Field { field: String, count: usize, place: String },
    /// A field whose value cannot be.
    #[error("the LightGBM model's `{field}` in {place} is wrong; the file is damaged")]
    Wrong { field: String, place: String },
    /// A field that no version 4 writes.
    #[error("the LightGBM model has a line `{line}` in {place} that is not understood")]
    Unknown { line: String, place: String },
    /// Regression, ranking or a class each for itself.
    #[error("the LightGBM model's objective is `{objective}`; binary and multiclass can be used")]
    Objective { objective: String },
    /// `linear_tree=true`.
    #[error("the LightGBM model has linear trees; train it with linear_tree=false")]
    LinearTree,
    /// No iteration.
    #[error("the LightGBM model has no trees")]
    NoTrees,
    /// Rows of another table.
    #[error("the LightGBM model reads {wanted} columns, and the rows have {found}")]
    Columns { wanted: usize, found: usize },
}

/// What the sum of a row's leaves means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Objective {
    /// Two classes; the logistic function of the sum is the second's probability.
    Binary { sigmoid: f64 },
    /// A sum for each class.
    Multiclass,
}

/// A model read from its text.
#[derive(Debug, Clone)]
pub(super) struct Model {
    pub(super) text: String,
    pub(super) objective: Objective,
    pub(super) classes: usize,
    /// Trees of an iteration: a class each, or one in all where there are two classes.
    pub(super) per_iteration: usize,
    /// Whether trees are averaged, not added up.
    pub(super) is_averaged: bool,
    pub(super) names: Vec<String>,
    pub(super) trees: Vec<Tree>,
    /// Where each tree lies in the text.
    spans: Vec<Range<usize>>,
}

/// How the trees begin, in the header's last line.
const SIZES: &str = "tree_sizes=";
const END: &str = "end of trees\n";

impl Model {
    /// Reads and checks a whole text.
    pub(super) fn parse(text: String) -> Result<Self, TextError> {
        let start = text.strip_prefix("tree\nversion=v4\n").ok_or(TextError::NotAModel)?;
        let wrong =
            |field: &str| TextError::Wrong { field: field.to_owned(), place: HEADER.into() };
        let (header, body) = start.split_once("\n\n").ok_or_else(|| wrong("tree_sizes"))?;
        let is_averaged = header.lines().any(|line| line == AVERAGED);
        let header: Vec<&str> = header.lines().filter(|line| *line != AVERAGED).collect();
        let mut fields = Fields::of(&header, HEADER)?;
        let num_class: usize = fields.number("num_class")?;
        let per_iteration: usize = fields.number("num_tree_per_iteration")?;
        let (objective, classes) = read_objective(fields.take("objective")?)?;
        let trees_for =
            if classes == 2 && objective != Objective::Multiclass { 1 } else { classes };
        if num_class != trees_for || per_iteration != trees_for {
            return Err(wrong("num_class"));
        }
        let names: Vec<String> =
            fields.take("feature_names")?.split(' ').map(str::to_owned).collect();
        let columns = names.len();
        let last: usize = fields.number("max_feature_idx")?;
        if last != columns - 1 || fields.take("feature_infos")?.split(' ').count() != columns {
            return Err(wrong("feature_names"));
        }
        let sizes = fields.take("tree_sizes")?;
        fields.skip(&["label_index", "monotone_constraints"]);
        fields.end()?;
        if sizes.is_empty() {
            return Err(TextError::NoTrees);
        }
        let count = sizes.split(' ').count();
        let sizes: Vec<usize> = listed(sizes, count).ok_or_else(|| wrong("tree_sizes"))?;
        if !count.is_multiple_of(per_iteration) {
            return Err(wrong("tree_sizes"));
        }
        let (mut trees, mut spans) = (Vec::with_capacity(count), Vec::with_capacity(count));
        let mut at = text.len() - body.len();
        for (tree, size) in sizes.into_iter().enumerate() {
            let span = at..at.saturating_add(size);
            let place = || format!("tree {tree}");
            let wrong = || TextError::Wrong { field: "Tree".to_owned(), place: place() };
            let lines = text.get(span.clone()).ok_or_else(wrong)?;
            let lines = lines.strip_prefix(&format!("Tree={tree}\n")).ok_or_else(wrong)?;
            let lines = lines.strip_suffix("\n\n\n").ok_or_else(wrong)?;
            let lines: Vec<&str> = lines.split('\n').collect();
            trees.push(Tree::parse(Fields::of(&lines, &place())?, columns)?);
            at = span.end;
            spans.push(span);
        }
        if !text[at..].starts_with(END) {
            return Err(TextError::Field {
                field: END.trim().into(),
                count: 0,
                place: HEADER.into(),
            });
        }
        Ok(Self { text, objective, classes, per_iteration, is_averaged, names, trees, spans })
    }

    /// The model of the first iterations alone; its text is what LightGBM writes after as many.
    pub(super) fn prefix(&self, iterations: usize) -> Self {
        let count = iterations.saturating_mul(self.per_iteration).min(self.trees.len());
        let (trees, spans) = (self.trees[..count].to_vec(), &self.spans[..count]);
        let first = spans.first().map_or(0, |span| span.start);
        let last = spans.last().map_or(first, |span| span.end);
        let header = &self.text[..first];
        let mut text = header[..header.find(SIZES).unwrap_or(0)].to_owned();
        let sizes: Vec<String> = spans.iter().map(|span| span.len().to_string()).collect();
        let _ = write!(text, "{SIZES}{}\n\n", sizes.join(" "));
        let moved = text.len();
        text.push_str(&self.text[first..last]);
        text.push_str(END);
        self.write_importances(&trees, &mut text);
        let end = self.spans.last().map_or(0, |span| span.end);
        if let Some(parameters) = self.text[end..].find(PARAMETERS) {
            text.push_str(&self.text[end + parameters..]);
        }
        let place = |span: &Range<usize>| span.start - first + moved..span.end - first + moved;
        let spans = spans.iter().map(place).collect();
        let text = with_iterations(&text, count / self.per_iteration);
        Self { text, trees, spans, names: self.names.clone(), ..*self }
    }

    /// How often each column was split on with a gain, most often first.
    fn write_importances(&self, trees: &[Tree], text: &mut String) {
        let mut counts = vec![0_usize; self.names.len()];
        for &column in trees.iter().flat_map(Tree::gaining) {
            counts[column as usize] += 1;
        }
        let mut used: Vec<usize> = (0..counts.len()).filter(|&column| counts[column] > 0).collect();
        used.sort_by_key(|&column| std::cmp::Reverse(counts[column]));
        text.push_str("\nfeature_importances:\n");
        for column in used {
            let _ = writeln!(text, "{}={}", self.names[column], counts[column]);
        }
    }
}

const HEADER: &str = "the header";
const AVERAGED: &str = "average_output";
const PARAMETERS: &str = "\nparameters:\n";

/// The text with the number of iterations that it holds among its parameters, so that it does not
/// depend on how long the training went on, or was to go on.
pub(super) fn with_iterations(text: &str, iterations: usize) -> String {
    const NAME: &str = "\n[num_iterations: ";
    let place = text.rfind(PARAMETERS).and_then(|parameters| {
        let start = parameters + text[parameters..].find(NAME)? + NAME.len();
        Some((start, start + text[start..].find(']')?))
    });
    match place {
        Some((start, end)) => format!("{}{iterations}{}", &text[..start], &text[end..]),
        None => text.to_owned(),
    }
}

/// The objective and its number of classes.
fn read_objective(text: &str) -> Result<(Objective, usize), TextError> {
    let unknown = || TextError::Objective { objective: text.chars().take(80).collect() };
    if let Some(sigmoid) = text.strip_prefix("binary sigmoid:") {
        let sigmoid = sigmoid.parse().ok().filter(|value: &f64| value.is_finite() && *value > 0.0);
        return Ok((Objective::Binary { sigmoid: sigmoid.ok_or_else(unknown)? }, 2));
    }
    let classes = text.strip_prefix("multiclass num_class:").ok_or_else(unknown)?;
    let classes = classes.parse().ok().filter(|classes| *classes >= 2);
    Ok((Objective::Multiclass, classes.ok_or_else(unknown)?))
}

/// The `name=value` lines of a header or a tree, to be taken one by one.
pub(super) struct Fields<'a> {
    lines: Vec<(&'a str, &'a str)>,
    place: String,
}

impl<'a> Fields<'a> {
    fn of(lines: &[&'a str], place: &str) -> Result<Self, TextError> {
        let unknown = |line: &str| TextError::Unknown {
            line: line.chars().take(40).collect(),
            place: place.to_owned(),
        };
        let part = |line: &&'a str| line.split_once('=').ok_or_else(|| unknown(line));
        Ok(Self {
            lines: lines.iter().map(part).collect::<Result<_, _>>()?,
            place: place.to_owned(),
        })
    }

    /// Takes the one line with this name.
    pub(super) fn take(&mut self, name: &str) -> Result<&'a str, TextError> {
        let count = self.lines.iter().filter(|line| line.0 == name).count();
        match self.lines.iter().position(|line| line.0 == name) {
            Some(at) if count == 1 => Ok(self.lines.swap_remove(at).1),
            _ => Err(TextError::Field { field: name.to_owned(), count, place: self.place.clone() }),
        }
    }

    /// Takes a number.
    pub(super) fn number<T: FromStr>(&mut self, name: &str) -> Result<T, TextError> {
        self.take(name)?.parse().map_err(|_| self.wrong(name))
    }

    /// Takes so many numbers.
    pub(super) fn list<T: FromStr>(
        &mut self,
        name: &str,
        count: usize,
    ) -> Result<Vec<T>, TextError> {
        listed(self.take(name)?, count).ok_or_else(|| self.wrong(name))
    }

    /// Leaves out lines that say nothing about predictions.
    pub(super) fn skip(&mut self, names: &[&str]) {
        self.lines.retain(|line| !names.contains(&line.0));
    }

    /// Refuses what is left.
    pub(super) fn end(&self) -> Result<(), TextError> {
        let unknown = |line: &(&str, &str)| TextError::Unknown {
            line: line.0.chars().take(40).collect(),
            place: self.place.clone(),
        };
        self.lines.first().map_or(Ok(()), |line| Err(unknown(line)))
    }

    /// The error of a field whose value cannot be.
    pub(super) fn wrong(&self, field: &str) -> TextError {
        TextError::Wrong { field: field.to_owned(), place: self.place.clone() }
    }
}

/// Exactly so many numbers, parted by single spaces.
pub(super) fn listed<T: FromStr>(text: &str, count: usize) -> Option<Vec<T>> {
    if count == 0 {
        return text.is_empty().then(Vec::new);
    }
    if count > text.len() {
        return None;
    }
    let mut numbers = Vec::with_capacity(count);
    for number in text.split(' ') {
        if numbers.len() == count {
            return None;
        }
        numbers.push(number.parse().ok()?);
    }
    (numbers.len() == count).then_some(numbers)
}
