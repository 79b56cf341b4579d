//! From logits to logarithms of probabilities.

/// Makes logits, or logarithms of what is in proportion to probabilities, log-probabilities.
pub fn log_softmax(row: &mut [f64]) {
    let largest = row.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let sum: f64 = row.iter().map(|log| (log - largest).exp()).sum();
    let log_sum = sum.ln() + largest;
    for log in row.iter_mut() {
        *log -= log_sum;
    }
}
