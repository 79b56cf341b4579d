//! A periodic embedding of k networks, forward and backward by hand.

use tch::{Kind, TchError, Tensor};

use crate::network::{Embedding, EmbeddingWeights};

/// The embeddings of k networks, as views into the flat parameters and gradients.
#[derive(Debug)]
pub(super) struct Embedded {
    /// `[numbers]`: places of the inputs that are embedded, i64.
    numbers: Tensor,
    parameters: Views,
    gradients: Views,
}

/// The tensors of k embeddings.
#[derive(Debug)]
struct Views {
    /// `[k, numbers, 1, frequencies]`.
    frequencies: Tensor,
    /// `[k, numbers, width, 2 · frequencies]`.
    weight: Tensor,
    /// `[k, numbers, 1, width]`.
    bias: Tensor,
}

/// What the backward pass needs of a forward pass.
#[derive(Debug)]
pub(super) struct EmbeddingTrace {
    /// The numbers, `[k, numbers, rows, 1]`.
    inputs: Tensor,
    /// Cosines, then sines, `[k, numbers, rows, 2 · frequencies]`.
    waves: Tensor,
}

impl Embedded {
    /// Views of the embedding into `[k, parameters]`, from `offset` on.
    pub fn new(
        embedding: &Embedding,
        numbers: Tensor,
        (parameters, gradients): (&Tensor, &Tensor),
        offset: i64,
    ) -> Result<Self, TchError> {
        Ok(Self {
            numbers,
            parameters: Views::new(embedding, parameters, offset)?,
            gradients: Views::new(embedding, gradients, offset)?,
        })
    }

    /// Places of the embedded inputs as a tensor on the device of `parameters`.
    pub fn numbers(embedding: &Embedding, parameters: &Tensor) -> Result<Tensor, TchError> {
        let numbers: Vec<i64> = embedding.numbers.iter().map(|&place| place as i64).collect();
        Tensor::f_from_slice(&numbers)?.f_to_device(parameters.device())
    }

    /// Another handle on the places of the embedded inputs.
    pub fn share_numbers(&self) -> Tensor {
        self.numbers.shallow_clone()
    }

    /// Rows `[k, rows, inputs]` with what is made of their numbers after them.
    pub fn forward(&self, rows: &Tensor) -> Result<(Tensor, EmbeddingTrace), TchError> {
        let Views { frequencies, weight, bias } = &self.parameters;
        // [k, rows, numbers] -> [k, numbers, rows, 1]
        let inputs = rows.f_index(&[None, None, Some(&self.numbers)])?;
        let inputs = inputs.f_transpose(1, 2)?.f_unsqueeze(3)?;
        let angles = inputs.f_mul(frequencies)?.f_mul_scalar(std::f64::consts::TAU)?;
        let waves = Tensor::f_cat(&[angles.f_cos()?, angles.f_sin()?], 3)?;
        let values = waves.f_matmul(&weight.f_transpose(2, 3)?)?.f_add(bias)?;
        // [k, numbers, rows, width] -> [k, rows, numbers · width]
        let values = values.f_transpose(1, 2)?.f_flatten(2, 3)?;
        let outputs = Tensor::f_cat(&[rows, &values], 2)?;
        Ok((outputs, EmbeddingTrace { inputs, waves }))
    }

    /// Writes the gradients of the parameters from the one at the outputs.
    pub fn backward(&self, trace: &EmbeddingTrace, at_outputs: &Tensor) -> Result<(), TchError> {
        let [k, numbers, width, waves] = self.parameters.weight.size()[..] else {
            return Err(TchError::Shape("an embedding without its four dimensions".to_owned()));
        };
        let [_, rows, columns] = at_outputs.size()[..] else {
            return Err(TchError::Shape("outputs without their three dimensions".to_owned()));
        };
        let made = numbers * width;
        let values = at_outputs.f_narrow(2, columns - made, made)?;
        // [k, rows, numbers · width] -> [k, numbers, rows, width]
        let values = values.f_reshape([k, rows, numbers, width])?.f_transpose(1, 2)?;
        let Views { frequencies, weight, bias } = &self.gradients;
        copy(weight, &values.f_transpose(2, 3)?.f_matmul(&trace.waves)?)?;
        copy(bias, &values.f_sum_dim_intlist([2].as_slice(), true, Kind::Float)?)?;
        let at_waves = values.f_matmul(&self.parameters.weight)?;
        let half = |tensor: &Tensor, number: i64| tensor.f_narrow(3, number * waves / 2, waves / 2);
        let ahead = half(&trace.waves, 0)?.f_mul(&half(&at_waves, 1)?)?;
        let behind = half(&trace.waves, 1)?.f_mul(&half(&at_waves, 0)?)?;
        let changes = (ahead.f_sub(&behind)?).f_mul(&trace.inputs)?;
        let changes = changes.f_sum_dim_intlist([2].as_slice(), true, Kind::Float)?;
        copy(frequencies, &changes.f_mul_scalar(std::f64::consts::TAU)?)
    }
}

/// Puts values into a view.
fn copy(view: &Tensor, values: &Tensor) -> Result<(), TchError> {
    view.shallow_clone().f_copy_(values)
}

impl Views {
    fn new(embedding: &Embedding, flat: &Tensor, offset: i64) -> Result<Self, TchError> {
        let (k, mut offset) = (flat.size()[0], offset);
        let mut next = |shape: [i64; 4]| {
            let count = shape[1..].iter().product();
            offset += count;
            flat.f_narrow(1, offset - count, count)?.f_view(shape)
        };
        let (numbers, width) = (embedding.numbers.len() as i64, embedding.width as i64);
        let frequencies = embedding.frequencies as i64;
        Ok(Self {
            frequencies: next([k, numbers, 1, frequencies])?,
            weight: next([k, numbers, width, 2 * frequencies])?,
            bias: next([k, numbers, 1, width])?,
        })
    }
}

/// One member's weights in the flat layout.
pub(super) fn flatten(weights: &EmbeddingWeights) -> Vec<f32> {
    weights.tensors().map(Vec::as_slice).concat()
}

/// One member's weights from the flat layout.
pub(super) fn unflatten(embedding: &Embedding, flat: &[f32]) -> EmbeddingWeights {
    let [frequencies, weight, bias] =
        embedding.tensors().map(|(_, shape)| shape.iter().product::<usize>());
    let (first, rest) = flat.split_at(frequencies);
    EmbeddingWeights {
        frequencies: first.to_vec(),
        weight: rest[..weight].to_vec(),
        bias: rest[weight..weight + bias].to_vec(),
    }
}
