//! Logistic regression: a round is a step of the solver.

use std::sync::atomic::AtomicBool;

use super::dataset::Dataset;
use super::fitted::Fitted;
use super::learner::{FitError, Learner};
use super::recipe::{Context, Member, Recipe, Size};
use super::singles::{Single, Singles};
use crate::examples::{Fold, Part};
use crate::logistic::{self, Linear, Settings, Solver};
use crate::spec::{ClassWeight, Count, LogisticRegressionParams, Params};

impl LogisticRegressionParams {
    fn settings(&self, class_weights: Option<&[f32]>) -> Settings {
        Settings {
            c: self.c.get(),
            l1_ratio: self.l1_ratio.get(),
            fit_intercept: self.fit_intercept,
            max_iter: self.max_iter.get(),
            tol: self.tol.get(),
            class_weights: {
                class_weights.into_iter().flatten().map(|&weight| f64::from(weight)).collect()
            },
        }
    }
}

impl Recipe for LogisticRegressionParams {
    fn rounds(&self) -> u32 {
        self.max_iter.get()
    }

    fn class_weight(&self) -> Option<&ClassWeight> {
        Some(&self.class_weight)
    }

    /// All but the number of steps.
    fn own(&self) -> String {
        let fewest = Count::try_from(1).unwrap_or(self.max_iter);
        format!("{:?}", Self { max_iter: fewest, ..self.clone() })
    }

    /// Products of the inputs for every pair of classes; a dozen steps do, whatever may be taken.
    fn cost(&self, data: &Dataset<'_>, preparation: usize) -> u64 {
        let inputs = data.fold(preparation, 0).train.features.columns() as u64;
        inputs * inputs * data.classes() as u64 * 12 / u64::from(self.max_iter.get())
    }

    fn size(&self, members: &[Member<'_>], cx: &Context<'_>) -> Size {
        let settings = self.settings(None);
        let bytes = members.iter().map(|member| {
            let train = &member.fold.train.features;
            let (rows, columns) = (train.rows() as u64, train.columns() as u64);
            logistic::memory(rows, columns, cx.data.classes() as u64, &settings) as f64
        });
        Size {
            bytes: bytes.sum(),
            what: "a logistic regression".to_owned(),
            remedy: "take fewer inputs",
        }
    }

    fn most_bytes(&self, data: &Dataset<'_>, preparation: usize) -> f64 {
        let inputs = data.folds(preparation).iter().map(|fold| fold.train.features.columns());
        8.0 * (inputs.max().unwrap_or(0) as f64 + 1.0) * data.classes() as f64
    }

    fn start<'a>(
        &self,
        members: Vec<Member<'a>>,
        _: usize,
        cx: &Context<'a>,
    ) -> Result<Box<dyn Learner + 'a>, FitError> {
        let classes = cx.data.classes();
        let single = |member: Member<'a>| {
            let Params::LogisticRegression(params) = member.params else {
                return Err(FitError::Left { member: 0 });
            };
            let train = &member.fold.train;
            let settings = params.settings(member.class_weights.as_deref());
            let solver = Solver::new(&train.features, &train.labels, classes, &settings)?;
            let (fold, stop) = (member.fold, cx.stop);
            let kept = solver.model();
            let single: Box<dyn Single + 'a> = Box::new(Solving { solver, fold, kept, stop });
            Ok((single, fold))
        };
        let singles = members.into_iter().map(single).collect::<Result<Vec<_>, FitError>>()?;
        Ok(Box::new(Singles::new(singles, classes, cx)))
    }

    fn restore(&self, bytes: &[u8], fold: &Fold, classes: usize) -> Option<Fitted> {
        let columns = fold.train.features.columns();
        let (numbers, rest) = bytes.as_chunks::<8>();
        if !rest.is_empty() || numbers.len() != (columns + 1).checked_mul(classes)? {
            return None;
        }
        let mut numbers = numbers.iter().map(|&number| f64::from_le_bytes(number));
        let weights = numbers.by_ref().take(columns * classes).collect();
        Linear::new(classes, columns, weights, numbers.collect()).ok().map(Fitted::Linear)
    }
}

/// A regression on its way to the solution.
struct Solving<'a> {
    solver: Solver,
    fold: &'a Fold,
    kept: Linear,
    stop: &'a AtomicBool,
}

impl Single for Solving<'_> {
    fn round(&mut self) -> Result<bool, FitError> {
        let step = self.solver.step(self.stop).ok_or(FitError::Stopped)?;
        Ok(!step.converged)
    }

    fn probabilities(&mut self, part: Part) -> Result<Vec<f64>, FitError> {
        let logs = self.solver.model().log_probabilities(&self.fold.part(part).features)?;
        Ok(logs.into_iter().map(f64::exp).collect())
    }

    fn keep(&mut self) -> Result<(), FitError> {
        self.kept = self.solver.model();
        Ok(())
    }

    fn best(&self) -> Result<Fitted, FitError> {
        Ok(Fitted::Linear(self.kept.clone()))
    }
}
