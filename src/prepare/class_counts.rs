//! What a step has made of the classes of the train rows, in words.

/// What balancing has done.
pub(super) fn balance_note(classes: &[String], before: &[usize], after: &[usize]) -> String {
    let changed = classes.iter().zip(before.iter().zip(after));
    let changed: Vec<String> = changed
        .filter(|(_, (before, after))| before != after)
        .map(|(class, (before, after))| format!("{class:?} {before} to {after}"))
        .collect();
    if changed.is_empty() {
        return "balance: the train rows are balanced already".to_owned();
    }
    format!("balance: train rows of {}", changed.join(", "))
}

/// What leaving out rows with outliers has cost each class.
pub(super) fn outlier_note(
    classes: &[String],
    before: &[usize],
    after: &[usize],
) -> Option<String> {
    let (all, left): (usize, usize) = (before.iter().sum(), after.iter().sum());
    if all == left {
        return None;
    }
    let cost = classes.iter().zip(before.iter().zip(after));
    let cost: Vec<String> = cost
        .filter(|(_, (before, after))| before != after)
        .map(|(class, (before, after))| format!("{} of {before} of {class:?}", before - after))
        .collect();
    Some(format!(
        "iqr_outliers leaves out {} of {all} train rows: {}; what is rare may be what is looked for",
        all - left,
        cost.join(", ")
    ))
}
