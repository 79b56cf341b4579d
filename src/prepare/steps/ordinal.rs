//! The place of a category in a stated order.

use serde::{Deserialize, Serialize};

use crate::prepare::PrepareError;
use crate::prepare::rows::{ByColumn, Rows};
use crate::spec::{self, Unseen};

/// Puts the place in an order, from 0, in place of a category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ordinal {
    /// The order of each column.
    pub orders: ByColumn<Vec<String>>,
    /// What to do about a category that is not in the order.
    pub unseen: Unseen,
}

impl Ordinal {
    pub(super) fn resolve(how: &spec::Ordinal, rows: &Rows) -> Result<Self, PrepareError> {
        let mut orders = ByColumn::new();
        for (name, order) in &how.orders {
            let name = rows.resolve(name)?;
            if let Some(twice) = (1..order.len()).find(|&at| order[..at].contains(&order[at])) {
                let category = order[twice].clone();
                return Err(PrepareError::OrderTwice { column: name, category });
            }
            orders.insert(name, order.clone());
        }
        Ok(Self { orders, unseen: how.unseen })
    }

    pub(super) fn apply(&self, rows: &mut Rows) -> Result<(), PrepareError> {
        for (name, order) in &self.orders {
            let cells = rows.text(name)?;
            let mut values = Vec::with_capacity(cells.len());
            for (row, cell) in cells.iter().enumerate() {
                let place = cell.as_ref().map(|cell| order.iter().position(|one| one == cell));
                values.push(match (place, cell) {
                    (Some(Some(place)), _) => place as f64,
                    (Some(None), Some(cell)) if self.unseen == Unseen::Error => {
                        return Err(PrepareError::NotInOrder {
                            path: rows.path(),
                            column: name.clone(),
                            row: rows.number(row),
                            value: cell.clone(),
                        });
                    }
                    (Some(None), _) => {
                        rows.unseen += 1;
                        f64::NAN
                    }
                    (None, _) => f64::NAN,
                });
            }
            rows.put(name, values)?;
        }
        Ok(())
    }
}
