//! Whether a program does what another one did: recorded cases that are replayed, and a map from one source to the other.
//!
//! A corpus is a directory of cases that people review. A case has what a program is given (arguments, environment, standard
//! input, files) and what it did (exit code, both streams, files). [`record`](record::record) makes cases of a reference
//! implementation, [`replay`](replay::replay) compares another program with them, byte for byte. What may differ from run to
//! run is declared as a normalization, and each that was needed is counted.

mod bytes;
mod case;
mod compare;
mod corpus;
pub mod coverage;
mod error;
mod files;
mod normalize;
pub mod record;
pub mod replay;
mod settings;
mod shown;
mod subject;

pub use corpus::Corpus;
pub use error::ParityError;
pub use subject::{Candidate, Outcome};
