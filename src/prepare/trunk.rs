//! Steps that several variants share: the grid file's own, or those that variants put in their place.

use super::fitting::Fitting;
use super::pipeline::Read;
use super::prepared::NotReady;
use super::rows::{Rows, Tables};
use super::start::start;
use super::steps::FittedStep;
use super::{PrepareError, Target};
use crate::data::{FoldRows, Table};
use crate::random::Streams;
use crate::spec::{GridFile, Preparation, Step};

/// The rows after the steps that need no split.
pub(super) struct Trunk<'a> {
    /// The steps in place of the grid file's own, where they are not these.
    pub replaced: Option<&'a [Step]>,
    /// Where the steps stand in the grid file.
    list: String,
    pub steps: &'a [Step],
    /// How many of them need no split.
    shared: usize,
    done: Vec<FittedStep>,
    pub rows: Rows<'a>,
    pub reads: Vec<Read>,
    pub target: Target,
    pub notes: Vec<String>,
}

impl<'a> Trunk<'a> {
    /// Those of all preparations, each once. All have the same rows.
    pub fn all(
        table: &'a Table,
        tables: &'a Tables,
        grid: &'a GridFile,
        preparations: &[Preparation<'a>],
    ) -> Result<Vec<Self>, NotReady> {
        let mut trunks: Vec<Self> = Vec::new();
        for preparation in preparations {
            if trunks.iter().any(|trunk| trunk.replaced == preparation.replaced) {
                continue;
            }
            let more = preparations
                .iter()
                .filter(|one| one.replaced == preparation.replaced)
                .flat_map(|one| one.more);
            let trunk = Self::grow(table, tables, grid, (preparation, more.cloned().collect()))?;
            let same = |first: &Self| {
                trunk.rows.origin() == first.rows.origin() && trunk.target == first.target
            };
            if !trunks.first().is_none_or(same) {
                return Err(PrepareError::OtherRows { key: trunk.list }.into());
            }
            trunks.push(trunk);
        }
        Ok(trunks)
    }

    fn grow(
        table: &'a Table,
        tables: &'a Tables,
        grid: &'a GridFile,
        (preparation, more): (&Preparation<'a>, Vec<Step>),
    ) -> Result<Self, NotReady> {
        let (list, steps) = match preparation.replaced {
            None => ("steps".to_owned(), grid.steps.as_slice()),
            Some(steps) => (format!("variants.{}.replace_steps", preparation.variant), steps),
        };
        let every: Vec<Step> = steps.iter().cloned().chain(more).collect();
        let (mut rows, reads) = start(table, tables, grid, &every)?;
        let shared = steps.iter().position(Step::needs_split).unwrap_or(steps.len());
        let mut done = Vec::new();
        for (place, step) in steps[..shared].iter().enumerate() {
            let key = || format!("{list}[{place}]");
            let resolved = FittedStep::resolve(step, &mut rows);
            let resolved = resolved.map_err(|error| error.in_step(key(), step.name()))?;
            resolved.apply(&mut rows).map_err(|error| error.in_step(key(), step.name()))?;
            done.push(resolved);
            if rows.height() == 0 {
                let said = rows.notes.pop().unwrap_or_default();
                let error = PrepareError::NothingLeft { path: rows.path(), said };
                return Err(error.in_step(key(), step.name()).into());
            }
        }
        let target = Target::read(&rows)?;
        if rows.features().is_empty() {
            return Err(PrepareError::NoFeatures { path: rows.path() }.into());
        }
        let notes = std::mem::take(&mut rows.notes);
        let replaced = preparation.replaced;
        Ok(Self { replaced, list, steps, shared, done, rows, reads, target, notes })
    }

    /// A fold with the steps that need the split; `streams` is the run's seed and the fold's number.
    pub fn fit<'t>(
        &'t self,
        fold: &FoldRows,
        (run_seed, number): (u64, usize),
    ) -> Result<Fitting<'t>, NotReady> {
        let mut fitting = Fitting::new(self.rows.clone(), fold, &self.target, self.done.clone());
        for (place, step) in self.steps.iter().enumerate().skip(self.shared) {
            let fitted = fitting.fit(step, &Streams::new(run_seed, place as u64, number as u32));
            let key = format!("{}[{place}]", self.list);
            fitted.map_err(|error| error.in_step(key, step.name()))?;
        }
        Ok(fitting)
    }
}
