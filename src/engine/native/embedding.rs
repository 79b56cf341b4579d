//! A periodic embedding, forward and backward, sixteen rows at a time.
//!
//! Blocks of inputs are turned, so that a line holds one input of sixteen rows. Whatever the numbers
//! of frequencies and outputs, every element of a vector is then in use, and the sums over frequencies
//! run from vector to vector.

mod backward;
mod forward;

use pulp::Arch;

use super::layout::EmbeddingPlace;
use super::panels::{Buffer, Line, Panels, PanelsMut, WIDTH, panels};
use super::sums::transpose_block;
use crate::network::{Embedding, EmbeddingWeights};
use backward::Backward;
use forward::Forward;

/// Rows and columns of the blocks of a weight's gradient: as many sums as there are lines to turn.
const BLOCK: usize = 4;

/// What passes over an embedding write to.
#[derive(Debug)]
pub(super) struct Embedded {
    arch: Arch,
    place: EmbeddingPlace,
    shape: Shape,
    /// The parameters, and what a pass over rows adds to their gradients.
    weights: EmbeddingWeights,
    gradients: EmbeddingWeights,
    /// `[rows, columns]`: all inputs as they are, then what is made of the numbers.
    outputs: Buffer,
    /// The loss's derivative by them.
    at_outputs: Buffer,
    /// `outputs`, turned.
    columns: Vec<Line>,
    /// `at_outputs`, turned.
    slopes: Vec<Line>,
    /// Cosines, then sines, of every number.
    waves: Vec<Line>,
}

/// The widths of an embedding.
#[derive(Debug, Clone)]
struct Shape {
    /// Width of the inputs.
    inputs: usize,
    /// Places of the numbers among them.
    numbers: Vec<usize>,
    /// Frequencies of a number.
    frequencies: usize,
    /// Width of what is made of a number.
    width: usize,
}

impl Shape {
    /// Width of what comes out.
    fn columns(&self) -> usize {
        self.inputs + self.numbers.len() * self.width
    }

    /// Lines of sixteen rows, turned.
    fn turned(&self) -> usize {
        panels(self.columns()) * WIDTH
    }

    /// Lines of the waves of sixteen rows.
    fn waves(&self) -> usize {
        self.numbers.len() * 2 * self.frequencies
    }

    /// The column of the first value that is made of the number at a place among the numbers.
    fn first(&self, number: usize) -> usize {
        self.inputs + number * self.width
    }
}

/// Blocks of sixteen rows.
fn blocks(rows: usize) -> usize {
    rows.div_ceil(WIDTH)
}

impl Embedded {
    /// Lines of memory that the buffers take.
    pub fn lines(inputs: usize, embedding: &Embedding, capacity: usize) -> usize {
        let turned = (panels(inputs + embedding.outputs()) + 1) * WIDTH;
        let waves = embedding.numbers.len() * 2 * embedding.frequencies;
        // Outputs and their gradients, each as they are and turned.
        blocks(capacity) * (4 * turned + waves)
    }

    /// Buffers for passes over at most `capacity` rows.
    pub fn new(
        arch: Arch,
        (inputs, embedding): (usize, &Embedding),
        place: EmbeddingPlace,
        capacity: usize,
    ) -> Self {
        let Embedding { numbers, frequencies, width, .. } = embedding.clone();
        let shape = Shape { inputs, numbers, frequencies, width };
        let columns = shape.columns();
        let lines = |each: usize| vec![Line::default(); blocks(capacity) * each];
        let weights = place.zeros();
        Self {
            arch,
            place,
            gradients: weights.clone(),
            weights,
            outputs: Buffer::new(capacity, columns),
            at_outputs: Buffer::new(capacity, columns),
            columns: lines(shape.turned()),
            slopes: lines(shape.turned()),
            waves: lines(shape.waves()),
            shape,
        }
    }

    /// Takes in new parameters.
    pub fn adopt(&mut self, parameters: &[Line]) {
        self.place.read(parameters, &mut self.weights);
    }

    /// What the first layer takes, `[rows, columns]`.
    pub fn outputs(&self) -> Panels<'_> {
        self.outputs.view()
    }

    /// The loss's derivative by that, to be written before the backward pass.
    pub fn at_outputs(&mut self) -> PanelsMut<'_> {
        self.at_outputs.view_mut()
    }

    /// Embeds rows of inputs.
    pub fn forward(&mut self, rows: usize, inputs: Panels<'_>) {
        self.arch.dispatch(Forward {
            blocks: blocks(rows),
            shape: &self.shape,
            weights: &self.weights,
            inputs,
            columns: &mut self.columns,
            waves: &mut self.waves,
            outputs: self.outputs.view_mut(),
        });
    }

    /// Writes the gradients of the embedding's parameters, or adds to them.
    pub fn backward(&mut self, rows: usize, gradients: &mut [Line], accumulate: bool) {
        let (turned, values) = (self.shape.turned(), self.at_outputs.view());
        for (block, slopes) in self.slopes.chunks_exact_mut(turned).enumerate().take(blocks(rows)) {
            for panel in self.shape.inputs / WIDTH..panels(self.shape.columns()) {
                turn(&values.panel(panel)[block * WIDTH..], &mut slopes[panel * WIDTH..]);
            }
            // What stands in rows beyond the last is not zero, and sums go over whole blocks.
            let left = (rows - block * WIDTH).min(WIDTH);
            for line in slopes {
                line.0[left..].fill(0.0);
            }
        }
        self.arch.dispatch(Backward {
            blocks: blocks(rows),
            shape: &self.shape,
            weights: &self.weights,
            columns: &self.columns,
            waves: &self.waves,
            slopes: &self.slopes,
            gradients: &mut self.gradients,
        });
        self.place.write(&self.gradients, gradients, accumulate);
    }
}

/// Turns a block of sixteen lines.
#[inline(always)]
fn turn(from: &[Line], to: &mut [Line]) {
    if let (Some(from), Some(to)) = (from.first_chunk(), to.first_chunk_mut()) {
        transpose_block(from, to);
    }
}

/// Up to four places from `first` on, the last of `count` again where they are fewer.
#[inline(always)]
fn places(first: usize, count: usize) -> [usize; BLOCK] {
    std::array::from_fn(|place| (first + place).min(count - 1))
}
