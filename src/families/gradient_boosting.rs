//! Gradient boosting by LightGBM: a round is an iteration.

use super::boosted::{self, memory_need, trees};
use super::dataset::Dataset;
use super::fitted::Fitted;
use super::learner::{FitError, Learner};
use super::lightgbm::lightgbm;
use super::recipe::{Context, Member, Recipe, Size};
use crate::boosting::{Booster, DataSampleStrategy, Rows, Settings, Trainer};
use crate::examples::Fold;
use crate::spec::{self, ClassWeight, Count, EarlyStopping, GradientBoostingParams, Params};

/// Bytes of a leaf in the text of a model, at most, and of what else a tree says.
const LEAF_BYTES: f64 = 200.0;
const TREE_BYTES: f64 = 4000.0;

impl GradientBoostingParams {
    fn settings(&self) -> Settings {
        Settings {
            num_iterations: self.num_iterations.get(),
            learning_rate: self.learning_rate.get(),
            num_leaves: self.num_leaves.get(),
            max_depth: self.max_depth.get().map_or(-1, u32::cast_signed),
            min_data_in_leaf: self.min_data_in_leaf,
            min_sum_hessian_in_leaf: self.min_sum_hessian_in_leaf.get(),
            bagging_fraction: self.bagging_fraction.get(),
            bagging_freq: self.bagging_freq,
            feature_fraction: self.feature_fraction.get(),
            feature_fraction_bynode: self.feature_fraction_bynode.get(),
            lambda_l1: self.lambda_l1.get(),
            lambda_l2: self.lambda_l2.get(),
            min_gain_to_split: self.min_gain_to_split.get(),
            max_delta_step: self.max_delta_step.get(),
            max_bin: self.max_bin.get(),
            min_data_in_bin: self.min_data_in_bin.get(),
            data_sample_strategy: match self.data_sample_strategy {
                spec::DataSampleStrategy::Bagging => DataSampleStrategy::Bagging,
                spec::DataSampleStrategy::Goss => DataSampleStrategy::Goss,
            },
            top_rate: self.top_rate.get(),
            other_rate: self.other_rate.get(),
            extra_trees: self.extra_trees,
            path_smooth: self.path_smooth.get(),
            cat_smooth: self.cat_smooth.get(),
            cat_l2: self.cat_l2.get(),
            max_cat_threshold: self.max_cat_threshold.get(),
            min_data_per_group: self.min_data_per_group.get(),
        }
    }
}

impl Recipe for GradientBoostingParams {
    fn rounds(&self) -> u32 {
        self.num_iterations.get()
    }

    fn seed(&self) -> Option<u64> {
        Some(self.seed)
    }

    fn class_weight(&self) -> Option<&ClassWeight> {
        Some(&self.class_weight)
    }

    fn early_stopping(&self) -> EarlyStopping {
        self.early_stopping
    }

    fn picks_round(&self) -> bool {
        true
    }

    /// All but the number of iterations.
    fn own(&self) -> String {
        let fewest = Count::try_from(1).unwrap_or(self.num_iterations);
        format!("{:?}", Self { num_iterations: fewest, ..self.clone() })
    }

    fn library(&self) -> Result<Option<(&'static str, &'static str)>, FitError> {
        Ok(Some(("lightgbm", lightgbm()?.version())))
    }

    fn check(&self, data: &Dataset<'_>, preparation: usize) -> Result<(), (&'static str, String)> {
        self.settings().check().map_err(|error| match error {
            crate::boosting::SettingsError::OutOfRange { name, .. } => (name, error.to_string()),
            error => ("data_sample_strategy", error.to_string()),
        })?;
        let rows = data.folds(preparation).iter().map(|fold| fold.train.labels.len()).min();
        let draws = self.bagging_fraction.get() * rows.unwrap_or(0) as f64;
        if self.bagging_freq > 0 && draws < 1.0 {
            return Err(("bagging_fraction", "it draws no row: raise it".to_owned()));
        }
        Ok(())
    }

    /// Inputs looked at for a class's tree, level by level.
    fn cost(&self, data: &Dataset<'_>, preparation: usize) -> u64 {
        let inputs = data.fold(preparation, 0).train.features.columns() as u64;
        let levels = u64::from(self.num_leaves.get().ilog2()) + 1;
        inputs * levels * trees(data.classes())
    }

    fn size(&self, members: &[Member<'_>], cx: &Context<'_>) -> Size {
        let settings = self.settings();
        let classes = cx.data.classes();
        let bytes = |member| memory_need(member, classes).bytes(&settings) as f64;
        Size {
            bytes: members.iter().map(bytes).sum(),
            what: format!("boosting of {} leaves", self.num_leaves.get()),
            remedy: "take smaller num_leaves or max_bin",
        }
    }

    fn most_bytes(&self, data: &Dataset<'_>, preparation: usize) -> f64 {
        let categories =
            data.folds(preparation).iter().map(Fold::most_categories).max().unwrap_or(0);
        // A split by category has a word for every 32 of them.
        let splits = if categories > 0 { 11.0 * (categories / 32 + 1) as f64 } else { 0.0 };
        let leaves = f64::from(self.num_leaves.get()) * (LEAF_BYTES + splits);
        1e6 + f64::from(self.rounds()) * trees(data.classes()) as f64 * (TREE_BYTES + leaves)
    }

    fn start<'a>(
        &self,
        members: Vec<Member<'a>>,
        _: usize,
        cx: &Context<'a>,
    ) -> Result<Box<dyn Learner + 'a>, FitError> {
        let library = lightgbm()?;
        boosted::start(members, cx, |params, rows, sets, seed| {
            let Params::GradientBoosting(params) = params else { return None };
            let trainer = Trainer::new(library, rows, sets, &params.settings(), seed);
            Some(trainer.map_err(FitError::from))
        })
    }

    fn restore(&self, bytes: &[u8], fold: &Fold, classes: usize) -> Option<Fitted> {
        let booster = Booster::parse(String::from_utf8(bytes.to_vec()).ok()?).ok()?;
        let fits =
            booster.classes() == classes && booster.names().len() == fold.train.features.columns();
        fits.then_some(Fitted::Booster(booster))
    }
}

impl boosted::Trainer for Trainer {
    fn train_round(&mut self) -> Result<bool, FitError> {
        Ok(!self.round()?)
    }

    fn probabilities_of(&mut self, rows: Rows) -> Result<Vec<f64>, FitError> {
        Ok(self.probabilities(rows)?)
    }

    fn trained(&mut self) -> Result<usize, FitError> {
        Ok(self.iterations()?)
    }

    fn model(&mut self, rounds: usize) -> Result<Fitted, FitError> {
        Ok(Fitted::Booster(self.booster(rounds)?))
    }
}
