//! A plain generator of arbitrary numbers, for tests that change bytes: they need no good one.

/// A linear congruential generator (Knuth's MMIX), with its state.
pub struct Noise(pub u64);

impl Noise {
    /// A number below `bound`, which is not 0.
    pub fn below(&mut self, bound: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % bound
    }
}
