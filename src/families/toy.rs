//! A family for tests alone: the shares of the classes among the first train rows, ten more a round. It
//! shows what a new family needs, and that nothing else knows of it.

use super::dataset::Dataset;
use super::fitted::Fitted;
use super::learner::{FitError, Learner};
use super::recipe::{Context, Member, Recipe, Size};
use super::singles::{Single, Singles};
use super::stored::{ModelFile, Numbers, Stored};
use crate::examples::{Fold, Part};
use crate::spec::ToyParams;

/// The shares of the classes, `[classes]`.
#[derive(Debug, Clone, PartialEq)]
pub struct Toy {
    shares: Vec<f64>,
}

impl Toy {
    fn of(labels: &[u32], classes: usize) -> Self {
        let mut shares = vec![1.0; classes];
        for &label in labels {
            shares[label as usize] += 1.0;
        }
        let sum: f64 = shares.iter().sum();
        Self { shares: shares.into_iter().map(|share| share / sum).collect() }
    }

    pub(super) fn log_probabilities(&self, rows: usize) -> Vec<f64> {
        let logs: Vec<f64> = self.shares.iter().map(|share| share.ln()).collect();
        logs.repeat(rows)
    }

    pub(super) fn stored(&self) -> Vec<Stored> {
        vec![Stored::vector("shares", Numbers::F64(self.shares.clone()))]
    }

    pub(super) fn read(classes: usize, file: &dyn ModelFile) -> Result<Self, String> {
        Ok(Self { shares: file.tensor("shares")?.f64(&[classes])? })
    }

    pub(super) fn to_bytes(&self) -> Vec<u8> {
        self.shares.iter().flat_map(|share| share.to_le_bytes()).collect()
    }
}

impl Recipe for ToyParams {
    fn rounds(&self) -> u32 {
        self.n_estimators.get()
    }

    fn own(&self) -> String {
        String::new()
    }

    fn cost(&self, _: &Dataset<'_>, _: usize) -> u64 {
        1
    }

    fn size(&self, _: &[Member<'_>], _: &Context<'_>) -> Size {
        Size { bytes: 0.0, what: "a toy".to_owned(), remedy: "leave it out" }
    }

    fn most_bytes(&self, data: &Dataset<'_>, _: usize) -> f64 {
        8.0 * data.classes() as f64
    }

    fn start<'a>(
        &self,
        members: Vec<Member<'a>>,
        _: usize,
        cx: &Context<'a>,
    ) -> Result<Box<dyn Learner + 'a>, FitError> {
        let classes = cx.data.classes();
        let single = |member: Member<'a>| {
            let counting = Counting { fold: member.fold, classes, round: 0, kept: None };
            let single: Box<dyn Single + 'a> = Box::new(counting);
            (single, member.fold)
        };
        Ok(Box::new(Singles::new(members.into_iter().map(single), classes, cx)))
    }

    fn restore(&self, bytes: &[u8], _: &Fold, classes: usize) -> Option<Fitted> {
        let (numbers, rest) = bytes.as_chunks::<8>();
        let shares: Vec<f64> = numbers.iter().map(|&number| f64::from_le_bytes(number)).collect();
        (rest.is_empty() && shares.len() == classes).then_some(Fitted::Toy(Toy { shares }))
    }
}

struct Counting<'a> {
    fold: &'a Fold,
    classes: usize,
    round: usize,
    kept: Option<Toy>,
}

impl Counting<'_> {
    fn now(&self) -> Toy {
        let labels = &self.fold.train.labels;
        Toy::of(&labels[..labels.len().min(10 * self.round)], self.classes)
    }
}

impl Single for Counting<'_> {
    fn round(&mut self) -> Result<bool, FitError> {
        // So slowly that a test can kill it on the way.
        std::thread::sleep(std::time::Duration::from_millis(4));
        self.round += 1;
        Ok(true)
    }

    fn probabilities(&mut self, part: Part) -> Result<Vec<f64>, FitError> {
        Ok(self.now().shares.repeat(self.fold.part(part).labels.len()))
    }

    fn keep(&mut self) -> Result<(), FitError> {
        self.kept = Some(self.now());
        Ok(())
    }

    fn best(&self) -> Result<Fitted, FitError> {
        self.kept.clone().map(Fitted::Toy).ok_or(FitError::Left { member: 0 })
    }
}
