//! Reports as pages: one file of HTML each, which needs nothing else and fetches nothing.
//!
//! A page has no scripts. What it shows comes from reports that anybody may have written, so all text goes through
//! `markup`, which escapes it. The same report gives the same bytes.

mod amounts;
pub mod comparison;
mod curves;
mod document;
mod figure;
mod markup;
mod palette;
mod releases;
mod samples;
mod scale;
mod single;
mod style;
mod treemap;

pub use comparison::Comparison;
pub use releases::page as releases_page;
pub use single::page;
