use super::Weights;

/// The nearest train rows of each row that was searched for.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Nearest {
    /// Neighbours of a row.
    pub k: usize,
    /// Numbers of the train rows, `[rows, k]`: nearest first, of equally far ones the lower number.
    pub rows: Vec<u32>,
    /// Their classes, `[rows, k]`.
    pub labels: Vec<u32>,
    /// Their distances, `[rows, k]`.
    pub distances: Vec<f64>,
}

impl Nearest {
    /// The share of each class among the first `k` neighbours, `[rows, classes]`; a `k` above the
    /// neighbours found counts as all of them. The predicted class is the first greatest.
    ///
    /// Weighted by distance, neighbours at distance 0 share the vote among themselves, as in
    /// scikit-learn; if all `k` are infinitely far, each weighs the same.
    pub fn probabilities(&self, k: usize, classes: usize, weights: Weights) -> Vec<f64> {
        let of_row = self.k.max(1);
        let k = k.clamp(1, of_row);
        let mut shares = vec![0.0; self.labels.len() / of_row * classes];
        if classes == 0 {
            return shares;
        }
        let neighbours = self.labels.chunks_exact(of_row).zip(self.distances.chunks_exact(of_row));
        let mut votes = Vec::with_capacity(k);
        for (shares, (labels, distances)) in shares.chunks_exact_mut(classes).zip(neighbours) {
            weigh(&distances[..k], weights, &mut votes);
            for (&label, &vote) in labels.iter().zip(&votes) {
                if let Some(share) = shares.get_mut(label as usize) {
                    *share += vote;
                }
            }
            let total: f64 = shares.iter().sum();
            for share in shares {
                *share /= total;
            }
        }
        shares
    }
}

/// The votes of neighbours by their distances.
fn weigh(distances: &[f64], weights: Weights, votes: &mut Vec<f64>) {
    votes.clear();
    // Without neighbours at infinity alone, and not at a distance so small that its inverse is
    // infinite, as scikit-learn has it.
    let by_distance = weights == Weights::Distance && distances.iter().any(|d| d.is_finite());
    if !by_distance {
        votes.resize(distances.len(), 1.0);
        return;
    }
    votes.extend(distances.iter().map(|distance| 1.0 / distance));
    if votes.iter().any(|vote| vote.is_infinite()) {
        for vote in votes {
            *vote = f64::from(u8::from(vote.is_infinite()));
        }
    }
}
