//! Greets whoever is named on the command line, or else the world.

use std::env;
use std::process::ExitCode;

const HELP: &str = "\
usage: hello [NAME]...

Greets whoever is named, or else the world.

  --help     print this help
  --version  print the version";

fn main() -> ExitCode {
    let arguments: Vec<_> = env::args().skip(1).collect();
    match arguments.first().map(String::as_str) {
        Some("--help") => println!("{HELP}"),
        Some("--version") => println!("hello {}", env!("CARGO_PKG_VERSION")),
        Some(option) if option.starts_with('-') => {
            eprintln!("hello: there is no option `{option}`; see `hello --help`");
            return ExitCode::from(2);
        }
        _ => println!("{}", greeting(&arguments)),
    }
    ExitCode::SUCCESS
}

/// The greeting for some people, or for the world where there are none.
fn greeting(names: &[String]) -> String {
    match names {
        [] => "Hello, world!".to_owned(),
        [only] => format!("Hello, {only}!"),
        [others @ .., last] => format!("Hello, {} and {last}!", others.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn greet(names: &[&str]) -> String {
        greeting(&names.iter().map(ToString::to_string).collect::<Vec<_>>())
    }

    #[test]
    fn the_world_is_greeted_where_nobody_is_named() {
        assert_eq!(greet(&[]), "Hello, world!");
    }

    #[test]
    fn everybody_who_is_named_is_greeted() {
        assert_eq!(greet(&["Ada"]), "Hello, Ada!");
        assert_eq!(
            greet(&["Ada", "Alan", "Grace"]),
            "Hello, Ada, Alan and Grace!"
        );
    }
}
