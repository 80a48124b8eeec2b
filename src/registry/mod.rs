//! Sends images to a registry by the OCI distribution specification 1.1 (`spec.md`).
//!
//! A registry is asked first what it has, so that a second push sends nothing. A blob is sent as a stream; if the
//! connection is lost, sending goes on from the offset that the registry reports, or from the start if it reports none.

mod challenge;
mod credentials;
mod error;
mod push;
mod session;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod upload;

pub use credentials::{Credentials, Login, Secret, config_keys, in_config};
pub use error::RegistryError;
pub use push::{Pushed, push};
