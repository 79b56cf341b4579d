//! Which expressions may derive a feature: those in which a row's value depends on that row alone.
//!
//! A mean over the column, a lag or a rank would look at validation and test rows before the split,
//! and would give a row another value alone than in its table.

use polars::prelude::{BooleanFunction, Expr, FunctionExpr};

/// The first part of an expression that looks beyond its row, as polars prints it.
pub(super) fn beyond_the_row(expression: &Expr) -> Option<String> {
    expression.into_iter().find(|part| !is_row_wise(part)).map(|part| format!("{part}"))
}

/// Whether a part chooses between constants alone, which polars panics on where their types differ.
pub(super) fn chooses_constants(expression: &Expr) -> bool {
    let is_constant = |part: &Expr| !part.into_iter().any(|part| matches!(part, Expr::Column(_)));
    expression.into_iter().any(|part| match part {
        Expr::Function { input, function: FunctionExpr::Coalesce | FunctionExpr::FillNull } => {
            input.iter().all(is_constant)
        }
        _ => false,
    })
}

fn is_row_wise(part: &Expr) -> bool {
    match part {
        Expr::Column(_)
        | Expr::Literal(_)
        | Expr::Alias(..)
        | Expr::BinaryExpr { .. }
        | Expr::Cast { .. }
        | Expr::Ternary { .. } => true,
        Expr::Function { function, .. } => is_row_wise_function(function),
        _ => false,
    }
}

fn is_row_wise_function(function: &FunctionExpr) -> bool {
    match function {
        FunctionExpr::Boolean(function) => matches!(
            function,
            BooleanFunction::IsNull
                | BooleanFunction::IsNotNull
                | BooleanFunction::IsFinite
                | BooleanFunction::IsInfinite
                | BooleanFunction::IsNan
                | BooleanFunction::IsNotNan
                | BooleanFunction::AllHorizontal
                | BooleanFunction::AnyHorizontal
                | BooleanFunction::Not
        ),
        _ => matches!(
            function,
            FunctionExpr::Abs
                | FunctionExpr::Negate
                | FunctionExpr::Pow(_)
                | FunctionExpr::Trigonometry(_)
                | FunctionExpr::Atan2
                | FunctionExpr::Sign
                | FunctionExpr::FillNull
                | FunctionExpr::Coalesce
                | FunctionExpr::Log
                | FunctionExpr::Log1p
                | FunctionExpr::Exp
                | FunctionExpr::Round { .. }
                | FunctionExpr::Floor
                | FunctionExpr::Ceil
                | FunctionExpr::MaxHorizontal
                | FunctionExpr::MinHorizontal
        ),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use polars::sql::sql_expr;

    use super::*;

    fn verdict(expression: &str) -> Option<String> {
        beyond_the_row(&sql_expr(expression).unwrap())
    }

    #[test]
    fn arithmetic_and_functions_of_the_row_are_taken() {
        for expression in [
            "a * b * 2 * pi() / 60",
            "-a + abs(b) - sqrt(a)",
            "pow(a, 2) + a % 3",
            "ln(a) + log10(b) + exp(a)",
            "sin(a) + atan2(a, b)",
            "round(a, 1) + floor(b) + ceil(a) + sign(b)",
            "CASE WHEN a > 3 AND b IS NOT NULL THEN 1 ELSE 0 END",
            "coalesce(a, b)",
            "greatest(a, b) - least(a, b)",
            "CAST(a AS INT)",
            "a BETWEEN 1 AND 2",
        ] {
            assert_eq!(verdict(expression), None, "{expression}");
        }
    }

    #[test]
    fn a_choice_between_constants_is_found() {
        let found = |expression: &str| chooses_constants(&sql_expr(expression).unwrap());
        assert!(found("a + coalesce(11, 4294967295)"));
        assert!(found("ifnull(1, -2)"));
        assert!(!found("coalesce(a, 11, 4294967295)"));
    }

    #[test]
    fn whatever_looks_at_other_rows_is_refused() {
        for expression in [
            "a - AVG(a)",
            "a / MAX(a)",
            "a - COUNT(*)",
            "SUM(a)",
            "STDDEV(a)",
            "MEDIAN(a)",
            "LAG(a, 1) OVER (ORDER BY b)",
            "ROW_NUMBER() OVER (ORDER BY b)",
            "SUM(a) OVER (PARTITION BY b)",
            "FIRST(a)",
        ] {
            assert!(sql_expr(expression).is_err() || verdict(expression).is_some(), "{expression}");
        }
    }
}
