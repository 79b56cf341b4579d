//! The trials of a grid, numbered in a fixed order.

use std::collections::BTreeMap;

use crate::families::{Recipe, recipe};
use crate::spec::{Axes, Family, GridFile, Params};

/// One combination of hyperparameters.
#[derive(Debug, Clone, PartialEq)]
pub struct Trial {
    /// Its number, from 0, in the order of [`trials`].
    pub number: usize,
    /// The variant's name.
    pub variant: String,
    /// How the variant prepares the rows: a place in [`crate::spec::Variants::preparations`].
    pub preparation: usize,
    /// The hyperparameters.
    pub params: Params,
}

impl Trial {
    /// The family.
    pub fn family(&self) -> Family {
        self.params.family()
    }

    /// What the sweep asks of its hyperparameters.
    pub fn recipe(&self) -> &dyn Recipe {
        recipe(&self.params)
    }

    /// The most rounds that it is trained for.
    pub fn rounds(&self) -> u32 {
        self.recipe().rounds()
    }

    /// What trials of one job have in common.
    pub(super) fn shape(&self) -> (usize, Family, String) {
        (self.preparation, self.family(), self.recipe().shape())
    }

    /// A setting as tables show it; empty where the family has no such axis.
    fn setting(&self, name: &str) -> String {
        match name {
            VARIANT => self.variant.clone(),
            FAMILY => self.family().name().to_owned(),
            axis => self.params.cell(axis).unwrap_or_default(),
        }
    }
}

const VARIANT: &str = "variant";
const FAMILY: &str = "family";

/// The column of the repeats.
const SEED: &str = "seed";

/// The columns of hyperparameters in every table: the variant, the family, and the axes of all families
/// of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Columns(Vec<&'static str>);

impl Columns {
    /// The columns for these trials.
    pub fn of<'a>(trials: impl IntoIterator<Item = &'a Trial>) -> Self {
        let mut families: Vec<Family> = trials.into_iter().map(Trial::family).collect();
        families.sort_unstable();
        families.dedup();
        let is_had = |axis: &&str| families.iter().any(|family| family.axes().contains(axis));
        let axes = Axes::NAMES.iter().copied().filter(is_had);
        Self([VARIANT, FAMILY].into_iter().chain(axes).collect())
    }

    /// The names.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.0.iter().copied()
    }

    /// The names but for the seed.
    pub fn names_but_seed(&self) -> impl Iterator<Item = &'static str> {
        self.names().filter(|name| *name != SEED)
    }

    /// The values of a trial, in the order of the names; empty where its family has no such axis.
    pub fn values(&self, trial: &Trial) -> Vec<String> {
        self.names().map(|name| trial.setting(name)).collect()
    }

    /// The values of a trial but for the seed.
    pub fn values_but_seed(&self, trial: &Trial) -> Vec<String> {
        self.names_but_seed().map(|name| trial.setting(name)).collect()
    }
}

/// How trials differ: by the variant, where there are several, and the axes on which trials of one
/// variant differ.
#[derive(Debug)]
pub struct Varied {
    /// Names of columns, by variant.
    names: BTreeMap<String, Vec<&'static str>>,
}

impl Varied {
    /// How these trials differ.
    pub fn among<'a>(trials: impl IntoIterator<Item = &'a Trial>) -> Self {
        let trials: Vec<&Trial> = trials.into_iter().collect();
        let columns = Columns::of(trials.iter().copied());
        let mut variants: BTreeMap<String, (Vec<String>, Vec<bool>)> = BTreeMap::new();
        for trial in trials {
            let settings = columns.values(trial);
            let fresh = || (settings.clone(), vec![false; settings.len()]);
            let (first, differ) = variants.entry(trial.variant.clone()).or_insert_with(fresh);
            for (differ, (one, other)) in differ.iter_mut().zip(settings.iter().zip(first)) {
                *differ |= one != other;
            }
        }
        let several = variants.len() > 1;
        let names = variants.into_iter().map(|(variant, (_, differ))| {
            let is_told =
                |(name, differs): &(&str, bool)| *differs || (several && *name == VARIANT);
            let told = columns.names().zip(differ).filter(is_told);
            (variant, told.map(|(name, _)| name).collect())
        });
        Self { names: names.collect() }
    }

    /// The settings by which a trial differs: `learning_rate 0.01`, `hidden 64-32`.
    pub fn of(&self, trial: &Trial) -> Vec<String> {
        let names = self.names.get(&trial.variant).into_iter().flatten();
        names.map(|name| format!("{name} {}", trial.setting(name))).collect()
    }
}

/// Every combination of the values of every variant's grid, one variant after the other; within an axis
/// the order is the grid file's, and which axis varies fastest is the family's.
pub fn trials(file: &GridFile) -> Vec<Trial> {
    let mut all = Vec::new();
    for (preparation, name, family, axes) in grids(file) {
        for params in
            (0..family.trials(&axes) as usize).filter_map(|place| family.nth(&axes, place))
        {
            let (number, variant) = (all.len(), name.to_owned());
            all.push(Trial { number, variant, preparation, params });
        }
    }
    all
}

/// The trial of a number, without those before it: a grid from a stranger may make any number of them.
pub fn trial(file: &GridFile, number: usize) -> Option<Trial> {
    let mut place = number as u64;
    for (preparation, name, family, axes) in grids(file) {
        let count = family.trials(&axes);
        if place < count {
            let params = family.nth(&axes, place as usize)?;
            return Some(Trial { number, variant: name.to_owned(), preparation, params });
        }
        place -= count;
    }
    None
}

/// Every variant's preparation, name, family and axes.
fn grids(file: &GridFile) -> impl Iterator<Item = (usize, &str, Family, Axes)> {
    let preparations = file.variants.preparations();
    file.variants.iter().zip(file.grids()).map(move |((_, variant), (name, family, axes))| {
        let preparation = preparations.iter().position(|one| one.is_of(variant)).unwrap_or(0);
        (preparation, name, family, axes)
    })
}
