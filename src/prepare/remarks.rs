//! Warnings about what a grid asks for, and about what came of it.

use super::Pipeline;
use crate::examples::Matrix;
use crate::plural::counted;
use crate::spec::{
    Axis, By, ClassWeight, Embedding, Family, GridFile, Preparation, Span, Step, WeightRule,
};

/// A warning about splits that put rows which share readings or events into different parts.
pub(super) fn split_warning(grid: &GridFile) -> Option<String> {
    let preparations = grid.variants.preparations();
    let of_preparation = |one: &Preparation<'_>| {
        one.replaced.unwrap_or(&grid.steps).iter().chain(one.more).cloned().collect()
    };
    let lists: Vec<Vec<Step>> = preparations.iter().map(of_preparation).collect();
    lists.iter().find_map(|steps| steps_warning(grid, steps))
}

/// The same of one list of steps.
fn steps_warning(grid: &GridFile, steps: &[Step]) -> Option<String> {
    let by = grid.split.by();
    let chance = matches!(by, By::Stratified | By::Random);
    if let Some(step) = steps.iter().find(|step| step.shares_rows()).filter(|_| chance) {
        return Some(format!(
            "{} makes rows share information, and the rows are split at random: scores on validation and \
             test rows will be too good; split by time or group",
            step.name()
        ));
    }
    let gap = grid.split.gap().map_or(0, Span::milliseconds);
    steps.iter().find_map(|step| match step {
        Step::Label(label) if by == By::Time && gap < label.within.milliseconds() => Some(format!(
            "the label looks {} ahead, and the split's gap is shorter: the last rows before a part leak \
             it; set \"gap\": \"{}\"",
            label.within, label.within
        )),
        _ => None,
    })
}

/// A warning about rare classes that are weighted twice.
pub(super) fn weight_warning(grid: &GridFile) -> Option<String> {
    let balances = |steps: &[Step]| steps.iter().any(|step| matches!(step, Step::Balance(_)));
    let compounds = grid.variants.iter().zip(grid.grids()).any(|((_, variant), (.., axes))| {
        let mut weights = axes.class_weight.iter().flat_map(Axis::values);
        let weighted = weights.any(|one| *one != ClassWeight::Rule(WeightRule::None));
        let own = variant.replace_steps.as_ref().unwrap_or(&grid.steps);
        weighted && (balances(own) || balances(&variant.steps))
    });
    compounds.then(|| {
        "balance and class_weight compound: weights count on top of the rows that balance has added or \
         left out (\"balanced\" is computed of those); take one of the two"
            .to_owned()
    })
}

/// A warning about an embedding with nothing to embed.
pub(super) fn embedding_warning(
    grid: &GridFile,
    preparation: &Preparation<'_>,
    numbers: &[usize],
) -> Option<String> {
    let embeds = grid.variants.iter().zip(grid.grids()).any(|((_, variant), (.., axes))| {
        let asked = |one: &Embedding| matches!(one, Embedding::Periodic(_));
        preparation.is_of(variant) && axes.embedding.iter().flat_map(Axis::values).any(asked)
    });
    (embeds && numbers.is_empty()).then(|| {
        "embedding: no input is a number, all are of one_hot or bins: the networks train without it"
            .to_owned()
    })
}

/// A warning about inputs far from the size that some of the `families` need; `None` if there are none.
pub(super) fn unscaled(train: &Matrix, pipeline: &Pipeline, families: &[Family]) -> Option<String> {
    const LARGE: f32 = 100.0;
    let mut largest = vec![0.0_f32; train.columns()];
    for row in train.values().chunks_exact(train.columns().max(1)) {
        for (largest, value) in largest.iter_mut().zip(row) {
            *largest = largest.max(value.abs());
        }
    }
    let sensitive = families.iter().filter(|family| family.sees_scale());
    let sensitive: Vec<&str> = sensitive.map(|family| family.name()).collect();
    let (last, before) = sensitive.split_last()?;
    let whose = match before {
        [] => format!("{last} is"),
        _ => format!("{} and {last} are", before.join(", ")),
    };
    let large = pipeline.inputs.iter().zip(largest).filter(|(_, largest)| *largest > LARGE);
    let large: Vec<String> = large.map(|(name, _)| format!("{name:?}")).collect();
    let first = large.first()?;
    let verb = if large.len() == 1 { "reaches" } else { "reach" };
    let others = match large.len() {
        1 => String::new(),
        count => format!(" and {}", counted(count - 1, "other input")),
    };
    Some(format!(
        "{first}{others} {verb} beyond {LARGE}, and {whose} sensitive to the scale of inputs: add a step \
         {{\"scale\": {{}}}}"
    ))
}
