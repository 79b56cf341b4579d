//! Row orders and dropout masks, drawn on the host from each member's own streams.

use chacha20::ChaCha8Rng;
use rand::Rng;
use tch::{Device, TchError, Tensor};

use crate::engine::Member;
use crate::random::{Purpose, shuffle};

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
        let mut order: Vec<i64> = (0..rows as i64).collect();
        shuffle(&mut order, &mut member.streams.generator(Purpose::Shuffle, epoch));
        orders.extend(order);
    }
    Tensor::f_from_slice(&orders)?.f_view([members.len() as i64, rows as i64])?.f_to_device(device)
}

/// The dropout masks of one epoch.
#[derive(Debug)]
pub(super) struct Masks {
    /// Generator, threshold of keeping (of 2³²) and value of what is kept, by member.
    members: Vec<(ChaCha8Rng, u32, f32)>,
    device: Device,
}

impl Masks {
    /// Masks of an epoch, or nothing when no member drops units.
    pub fn new(members: &[Member], epoch: u64, device: Device) -> Option<Self> {
        let drops = members.iter().any(|member| member.dropout > 0.0);
        let member = |member: &Member| {
            let generator = member.streams.generator(Purpose::Dropout, epoch);
            let threshold = (member.dropout * 2.0_f64.powi(32)) as u32;
            (generator, threshold, (1.0 / (1.0 - member.dropout)) as f32)
        };
        drops.then(|| Self { members: members.iter().map(member).collect(), device })
    }

    /// The next step's masks, one `[k, rows, width]` for every hidden layer: 0 where a unit is
    /// dropped, 1 / (1 - p) where it is kept.
    pub fn next(&mut self, rows: usize, widths: &[usize]) -> Result<Vec<Tensor>, TchError> {
        let k = self.members.len() as i64;
        let mut masks = Vec::with_capacity(widths.len());
        for &width in widths {
            let mut values: Vec<f32> = Vec::with_capacity(self.members.len() * rows * width);
            for (generator, threshold, kept) in &mut self.members {
                let draw = || if generator.next_u32() >= *threshold { *kept } else { 0.0 };
                values.extend(std::iter::repeat_with(draw).take(rows * width));
            }
            let shape = [k, rows as i64, width as i64];
            masks.push(Tensor::f_from_slice(&values)?.f_view(shape)?.f_to_device(self.device)?);
        }
        Ok(masks)
    }
}
