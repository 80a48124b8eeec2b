//! The command line: one file per subcommand.

mod check;
mod completions;
mod diff;
mod doctor;
mod exit;
mod expectation;
mod gate;
mod git;
mod init;
mod interrupt;
mod judgment;
mod licenses;
mod login;
mod make;
mod man;
mod manifest;
mod manual;
mod measure;
mod package;
mod parity;
mod plan;
mod progress;
mod project;
mod push;
mod questions;
mod release;
mod report;
mod runtimes;
mod sbom;
mod soak;
mod stamp;
mod stdout;
mod symbols;
mod targets;
mod terminal;
mod text;
mod tree;
mod universal;
mod values;
mod version;

use clap::{CommandFactory, Parser, Subcommand};

use exit::Exit;

/// Takes a Rust program from source to packages that people can install
#[derive(Parser)]
#[command(
    name = "sealift",
    version,
    disable_version_flag = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
#[command(after_help = exit::HELP, after_long_help = exit::HELP)]
struct Cli {
    /// Print the version, the commit and the target that this program was built for
    #[arg(short = 'V', long)]
    version: bool,

    /// Print the version as JSON
    #[arg(long, requires = "version")]
    json: bool,

    #[command(flatten)]
    terminal: terminal::TerminalArgs,

    #[command(subcommand)]
    command: Option<Command>,
}

/// Every subcommand, in the order of a release's way. Each is documented where it is defined.
#[derive(Subcommand)]
enum Command {
    Doctor(doctor::Doctor),
    Init(init::Init),
    Plan(plan::Plan),
    Make(make::Make),
    Licenses(licenses::Licenses),
    Sbom(sbom::Sbom),
    Tree(tree::Tree),
    Package(package::Package),
    Release(release::Release),
    Check(check::Check),
    Measure(measure::Measure),
    Soak(soak::Soak),
    Gate(gate::Gate),
    Report(report::ShowReports),
    Diff(diff::Diff),
    Parity(parity::Parity),
    Push(push::Push),
    Universal(universal::Universal),
    Symbols(symbols::Symbols),
    Stamp(stamp::Stamp),
    Targets(targets::Targets),
    Manifest(manifest::Manifest),
    Completions(completions::Completions),
    Man(man::Man),
}

/// Runs the program for the command line that it was started with.
pub fn run() -> Exit {
    interrupt::prepare();
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return exit::usage(&error),
    };
    cli.terminal.apply();
    match dispatch(cli) {
        Ok(exit) => exit,
        Err(error) => exit::could_not_run(&error),
    }
}

fn dispatch(cli: Cli) -> anyhow::Result<Exit> {
    runtimes::provide()?;
    match cli.command {
        Some(Command::Doctor(command)) => command.run(),
        Some(Command::Init(command)) => command.run(),
        Some(Command::Plan(command)) => command.run(),
        Some(Command::Make(command)) => command.run(),
        Some(Command::Licenses(command)) => command.run(),
        Some(Command::Sbom(command)) => command.run(),
        Some(Command::Tree(command)) => command.run(),
        Some(Command::Package(command)) => command.run(),
        Some(Command::Release(command)) => command.run(),
        Some(Command::Check(command)) => command.run(),
        Some(Command::Measure(command)) => command.run(),
        Some(Command::Soak(command)) => command.run(),
        Some(Command::Gate(command)) => command.run(),
        Some(Command::Report(command)) => command.run(),
        Some(Command::Diff(command)) => command.run(),
        Some(Command::Parity(command)) => command.run(),
        Some(Command::Push(command)) => command.run(),
        Some(Command::Universal(command)) => command.run(),
        Some(Command::Symbols(command)) => command.run(),
        Some(Command::Stamp(command)) => command.run(),
        Some(Command::Targets(command)) => command.run(),
        Some(Command::Manifest(command)) => command.run(),
        Some(Command::Completions(command)) => command.run(Cli::command()),
        Some(Command::Man(command)) => command.run(Cli::command()),
        None if cli.version => version::print(cli.json),
        None => Ok(exit::no_command(&mut Cli::command())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_has_a_manual_whose_examples_can_be_run() {
        let cli = Cli::command();
        let commands = cli.get_subcommands().map(clap::Command::get_name);
        let expected: Vec<_> = std::iter::once("").chain(commands).collect();
        let found = manual::MANUALS.iter().map(|manual| manual.command);
        assert_eq!(found.collect::<Vec<_>>(), expected);
        for (line, _) in manual::MANUALS.iter().flat_map(|manual| manual.examples) {
            let parsed = Cli::try_parse_from(line.split_whitespace());
            let is_help = parsed.as_ref().is_err_and(|error| !error.use_stderr());
            assert!(parsed.is_ok() || is_help, "{line}");
        }
    }

    #[test]
    fn every_subcommand_and_option_says_what_it_is_for() {
        let mut cli = Cli::command();
        cli.build();
        let below = cli.get_subcommands().flat_map(|c| c.get_subcommands());
        for command in std::iter::once(&cli)
            .chain(cli.get_subcommands())
            .chain(below)
        {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for argument in command.get_arguments() {
                let name = argument.get_id();
                assert!(
                    argument.get_help().is_some(),
                    "{} {name}",
                    command.get_name()
                );
            }
        }
    }
}
