//! Standard output, which is for data alone.

use std::io::{self, Write};

use super::terminal::colored;
use super::text::{printable, printable_json};

/// Standard output did not take the data.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output")]
pub struct CannotPrint(#[source] pub io::Error);

/// Prints bytes as they are.
pub fn print(bytes: &[u8]) -> Result<(), CannotPrint> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(bytes)
        .and_then(|()| stdout.flush())
        .map_err(CannotPrint)
}

/// Prints text for people.
pub fn print_text(text: &str) -> Result<(), CannotPrint> {
    print(printable(text).as_bytes())
}

/// Prints text whose lines begin with how something stands.
pub fn print_report(text: &str) -> Result<(), CannotPrint> {
    print(colored(printable(text), &io::stdout()).as_bytes())
}

/// Prints a value as JSON.
pub fn print_json(value: &impl serde::Serialize) -> Result<(), CannotPrint> {
    let text = sealift::output::json::to_text(value);
    print(printable_json(&text).as_bytes())
}
