//! Nearest neighbours: a round is one more neighbour, and one search serves all of them.

use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::dataset::Dataset;
use super::fitted::Fitted;
use super::learner::{FitError, Learner};
use super::recipe::{Context, Member, Recipe, Size};
use super::singles::{Single, Singles};
use super::stored::{Numbers, Stored};
use crate::examples::{Examples, Fold, Matrix, Part};
use crate::neighbours::{self, Metric, Nearest, Neighbours, Settings, Weights};
use crate::spec::{self, KnnParams, NeighborWeights, Params};

/// The flag of a search that is not to stop.
static GO_ON: AtomicBool = AtomicBool::new(false);

/// Train rows, the nearest of which vote for the class.
#[derive(Debug, Clone)]
pub struct Knn {
    /// The train rows.
    pub neighbours: Arc<Neighbours>,
    /// How many of them vote.
    pub n_neighbors: usize,
}

impl Knn {
    /// The rows and their labels.
    pub(super) fn stored(&self) -> Vec<Stored> {
        let train = self.neighbours.train();
        vec![
            Stored {
                name: "rows".to_owned(),
                shape: vec![train.rows(), train.columns()],
                numbers: Numbers::F32(train.values().to_vec()),
            },
            Stored::vector("labels", Numbers::U32(self.neighbours.labels().to_vec())),
        ]
    }

    /// Probabilities `[rows, classes]`.
    pub(super) fn probabilities(&self, rows: &Matrix) -> Result<Vec<f64>, FitError> {
        let found = self.neighbours.search(rows, self.n_neighbors, &GO_ON)?;
        let found = found.ok_or(FitError::Stopped)?;
        Ok(self.neighbours.probabilities(&found, self.n_neighbors))
    }
}

impl KnnParams {
    fn settings(&self) -> Settings {
        Settings {
            weights: match self.weights {
                NeighborWeights::Uniform => Weights::Uniform,
                NeighborWeights::Distance => Weights::Distance,
            },
            metric: match self.metric {
                spec::Metric::Euclidean => Metric::Euclidean,
                spec::Metric::Manhattan => Metric::Manhattan,
                spec::Metric::Chebyshev => Metric::Chebyshev,
                spec::Metric::Minkowski => Metric::Minkowski,
                spec::Metric::Cosine => Metric::Cosine,
            },
            p: self.p.get(),
        }
    }

    fn on(&self, train: &Examples, classes: usize) -> Result<Arc<Neighbours>, FitError> {
        let (features, labels) = (train.features.clone(), train.labels.clone());
        Ok(Arc::new(Neighbours::new(features, labels, classes, self.settings())?))
    }
}

impl Recipe for KnnParams {
    fn rounds(&self) -> u32 {
        self.n_neighbors.get()
    }

    /// All but the number of neighbours.
    fn own(&self) -> String {
        format!("{:?}", (self.weights, self.metric, self.p))
    }

    fn check(&self, data: &Dataset<'_>, preparation: usize) -> Result<(), (&'static str, String)> {
        let power = self.p.get();
        if self.metric == spec::Metric::Minkowski && !(1.0..=1000.0).contains(&power) {
            return Err((
                "p",
                format!("{power} is no power of a distance: take one from 1 to 1000"),
            ));
        }
        let rows = data.folds(preparation).iter().map(|fold| fold.train.labels.len()).min();
        let (wanted, rows) = (self.n_neighbors.get() as usize, rows.unwrap_or(0));
        if wanted > rows {
            let why = format!(
                "{wanted} neighbours are asked for, and there are {rows} train rows: ask for fewer"
            );
            return Err(("n_neighbors", why));
        }
        Ok(())
    }

    /// Rows are compared with all train rows once, whatever the number of neighbours.
    fn cost(&self, data: &Dataset<'_>, preparation: usize) -> u64 {
        let rows = &data.fold(preparation, 0).train.features;
        (rows.rows() * rows.columns()) as u64 / u64::from(self.n_neighbors.get())
    }

    fn size(&self, members: &[Member<'_>], _: &Context<'_>) -> Size {
        let bytes = members.iter().map(|member| {
            let train = &member.fold.train.features;
            let (rows, columns) = (train.rows() as u64, train.columns() as u64);
            let most = u64::from(self.n_neighbors.get());
            let parts = Part::ALL.iter().map(|&part| member.fold.part(part).labels.len() as u64);
            let found = neighbours::memory(rows, columns, parts.sum(), most, self.settings());
            (found + rows * columns * 4) as f64
        });
        Size {
            bytes: bytes.sum(),
            what: format!("a search for {} neighbours", self.n_neighbors.get()),
            remedy: "take fewer neighbours",
        }
    }

    /// The rows are those of the fold: only how many of them tell the class is kept.
    fn most_bytes(&self, _: &Dataset<'_>, _: usize) -> f64 {
        4.0
    }

    fn start<'a>(
        &self,
        members: Vec<Member<'a>>,
        _: usize,
        cx: &Context<'a>,
    ) -> Result<Box<dyn Learner + 'a>, FitError> {
        let classes = cx.data.classes();
        let single = |member: Member<'a>| {
            let Params::Knn(params) = member.params else {
                return Err(FitError::Left { member: 0 });
            };
            let neighbours = params.on(&member.fold.train, classes)?;
            let (fold, stop, most) = (member.fold, cx.stop, params.rounds());
            let found = [None, None, None];
            let searching = Searching { neighbours, fold, found, most, now: 0, kept: 0, stop };
            let single: Box<dyn Single + 'a> = Box::new(searching);
            Ok((single, fold))
        };
        let singles = members.into_iter().map(single).collect::<Result<Vec<_>, FitError>>()?;
        Ok(Box::new(Singles::new(singles, classes, cx)))
    }

    fn restore(&self, bytes: &[u8], fold: &Fold, classes: usize) -> Option<Fitted> {
        let n_neighbors = u32::from_le_bytes(bytes.try_into().ok()?) as usize;
        let fits = (1..=fold.train.labels.len()).contains(&n_neighbors);
        let neighbours = self.on(&fold.train, classes).ok().filter(|_| fits)?;
        Some(Fitted::Knn(Knn { neighbours, n_neighbors }))
    }
}

/// A search whose neighbours are counted one by one.
struct Searching<'a> {
    neighbours: Arc<Neighbours>,
    fold: &'a Fold,
    /// The neighbours of each part's rows, once they were asked for.
    found: [Option<Nearest>; 3],
    /// The most neighbours that will be asked for.
    most: u32,
    now: usize,
    kept: usize,
    stop: &'a AtomicBool,
}

impl Single for Searching<'_> {
    fn round(&mut self) -> Result<bool, FitError> {
        self.now += 1;
        Ok(true)
    }

    fn probabilities(&mut self, part: Part) -> Result<Vec<f64>, FitError> {
        let found = &mut self.found[part as usize];
        if found.is_none() {
            let rows = &self.fold.part(part).features;
            let nearest = self.neighbours.search(rows, self.most as usize, self.stop)?;
            *found = Some(nearest.ok_or(FitError::Stopped)?);
        }
        let found = found.as_ref().ok_or(FitError::Stopped)?;
        Ok(self.neighbours.probabilities(found, self.now))
    }

    fn keep(&mut self) -> Result<(), FitError> {
        self.kept = self.now;
        Ok(())
    }

    fn best(&self) -> Result<Fitted, FitError> {
        let neighbours = Arc::clone(&self.neighbours);
        Ok(Fitted::Knn(Knn { neighbours, n_neighbors: self.kept }))
    }
}
