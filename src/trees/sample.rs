//! The rows of a tree: which they are, how often each was drawn, and sums over them.

use std::ops::{Add, AddAssign, Sub};

/// A row of a tree.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sample {
    /// Its number in the table.
    pub(super) row: u32,
    /// Its class.
    pub(super) class: u16,
    /// How often it was drawn.
    pub(super) weight: u16,
}

impl Sample {
    /// The sum over this row alone.
    #[inline]
    pub(super) fn tally(self) -> Tally {
        Tally((1 << 32) | u64::from(self.weight))
    }
}

/// Rows, and the sum of their weights, in one number: whole, so that no order of adding matters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Tally(u64);

impl Tally {
    /// Number of rows.
    #[inline]
    pub(super) fn rows(self) -> usize {
        (self.0 >> 32) as usize
    }

    /// The sum of their weights.
    #[inline]
    pub(super) fn weight(self) -> f64 {
        f64::from(self.0 as u32)
    }

    /// So many rows, each drawn once.
    #[inline]
    pub(super) fn of_rows(rows: u32) -> Self {
        Self((u64::from(rows) << 32) | u64::from(rows))
    }

    /// Whether every row was drawn once.
    #[inline]
    pub(super) fn is_unit(self) -> bool {
        self == Self::of_rows(self.rows() as u32)
    }

    /// Whether there are no rows.
    #[inline]
    pub(super) fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Itself where `holds`, otherwise nothing.
    #[inline]
    pub(super) fn when(self, holds: bool) -> Self {
        Self(self.0 & u64::from(holds).wrapping_neg())
    }
}

impl Add for Tally {
    type Output = Self;

    #[inline]
    fn add(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }
}

impl AddAssign for Tally {
    #[inline]
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sub for Tally {
    type Output = Self;

    #[inline]
    fn sub(self, other: Self) -> Self {
        Self(self.0.wrapping_sub(other.0))
    }
}

/// Number of rows of all classes.
#[inline]
pub(super) fn rows(tallies: &[Tally]) -> usize {
    tallies.iter().map(|tally| tally.rows()).sum()
}
