//! The engine of the CPU: one network at a time, all of it in the cache, without libtorch.
//!
//! A network of a sweep is small: its parameters, their gradients, the optimizer's means and a
//! batch's values fit the first two levels of cache. So nothing is gained by packing networks into
//! wide tensors; what counts is that every product stays in registers (`matmul`), that nothing is
//! allocated in a step, and that the passes between the products are few. A trial's bits then
//! depend on no neighbour either.
//!
//! One source serves AVX-512, AVX2, NEON and plain code, chosen when the program runs; all compute
//! the same bits, since sums run along the vectors' elements nowhere.

// Code on vectors is compiled for an instruction set by being inlined into a function that has it.
#![allow(clippy::inline_always)]
// Loops over tiles and blocks have constant bounds, so that they are unrolled into registers.
#![allow(clippy::needless_range_loop)]

mod activation;
mod embedding;
mod functions;
mod layout;
mod loss;
mod matmul;
mod norm;
mod optimizer;
mod pack;
mod panels;
mod passes;
mod regularise;
mod row_weights;
mod sums;

use std::sync::atomic::AtomicBool;

use pulp::Arch;

use super::{Engine, EngineError, Pack, PackPlan};
use crate::examples::{Fold, Matrix};
use crate::network::{Architecture, Weights};
use layout::Layout;
use pack::{CHUNK, NativePack};
use passes::{Mode, Workspace};

/// The engine of the CPU, on the folds of one run.
#[derive(Debug)]
pub struct NativeEngine<'a> {
    arch: Arch,
    folds: &'a [Fold],
}

impl<'a> NativeEngine<'a> {
    /// An engine that trains on `folds` with the widest vectors that this processor has.
    pub fn new(folds: &'a [Fold]) -> Self {
        Self::with(Arch::new(), folds)
    }

    /// Whether this processor has vectors with fused multiply-adds. Without them the engine gives the
    /// same bits a hundred times as slowly: libtorch is the better choice there.
    pub fn is_fast() -> bool {
        !matches!(Arch::new(), Arch::Scalar)
    }

    /// An engine that uses the given instruction set.
    pub fn with(arch: Arch, folds: &'a [Fold]) -> Self {
        Self { arch, folds }
    }
}

impl Engine for NativeEngine<'_> {
    fn name(&self) -> &'static str {
        "native"
    }

    /// One: a network gains nothing from a neighbour, and single ones spread best over threads.
    fn pack_size(&self) -> usize {
        1
    }

    fn bytes(&self, plan: &PackPlan) -> f64 {
        NativePack::bytes(self.folds, plan)
    }

    fn start<'b>(
        &'b self,
        plan: &PackPlan,
        _: usize,
        stop: &'b AtomicBool,
    ) -> Result<Box<dyn Pack + 'b>, EngineError> {
        Ok(Box::new(NativePack::new(self.arch, self.folds, plan, stop)))
    }

    fn logits(
        &self,
        architecture: &Architecture,
        weights: &Weights,
        rows: &Matrix,
    ) -> Result<Vec<f32>, EngineError> {
        let layout = Layout::new(architecture);
        let parameters = layout.flatten(weights);
        let mut workspace = Workspace::new(self.arch, architecture, layout, CHUNK, false);
        workspace.adopt(&parameters);
        let mut logits = Vec::with_capacity(rows.rows() * architecture.classes);
        let unknown = vec![0; rows.rows()];
        for first in (0..rows.rows()).step_by(CHUNK) {
            let chunk = first..(first + CHUNK).min(rows.rows());
            workspace.load(rows, &unknown, chunk.clone());
            workspace.forward(&parameters, Mode::Exact);
            (0..chunk.len()).for_each(|row| logits.extend(workspace.logits(row)));
        }
        Ok(logits)
    }
}
