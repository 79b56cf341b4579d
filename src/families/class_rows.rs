//! Class weights as numbers: the classes are known once the rows are prepared.

use crate::examples::Fold;
use crate::spec::{Axis, ClassWeight, GridFile, WeightByClass, WeightRule};

/// A class weight is given to a class that does not exist.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "grid.class_weight names the class {class:?}, which the target does not have (it has {known}): \
     correct or remove it"
)]
pub struct UnknownClass {
    /// The class.
    pub class: String,
    /// The classes that are there.
    pub known: String,
}

/// The classes, and how many train rows of each the folds have.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ClassRows {
    names: Vec<String>,
    /// By fold, then by class.
    counts: Vec<Vec<usize>>,
}

impl ClassRows {
    /// Counts the train rows of each fold, for grids whose class weights name none but `classes`.
    ///
    /// # Errors
    /// [`UnknownClass`].
    pub fn count(
        classes: &[String],
        folds: &[Fold],
        file: &GridFile,
    ) -> Result<Self, UnknownClass> {
        let unknown = |class_weight: &ClassWeight| {
            let ClassWeight::ByClass(by_class) = class_weight else { return None };
            let mut named = by_class.iter().map(|(class, _)| class.to_owned());
            named.find(|class| !classes.contains(class))
        };
        let unknown = file.grids().find_map(|(_, _, axes)| {
            axes.class_weight.iter().flat_map(Axis::values).find_map(unknown)
        });
        if let Some(class) = unknown {
            let known = classes.iter().map(|name| format!("{name:?}"));
            return Err(UnknownClass { class, known: known.collect::<Vec<_>>().join(", ") });
        }
        let count = |fold: &Fold| {
            let mut counts = vec![0; classes.len()];
            fold.train.labels.iter().for_each(|&label| counts[label as usize] += 1);
            counts
        };
        Ok(Self { names: classes.to_vec(), counts: folds.iter().map(count).collect() })
    }

    /// Number of classes.
    pub(super) fn classes(&self) -> usize {
        self.names.len()
    }

    /// The weight of the rows of each class on a fold, `[classes]`; `None` if all weigh the same.
    pub(super) fn weights(&self, class_weight: &ClassWeight, fold: usize) -> Option<Vec<f32>> {
        let weights = match class_weight {
            ClassWeight::Rule(WeightRule::None) => return None,
            ClassWeight::Rule(WeightRule::Balanced) => balanced(&self.counts[fold]),
            ClassWeight::ByClass(by_class) => self.named(by_class),
        };
        Some(weights.into_iter().map(|weight| weight as f32).collect())
    }

    fn named(&self, by_class: &WeightByClass) -> Vec<f64> {
        let weight = |name: &String| {
            let named = by_class.iter().find(|(class, _)| class == name);
            named.map_or(1.0, |(_, weight)| weight)
        };
        self.names.iter().map(weight).collect()
    }
}

/// The weights that scikit-learn calls balanced, of classes with that many rows.
fn balanced(counts: &[usize]) -> Vec<f64> {
    let rows: usize = counts.iter().sum();
    // A class without train rows has nothing to weigh.
    let weight = |&count: &usize| rows as f64 / (counts.len() * count.max(1)) as f64;
    counts.iter().map(weight).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use serde_json::json;

    use super::*;
    use crate::examples::{Examples, Matrix};

    fn grid(class_weight: &serde_json::Value) -> GridFile {
        let grid = json!({
            "learning_rate": [0.1], "optimizer": ["sgd"], "epochs": [1], "hidden": [[]],
            "class_weight": [class_weight]
        });
        let data = json!({"source": {"file": "x.csv"}, "target": "y"});
        serde_json::from_value(json!({"name": "x", "data": data, "grid": grid})).unwrap()
    }

    /// The weights on each of two folds of the classes "fine", "worn" and "broken".
    fn weights(class_weight: &serde_json::Value) -> Result<[Option<Vec<f32>>; 2], UnknownClass> {
        let fold = |labels: &[u32]| {
            let features = Matrix::new(1, vec![0.0; labels.len()]);
            Fold { train: Examples { features, labels: labels.to_vec() }, ..Fold::default() }
        };
        let folds = [fold(&[0, 0, 0, 0, 1, 2]), fold(&[0, 1, 1, 0, 2, 2])];
        let classes = ["fine", "worn", "broken"].map(str::to_owned);
        let grid = grid(class_weight);
        let rows = ClassRows::count(&classes, &folds, &grid)?;
        Ok([0, 1]
            .map(|fold| rows.weights(&grid.grid.class_weight.as_ref().unwrap().values()[0], fold)))
    }

    #[test]
    fn balanced_weights_are_scikit_learns_on_each_folds_own_train_rows() {
        // compute_class_weight("balanced", classes=[0, 1, 2], y=labels)
        let expected = [Some(vec![0.5, 2.0, 2.0]), Some(vec![1.0, 1.0, 1.0])];
        assert_eq!(weights(&json!("balanced")).unwrap(), expected);
        assert_eq!(weights(&json!("none")).unwrap(), [None, None]);
    }

    #[test]
    fn classes_that_are_not_named_count_one() {
        let expected = Some(vec![1.0, 20.0, 1.0]);
        assert_eq!(weights(&json!({"worn": 20})).unwrap(), [expected.clone(), expected]);
    }

    #[test]
    fn an_unknown_class_is_refused_with_the_known_ones() {
        let message = weights(&json!({"worn": 20, "Worn": 2})).unwrap_err().to_string();
        assert_eq!(
            message,
            "grid.class_weight names the class \"Worn\", which the target does not have (it has \
             \"fine\", \"worn\", \"broken\"): correct or remove it"
        );
    }
}
