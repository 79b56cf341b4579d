//! Row orders, dropout masks and noise, drawn on the host from each member's own streams.

use tch::{Device, TchError, Tensor};

use crate::engine::Member;
use crate::engine::draws::{Dropout, InputNoise, row_order};

/// Orders of the train rows for an epoch, `[k, rows]`, i64.
pub(super) fn row_orders(
    members: &[Member],
    rows: usize,
    epoch: u64,
    device: Device,
) -> Result<Tensor, TchError> {
    let mut orders: Vec<i64> = Vec::with_capacity(members.len() * rows);
    for (index, member) in members.iter().enumerate() {
        // Members of one seed go through the rows in the same order: draw it once.
        let twin = members[..index].iter().position(|other| other.streams == member.streams);
        if let Some(twin) = twin {
            orders.extend_from_within(twin * rows..(twin + 1) * rows);
            continue;
        }
        orders.extend(row_order(&member.streams, rows, epoch).into_iter().map(i64::from));
    }
    Tensor::f_from_slice(&orders)?.f_view([members.len() as i64, rows as i64])?.f_to_device(device)
}

/// The dropout masks of one epoch.
#[derive(Debug)]
pub(super) struct Masks {
    members: Vec<Dropout>,
    device: Device,
}

impl Masks {
    /// Masks of an epoch, or `None` if no member drops units.
    pub fn new(members: &[Member], layers: usize, epoch: u64, device: Device) -> Option<Self> {
        let drops = members.iter().any(|member| member.dropout > 0.0);
        let member = |member: &Member| Dropout::new(member, layers, epoch);
        drops.then(|| Self { members: members.iter().map(member).collect(), device })
    }

    /// The next step's masks, one `[k, rows, width]` for every hidden layer: 0 where a unit is
    /// dropped, 1 / (1 - p) where it is kept.
    pub fn next(&mut self, rows: usize, widths: &[usize]) -> Result<Vec<Tensor>, TchError> {
        let k = self.members.len() as i64;
        let mut masks = Vec::with_capacity(widths.len());
        for (layer, &width) in widths.iter().enumerate() {
            let mut values = vec![0.0_f32; self.members.len() * rows * width];
            for (member, values) in self.members.iter_mut().zip(values.chunks_mut(rows * width)) {
                member.fill(layer, values);
            }
            let shape = [k, rows as i64, width as i64];
            masks.push(Tensor::f_from_slice(&values)?.f_view(shape)?.f_to_device(self.device)?);
        }
        Ok(masks)
    }
}

/// The noise on the inputs in one epoch.
#[derive(Debug)]
pub(super) struct Noise {
    members: Vec<Option<InputNoise>>,
}

impl Noise {
    /// Noise of an epoch, or `None` if no member has any.
    pub fn new(members: &[Member], epoch: u64) -> Option<Self> {
        let members: Vec<_> = members.iter().map(|one| InputNoise::new(one, epoch)).collect();
        members.iter().any(Option::is_some).then_some(Self { members })
    }

    /// Adds the next step's noise to its inputs, `[k, rows, inputs]`.
    pub fn add(&mut self, inputs: &mut Tensor) -> Result<(), TchError> {
        let shape = inputs.size3()?;
        let mut values = vec![0.0_f32; inputs.numel()];
        // A table without features has no inputs.
        let of_member = ((shape.1 * shape.2) as usize).max(1);
        for (member, values) in self.members.iter_mut().zip(values.chunks_mut(of_member)) {
            if let Some(member) = member {
                member.add(values);
            }
        }
        let noise = Tensor::f_from_slice(&values)?.f_view(shape)?;
        let _ = inputs.f_add_(&noise.f_to_other(inputs, false, false)?)?;
        Ok(())
    }
}
