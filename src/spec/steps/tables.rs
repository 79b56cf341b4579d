//! Steps that look into other tables.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::spec::span::Span;

/// Columns of another table, which become features.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Join {
    /// A name of `data.tables`.
    pub table: String,
    /// Which of its rows belongs to a row.
    pub by: JoinBy,
    /// What the names of the new columns begin with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
}

/// Which row of another table belongs to a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum JoinBy {
    /// The only one of the same group.
    Group,
    /// The only one of the same group and time.
    GroupAndTime,
    /// The last one of the same group that is not later.
    Latest,
}

/// Events of another table: a time, a group, and what it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Events {
    /// A name of `data.tables`.
    pub table: String,
    /// The column that says what it was.
    pub column: String,
    /// What the names of the new columns begin with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
}

/// Events of another table that came lately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CountEvents {
    /// A name of `data.tables`.
    pub table: String,
    /// The column that says what it was.
    pub column: String,
    /// How far it may lie back.
    pub within: Span,
    /// What the names of the new columns begin with.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub prefix: String,
}

/// The event that comes next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// A name of `data.tables`.
    pub table: String,
    /// The column that says what it was.
    pub column: String,
    /// How far ahead it may be.
    pub within: Span,
    /// The class of rows that no event follows.
    pub otherwise: String,
}
