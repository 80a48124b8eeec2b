//! How much the program says, and in which colors.

use std::io::IsTerminal;
use std::sync::OnceLock;

/// Options of every command.
#[derive(clap::Args, Clone, Copy, Debug)]
pub struct TerminalArgs {
    /// Print only errors
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    quiet: bool,

    /// Print progress even if standard error is not a terminal
    #[arg(short, long, global = true)]
    verbose: bool,

    /// When to use colors; `auto` uses them on terminals unless `NO_COLOR` is set
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    color: Color,
}

/// When to use colors.
#[derive(clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Color {
    Auto,
    Always,
    Never,
}

/// The options that the program was started with. They are global because errors are reported where no command is
/// known.
static OPTIONS: OnceLock<TerminalArgs> = OnceLock::new();

impl TerminalArgs {
    /// Sets the options from now on.
    pub fn apply(self) {
        // There is one command line, so nobody has set them before.
        let _ = OPTIONS.set(self);
    }
}

/// Whether only errors are to be reported.
pub fn is_quiet() -> bool {
    OPTIONS.get().is_some_and(|options| options.quiet)
}

/// Whether progress is to be reported in full.
pub fn is_verbose() -> bool {
    OPTIONS.get().is_some_and(|options| options.verbose)
}

/// Words that begin a line, with the number of their color (ECMA-48, SGR).
const COLORED: [(&str, u8); 9] = [
    ("error:", 31),
    ("warning:", 33),
    ("hint:", 36),
    ("FAIL", 31),
    ("ERROR", 31),
    ("MISSING", 31),
    ("missing", 33),
    ("pass", 32),
    ("ok", 32),
];

/// Colors status words if the stream is to have colors. The words remain, so no information is in the color only.
pub fn colored(text: String, stream: &impl IsTerminal) -> String {
    if is_colored(stream) {
        text.split_inclusive('\n').map(color_line).collect()
    } else {
        text
    }
}

fn is_colored(stream: &impl IsTerminal) -> bool {
    match OPTIONS.get().map_or(Color::Auto, |options| options.color) {
        Color::Always => true,
        Color::Never => false,
        // https://no-color.org: any value but an empty one.
        Color::Auto => {
            let is_set = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
            stream.is_terminal() && !is_set && !is_dumb
        }
    }
}

fn color_line(line: &str) -> String {
    let rest = line.trim_start();
    let indent = &line[..line.len() - rest.len()];
    let begins = |word: &str| {
        let after = rest.strip_prefix(word);
        after.is_some_and(|after| after.is_empty() || after.starts_with(char::is_whitespace))
    };
    match COLORED.iter().find(|(word, _)| begins(word)) {
        Some((word, number)) => {
            format!(
                "{indent}\x1b[1;{number}m{word}\x1b[0m{}",
                &rest[word.len()..]
            )
        }
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_word_at_the_start_of_a_line_is_colored() {
        let table = [
            ("error: no\n", "\x1b[1;31merror:\x1b[0m no\n"),
            ("  hint: do\n", "  \x1b[1;36mhint:\x1b[0m do\n"),
            ("pass   size\n", "\x1b[1;32mpass\x1b[0m   size\n"),
            ("passage\n", "passage\n"),
            ("an error: no\n", "an error: no\n"),
        ];
        for (line, expected) in table {
            assert_eq!(color_line(line), expected);
        }
    }
}
