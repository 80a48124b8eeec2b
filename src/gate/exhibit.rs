//! What a gate shows of what it has judged, whatever its verdict: numbers, curves, lists.
//!
//! The page draws each kind in one way, so that a gate needs to know nothing of pages.

use serde::{Deserialize, Serialize};

/// Something to look at beside a gate's findings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exhibit {
    /// What is shown, in a few words.
    pub title: String,
    /// One sentence on how it was measured, or how to read it; empty if that is plain.
    pub note: String,
    /// What there is to see.
    pub content: ExhibitContent,
}

/// The kinds of what can be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum ExhibitContent {
    /// Amounts side by side, each with its limit if it has one.
    Amounts {
        /// The unit of all of them.
        unit: Unit,
        /// The amounts.
        amounts: Vec<Amount>,
    },
    /// Repeated measurements of one thing.
    Samples {
        /// The unit of all of them.
        unit: Unit,
        /// The measurements, in the order that they were made in.
        samples: Vec<f64>,
        /// What the median is held against.
        limit: Option<f64>,
    },
    /// Amounts over time, or over another axis.
    Curves {
        /// The horizontal axis.
        x: Axis,
        /// The vertical axis.
        y: Axis,
        /// One or more curves.
        curves: Vec<Curve>,
        /// A limit on the vertical axis.
        limit: Option<f64>,
    },
    /// An amount in parts, which have parts.
    Treemap {
        /// The unit of all parts.
        unit: Unit,
        /// The parts, largest first.
        parts: Vec<ExhibitPart>,
    },
    /// Anything else, as a table.
    Table {
        /// The names of the columns.
        columns: Vec<String>,
        /// The rows, each with a text per column.
        rows: Vec<Vec<String>>,
    },
}

/// An amount with a name.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Amount {
    /// What it is of.
    pub label: String,
    /// How much.
    pub value: f64,
    /// It has to be less.
    pub limit: Option<f64>,
}

/// An axis.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Axis {
    /// What is along it.
    pub label: String,
    /// In what.
    pub unit: Unit,
}

/// Points that are joined by a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// What it is of.
    pub label: String,
    /// The points, from left to right.
    pub points: Vec<(f64, f64)>,
}

/// A part of a treemap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExhibitPart {
    /// What it is.
    pub label: String,
    /// How large it is; no less than its parts together.
    pub value: f64,
    /// Its parts, largest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<ExhibitPart>,
}

/// What numbers are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Bytes, written as kB and MB of 1000.
    Bytes,
    /// Seconds, written as ms where they are few.
    Seconds,
    /// Hundredths.
    Percent,
    /// Things that are counted.
    Count,
    /// Seconds since the epoch, written as dates.
    Date,
}
