//! The `sealift` program: a terminal for the library.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run().into()
}
