//! The steps of a variant after those that it shares with others.

use super::Pipeline;
use super::fitting::Fitting;
use super::prepared::NotReady;
use super::remarks::{embedding_warning, unscaled};
use super::trunk::Trunk;
use crate::data::FoldRows;
use crate::examples::Fold;
use crate::plural::counted;
use crate::random::Streams;
use crate::spec::{GridFile, Preparation};

/// A preparation's own steps.
pub(super) struct Branch<'b, 'a> {
    pub preparation: &'b Preparation<'a>,
    pub grid: &'a GridFile,
    pub trunk: &'b Trunk<'a>,
}

impl Branch<'_, '_> {
    /// A fold with all steps, those of the trunk being done.
    pub fn fit<'t>(
        &self,
        common: &Fitting<'t>,
        (run_seed, number): (u64, usize),
    ) -> Result<Fitting<'t>, NotReady> {
        let mut fitting = common.clone();
        // Their notes and warnings are told once.
        (fitting.notes, fitting.warnings) = (Vec::new(), Vec::new());
        for (place, step) in self.preparation.more.iter().enumerate() {
            let place_of_all = (self.trunk.steps.len() + place) as u64;
            let fitted = fitting.fit(step, &Streams::new(run_seed, place_of_all, number as u32));
            let key = format!("variants.{}.steps[{place}]", self.preparation.variant);
            fitted.map_err(|error| error.in_step(key, step.name()))?;
        }
        fitting.keep_categories(&self.preparation.families)?;
        Ok(fitting)
    }

    /// The rows and the pipeline of a fold, with what is said of them.
    pub fn finish(
        &self,
        mut fitting: Fitting<'_>,
        fold_rows: &FoldRows,
        (notes, warnings): (&mut Vec<String>, &mut Vec<String>),
    ) -> Result<(Fold, Pipeline), NotReady> {
        let Self { preparation, grid, trunk } = self;
        let mut said = std::mem::take(&mut fitting.notes);
        let mut warned = std::mem::take(&mut fitting.warnings);
        let unseen = fitting.unseen();
        let (fold, pipeline) = fitting.finish(&trunk.reads, fold_rows, &preparation.families)?;
        warned.extend(unscaled(&fold.train.features, &pipeline, &preparation.families));
        warned.extend(embedding_warning(grid, preparation, &fold.numbers));
        if unseen > 0 {
            said.push(format!("unknown categories in {}", counted(unseen, "cell")));
        }
        let is_own = !preparation.more.is_empty() || preparation.replaced.is_some();
        let of_variant = |text| {
            if is_own { format!("variant {}: {text}", preparation.variant) } else { text }
        };
        notes.extend(said.into_iter().map(of_variant));
        warnings.extend(warned.into_iter().map(of_variant));
        Ok((fold, pipeline))
    }
}
