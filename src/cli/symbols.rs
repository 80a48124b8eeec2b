//! `sealift symbols`: a program to ship, and its symbols to keep.

use std::path::PathBuf;

use super::exit::Exit;
use super::stdout;

/// Split the symbols from a program for Linux or Windows
///
/// The program goes without debug sections and symbol table; a file with both goes where debuggers look for it,
/// `.build-id/ab/cdef….debug` in the directory, and its path is printed. The build id ties the two together.
#[derive(clap::Args)]
pub struct Symbols {
    /// The program: ELF or PE, with a build id
    #[arg(value_name = "FILE")]
    program: PathBuf,

    /// Where the program without symbols goes
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
