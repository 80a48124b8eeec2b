//! Asks a person for what `init` could not find out.

use std::fmt::Display;
use std::io::{self, BufRead, IsTerminal, Write};
use std::str::FromStr;

use sealift::init::InitError;
use sealift::init::answers::Answers;

/// Whether somebody is there to be asked.
pub fn can_be_asked() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// Asks a question on the terminal until the answer is one; `None` if there is none.
pub fn ask<T: FromStr<Err: Display>>(question: &str) -> Option<T> {
    ask_on(&mut io::stdin().lock(), &mut io::stderr(), question)
}

fn ask_on<T: FromStr<Err: Display>>(
    input: &mut impl BufRead,
    output: &mut impl Write,
    question: &str,
) -> Option<T> {
    loop {
        write!(output, "{question}: ").ok()?;
        output.flush().ok()?;
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            return None;
        }
        match line.trim().parse() {
            Ok(answer) => return Some(answer),
            Err(error) => writeln!(output, "{error}").ok()?,
        }
    }
}

/// Asks for what an error says is missing. Says whether there are answers to go on with.
pub fn answer(error: &InitError, answers: &mut Answers) -> bool {
    answered(error, answers).is_some()
}

fn answered(error: &InitError, answers: &mut Answers) -> Option<()> {
    match error {
        InitError::Unknown { unknown, .. } => {
            // What has no option is to be written into Cargo.toml.
            unknown
                .iter()
                .try_for_each(|unknown| unknown.option.map(drop))?;
            for unknown in unknown {
                match unknown.option? {
                    "--summary" => answers.summary = Some(ask("One line about the program")?),
                    "--license" => {
                        answers.license = Some(ask("SPDX license expression, such as `MIT`")?);
                    }
                    "--maintainer" => {
                        answers.maintainer =
                            Some(ask("Who answers for the packages, as `Name <address>`")?);
                    }
                    _ => return None,
                }
            }
        }
        InitError::SeveralPackages { packages } => {
            let question = format!("Package to release, of `{}`", packages.join("`, `"));
            answers.packages.push(ask(&question)?);
        }
        InitError::NoPackage { known, .. } => {
            let question = format!("There is no such package; one of `{}`", known.join("`, `"));
            answers.packages = vec![ask(&question)?];
        }
        InitError::Name(_) => answers.name = Some(ask("The package's name")?),
        _ => return None,
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use sealift::model::person::Person;

    /// What is answered and what is said, for lines that are typed.
    fn asked(typed: &str) -> (Option<Person>, String) {
        let mut said = Vec::new();
        let answer = ask_on(&mut typed.as_bytes(), &mut said, "Maintainer");
        (answer, String::from_utf8(said).expect("text"))
    }

    #[test]
    fn a_question_is_asked_until_the_answer_is_one() {
        let (answer, said) = asked("moon\n A. Person <a@example.org> \nB <b@example.org>\n");
        let answer = answer.map(|person| person.to_string());
        assert_eq!(answer.as_deref(), Some("A. Person <a@example.org>"));
        assert!(
            said.starts_with("Maintainer: maintainer `moon` is not valid"),
            "{said}"
        );
        assert!(said.ends_with("\nMaintainer: "), "{said}");
    }

    #[test]
    fn the_end_of_the_input_is_no_answer() {
        assert!(asked("").0.is_none());
    }
}
