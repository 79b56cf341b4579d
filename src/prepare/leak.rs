//! What a column says of the classes on its own, and when that is too much.

/// A column with more distinct values than this is judged by cuts of its order alone.
pub const FEW_VALUES: usize = 100;

/// From this Matthews correlation on, a cut or a set of labels of one column is called a leak. Unlike
/// accuracy and ROC AUC it is near 0 where a rare class is predicted with many false alarms, which honest
/// readings are good at: in published tables of machines these stay below 0.65, copies of the target
/// above 0.95.
const LEAK_FROM: f64 = 0.9;

/// Rows that there must be, and rows of a class, before a cut between few of them says anything.
const LEAST_ROWS: usize = 20;
const LEAST_OF_CLASS: usize = 5;

/// How unlikely it may be, by chance alone and over all values of a column, that the rows of a value
/// are of one class. A class of more than half of the rows is never predicted by that: most values have
/// only its rows.
const CHANCE: f64 = 1e-6;

/// Why a column is suspected to hold what is known only after the failure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Leak {
    /// Every value has one class, and every class one value.
    OneToOne,
    /// Every value has one class.
    GivesAway,
    /// One cut, or one set of labels, parts a class from all others nearly or wholly.
    Predicts {
        /// The class.
        class: u32,
    },
    /// A value that only rows of one rare class hold.
    Marks {
        /// The class.
        class: u32,
        /// The value, as its rank.
        value: u32,
        /// The rows that hold it.
        rows: usize,
        /// The rows of the class.
        of: usize,
    },
}

/// What a column says of the classes on its own.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Association {
    /// The class that is predicted best.
    pub class: u32,
    /// How well: the greatest Matthews correlation of a cut (or of a set of labels) with a class
    /// against the rest, 0 to 1.
    pub mcc: f64,
    /// Whether that is too much.
    pub leak: Option<Leak>,
}

/// Judges a column by the ranks of its values, in ascending order, and the classes of their rows.
///
/// Ranks have no gaps; a missing cell may have a rank of its own, since a gap can tell a class, too.
/// Of up to a hundred values sets are looked at, whatever their order; of more only the cuts of their
/// order, and nothing where they are not `ordered`, as text is not.
pub fn assess(ranks: &[u32], classes: &[u32], class_count: usize, ordered: bool) -> Association {
    let distinct = ranks.last().map_or(0, |last| *last as usize + 1);
    if distinct <= FEW_VALUES {
        return assess_few(&tabulate(ranks, classes, distinct, class_count));
    }
    if !ordered || classes.len() < LEAST_ROWS {
        return Association::default();
    }
    let mut association = best_cut(ranks, classes, class_count);
    association.leak = association.nearly();
    association
}

/// Judges a column of few values by its counts of rows `[values][classes]`.
///
/// Values of fewer than five rows each, on average, say nothing: they tell classes by chance.
pub(super) fn assess_few(table: &[Vec<usize>]) -> Association {
    let classes = table.first().map_or(0, Vec::len);
    let total = |class: usize| table.iter().map(|counts| counts[class]).sum();
    let totals: Vec<usize> = (0..classes).map(total).collect();
    let rows: usize = totals.iter().sum();
    if table.len() < 2 || rows < LEAST_OF_CLASS * table.len() {
        return Association::default();
    }
    let mut association = Association::default();
    if rows >= LEAST_ROWS {
        association = best_set(table, &totals);
    }
    association.leak = sure(table).or(association.nearly()).or_else(|| marks(table, &totals));
    association
}

/// Counts of rows `[distinct][classes]`.
fn tabulate(
    ranks: &[u32],
    classes: &[u32],
    distinct: usize,
    class_count: usize,
) -> Vec<Vec<usize>> {
    let mut table = vec![vec![0; class_count]; distinct];
    for (&rank, &class) in ranks.iter().zip(classes) {
        if let Some(count) = table[rank as usize].get_mut(class as usize) {
            *count += 1;
        }
    }
    table
}

/// Whether each value has one class.
fn sure(table: &[Vec<usize>]) -> Option<Leak> {
    let only = |counts: &Vec<usize>| {
        let mut held = counts.iter().enumerate().filter(|(_, rows)| **rows > 0);
        held.next().filter(|_| held.next().is_none()).map(|(class, _)| class)
    };
    let mut told: Vec<usize> = table.iter().map(only).collect::<Option<_>>()?;
    told.sort_unstable();
    let one_to_one = told.windows(2).all(|pair| pair[0] != pair[1]);
    told.dedup();
    match told.len() {
        0 | 1 => None,
        _ if one_to_one => Some(Leak::OneToOne),
        _ => Some(Leak::GivesAway),
    }
}

/// The cut of the order that tells a class best.
fn best_cut(ranks: &[u32], classes: &[u32], class_count: usize) -> Association {
    let mut totals = vec![0; class_count];
    for &class in classes {
        if let Some(total) = totals.get_mut(class as usize) {
            *total += 1;
        }
    }
    let mut best = Association::default();
    let mut below = vec![0; class_count];
    let mut end = 0;
    let mut runs = ranks.chunk_by(|one, other| one == other).peekable();
    while let (Some(run), Some(next)) = (runs.next(), runs.peek()) {
        let start = end;
        end += run.len();
        for &class in &classes[start..end] {
            if let Some(below) = below.get_mut(class as usize) {
                *below += 1;
            }
        }
        // Between two rows of a class no cut is best: this passes by most of them where nearly all
        // rows are of one class.
        let around = &classes[start..end + next.len()];
        if around.iter().all(|class| *class == around[0]) {
            continue;
        }
        for (class, (&inside, &total)) in below.iter().zip(&totals).enumerate() {
            best.take(class, inside, end, total, classes.len());
        }
    }
    best
}

/// The set of labels that tells a class best: those with the greatest shares of it.
fn best_set(table: &[Vec<usize>], totals: &[usize]) -> Association {
    let mut best = Association::default();
    let rows = totals.iter().sum();
    for (class, &total) in totals.iter().enumerate() {
        let mut labels: Vec<(usize, usize)> =
            table.iter().map(|counts| (counts[class], counts.iter().sum())).collect();
        labels.sort_by(|one, other| (other.0 * one.1).cmp(&(one.0 * other.1)));
        let (mut inside, mut taken) = (0, 0);
        for (of_class, all) in labels {
            (inside, taken) = (inside + of_class, taken + all);
            best.take(class, inside, taken, total, rows);
        }
    }
    best
}

impl Association {
    fn nearly(&self) -> Option<Leak> {
        (self.mcc >= LEAK_FROM).then_some(Leak::Predicts { class: self.class })
    }

    /// Takes a class if a set of `taken` of the `rows`, of which `inside` are of the class with `total`
    /// rows, tells it better than the best before.
    fn take(&mut self, class: usize, inside: usize, taken: usize, total: usize, rows: usize) {
        if total < LEAST_OF_CLASS || rows - total < LEAST_OF_CLASS {
            return;
        }
        let [inside, taken, total, rows] = [inside, taken, total, rows].map(|count| count as f64);
        let spread = taken * (rows - taken) * total * (rows - total);
        let mcc =
            if spread > 0.0 { (inside * rows - taken * total).abs() / spread.sqrt() } else { 0.0 };
        if mcc > self.mcc {
            (self.class, self.mcc) = (class as u32, mcc.min(1.0));
        }
    }
}

/// The value that marks a rare class with the most rows.
fn marks(table: &[Vec<usize>], totals: &[usize]) -> Option<Leak> {
    let all: usize = totals.iter().sum();
    let mut best: Option<(usize, Leak)> = None;
    for (value, counts) in table.iter().enumerate() {
        let rows = counts.iter().sum::<usize>();
        let Some(class) = counts.iter().position(|&count| count == rows) else { continue };
        let of = totals[class];
        let chance = (of as f64 / all as f64).powf(rows as f64) * table.len() as f64;
        let rare = 2 * of <= all && rows >= LEAST_OF_CLASS && chance < CHANCE;
        if rare && best.is_none_or(|(most, _)| rows > most) {
            best = Some((rows, Leak::Marks { class: class as u32, value: value as u32, rows, of }));
        }
    }
    best.map(|(_, leak)| leak)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A column given by the rows of each class at each value.
    fn column(counts: &[[usize; 2]], ordered: bool) -> Association {
        let (mut ranks, mut classes) = (Vec::new(), Vec::new());
        for (rank, counts) in counts.iter().enumerate() {
            for (class, &rows) in counts.iter().enumerate() {
                ranks.extend(vec![rank as u32; rows]);
                classes.extend(vec![class as u32; rows]);
            }
        }
        assess(&ranks, &classes, 2, ordered)
    }

    #[test]
    fn a_copy_of_the_target_is_told_from_one_with_more_values() {
        assert_eq!(column(&[[96, 0], [0, 4]], true).leak, Some(Leak::OneToOne));
        assert_eq!(column(&[[90, 0], [0, 4], [6, 0]], true).leak, Some(Leak::GivesAway));
        assert_eq!(column(&[[0, 4], [0, 0]], true).leak, None);
    }

    #[test]
    fn a_copy_with_a_few_errors_is_a_leak() {
        let association = column(&[[9643, 18], [9, 330]], true);
        assert_eq!(association.leak, Some(Leak::Predicts { class: 0 }));
        assert!((association.mcc - 0.959_389_2).abs() < 1e-6, "{}", association.mcc);
        assert_eq!(column(&[[9643, 18], [9, 330]], false).mcc.to_bits(), association.mcc.to_bits());
    }

    #[test]
    fn a_reading_that_catches_a_rare_class_with_many_false_alarms_is_none() {
        // Balanced accuracy 0.95, ROC AUC 0.95.
        let association = column(&[[9000, 0], [900, 100]], true);
        assert_eq!(association.leak, None);
        assert!((0.25..0.35).contains(&association.mcc), "{}", association.mcc);
    }

    #[test]
    fn a_value_that_only_a_rare_class_holds_marks_it() {
        // The second column `y_1` of a published table.
        let association = column(&[[18274, 105], [0, 19]], true);
        assert_eq!(association.leak, Some(Leak::Marks { class: 1, value: 1, rows: 19, of: 124 }));
    }

    #[test]
    fn a_value_of_the_common_class_or_of_few_rows_marks_nothing() {
        assert_eq!(column(&[[500, 0], [9000, 100]], true).leak, None);
        assert_eq!(column(&[[900, 96], [0, 4]], true).leak, None);
        assert_eq!(column(&[[50, 45], [0, 5]], true).leak, None);
    }

    #[test]
    fn cuts_are_found_wherever_they_lie_and_few_rows_say_nothing() {
        let column = |rows: u32, cut: u32| {
            let ranks: Vec<u32> = (0..rows).collect();
            let classes: Vec<u32> = ranks.iter().map(|rank| u32::from(*rank >= cut)).collect();
            assess(&ranks, &classes, 2, true)
        };
        for cut in [5, 123, 495] {
            assert_eq!(column(500, cut).leak, Some(Leak::Predicts { class: 0 }), "{cut}");
            assert_eq!(column(500, cut).mcc.to_bits(), 1.0_f64.to_bits(), "{cut}");
        }
        assert_eq!(column(500, 497), Association::default());
        assert_eq!(column(19, 9), Association::default());
    }

    #[test]
    fn text_of_very_many_labels_is_not_judged() {
        let ranks: Vec<u32> = (0..500).collect();
        let classes: Vec<u32> = ranks.iter().map(|rank| rank % 2).collect();
        assert_eq!(assess(&ranks, &classes, 2, false), Association::default());
        assert!(assess(&ranks, &classes, 2, true).mcc < 0.1);
    }
}
