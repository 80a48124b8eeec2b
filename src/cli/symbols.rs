//! `sealift symbols`: a program to ship, and its symbols to keep.

use std::path::PathBuf;

use super::exit::Exit;
use super::stdout;

/// Split the symbols from a Linux or Windows program
///
/// Writes the program without its debug sections and symbol table, and a file with both, `.build-id/ab/cdef….debug` in
/// the directory, whose path is printed. Debuggers find it by the build ID.
#[derive(clap::Args)]
pub struct Symbols {
    /// The program: ELF or PE, with a build ID
    #[arg(value_name = "FILE")]
    program: PathBuf,

    /// The file to write the program without symbols to
    #[arg(long, value_name = "FILE")]
    out: PathBuf,

    /// The directory for the symbols
    #[arg(long, value_name = "DIR")]
    debug: PathBuf,
}

impl Symbols {
    /// Splits the program.
    pub fn run(self) -> anyhow::Result<Exit> {
        let path = sealift::program::symbols::symbols(&self.program, &self.out, &self.debug)?;
        stdout::print_text(&format!("{}\n", path.display()))?;
        Ok(Exit::Done)
    }
}
