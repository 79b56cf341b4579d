//! Whether the axes of the variants make trials that can be trained.

use super::axes::Axes;
use super::check::{Problem, problem};
use super::families::Family;
use super::grid_file::GridFile;
use super::optimizers::Optimizer;
use super::value::Axis;
use super::variants::Variant;
use crate::network::Norm;

/// Whether every variant has the axes of its family, and values that go together.
pub(super) fn check_grid(file: &GridFile) -> Result<(), Problem> {
    check_axes("grid", Family::Mlp, &file.grid)?;
    for (name, variant) in file.variants.iter() {
        check_axes(&format!("variants.{name}.grid"), variant.family, &variant.grid)?;
    }
    check_given(file)?;
    let sgd = &file.fixed.sgd;
    let uses_sgd = networks(file).any(|(_, _, axes)| {
        axes.optimizer.is_some_and(|optimizers| optimizers.values().contains(&Optimizer::Sgd))
    });
    if uses_sgd && sgd.nesterov && sgd.momentum.get() == 0.0 {
        return problem("fixed.sgd.nesterov", "it asks for a momentum above 0");
    }
    check_losses(file)?;
    check_norms(file)?;
    let features = file.data.features.as_deref();
    if features.is_some_and(<[String]>::is_empty) && file.steps.is_empty() {
        return problem("data.features", "the list is empty: name a column");
    }
    Ok(())
}

/// Whether the family has all axes that are named.
fn check_axes(key: &str, family: Family, axes: &Axes) -> Result<(), Problem> {
    let other = axes.given().into_iter().find(|axis| !family.axes().contains(axis));
    let Some(wrong) = other else { return Ok(()) };
    let with: Vec<&str> = Family::with_axis(wrong).map(Family::name).collect();
    let why = if key == "grid" {
        format!(
            "the grid file's own axes are those of networks, and {wrong} is one of {}: put it into the \
             grid of a variant with \"family\": \"{}\"",
            with.join(", "),
            with.first().unwrap_or(&"")
        )
    } else {
        let own: Vec<&str> =
            Axes::NAMES.iter().copied().filter(|name| family.axes().contains(name)).collect();
        format!(
            "{family} has no axis {wrong}, which is one of {} (axes of {family}: {})",
            with.join(", "),
            own.join(", ")
        )
    };
    problem(&format!("{key}.{wrong}"), why)
}

/// Whether every axis without a default is given.
fn check_given(file: &GridFile) -> Result<(), Problem> {
    for (name, variant) in file.variants.iter() {
        let axes = variant.family.grid(&variant.grid, &file.grid);
        let Some(lacking) = variant.family.lacking(&axes) else { continue };
        return problem(
            "grid",
            format!(
                "the key `{lacking}` is missing, which the variant {name:?} of the family {} needs: add it, \
                 or name another family in the variant, such as \"family\": \"random_forest\"",
                variant.family
            ),
        );
    }
    Ok(())
}

/// The variants that train networks, with their axes.
fn networks(file: &GridFile) -> impl Iterator<Item = (&str, &Variant, Axes)> {
    let networks = file.variants.iter().filter(|(_, variant)| variant.family == Family::Mlp);
    networks.map(|(name, variant)| (name, variant, Family::Mlp.grid(&variant.grid, &file.grid)))
}

/// Whether every trial has one kind of loss to minimise.
fn check_losses(file: &GridFile) -> Result<(), Problem> {
    let both = networks(file).find(|(_, _, axes)| {
        let smoothings = axes.label_smoothing.iter().flat_map(Axis::values);
        let gammas = axes.focal_gamma.iter().flat_map(Axis::values);
        smoothings.into_iter().any(|smoothing| smoothing.get() > 0.0)
            && gammas.into_iter().any(|gamma| gamma.get() > 0.0)
    });
    let Some((name, variant, _)) = both else { return Ok(()) };
    let key = match (&variant.grid.focal_gamma, &variant.grid.label_smoothing) {
        (Some(_), _) => format!("variants.{name}.grid.focal_gamma"),
        (None, Some(_)) => format!("variants.{name}.grid.label_smoothing"),
        (None, None) => "grid.focal_gamma".to_owned(),
    };
    problem(
        &key,
        "a trial cannot have both focal_gamma and label_smoothing above 0: leave one of them at 0, \
         or give each a variant of its own",
    )
}

/// Whether every batch norm has rows to look at.
fn check_norms(file: &GridFile) -> Result<(), Problem> {
    let alone = networks(file).find(|(_, _, axes)| {
        let sizes = axes.batch_size.iter().flat_map(Axis::values);
        axes.norm.as_ref().is_some_and(|norms| norms.values().contains(&Norm::Batch))
            && sizes.into_iter().any(|rows| rows.get() == 1)
    });
    let Some((name, variant, _)) = alone else { return Ok(()) };
    let key = match (&variant.grid.batch_size, &variant.grid.norm) {
        (Some(_), _) => format!("variants.{name}.grid.batch_size"),
        (None, Some(_)) => format!("variants.{name}.grid.norm"),
        (None, None) => "grid.batch_size".to_owned(),
    };
    problem(&key, "a batch norm needs 2 rows a step or more: leave out batch_size 1, or norm batch")
}
