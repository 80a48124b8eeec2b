//! Finished programs: what kind they are, what they say of themselves, and what is changed in them after linking.

pub mod elf;
pub mod file;
pub mod kind;
pub mod macho;
pub mod pe;
pub mod stamp;
pub mod symbols;
