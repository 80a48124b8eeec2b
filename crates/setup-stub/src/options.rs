//! The command line.

/// What is shown for `/HELP`.
pub const HELP: &str = "\
/S  asks nothing and shows nothing
/ALLUSERS  installs for everybody who uses the machine; needs an administrator
/CURRENTUSER  installs for the user alone, which is the default
/D=DIR  installs into a directory; the last of the options
/NODESKTOP  adds no shortcut to the desktop
/NOPATH  leaves PATH alone
/DOWNGRADE  replaces a newer version
/PURGE  when removing: removes edited configuration files, too
/HELP  shows this

Exit codes: 0 done, 1 canceled, 2 failed, 3 the setup is damaged, 4 a newer version is installed, 5 an administrator is needed, \
6 the program is running, 7 wrong options";

/// What was asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    pub silent: bool,
    pub all_users: bool,
    pub directory: Option<String>,
    pub no_desktop: bool,
    pub no_path: bool,
    pub downgrade: bool,
    pub purge: bool,
    pub help: bool,
}

impl Options {
    /// Reads a whole command line, as Windows passes it: the directory is all that follows `/D=`, with or without quotes.
    pub fn parse(line: &str) -> Result<Self, String> {
        let mut options = Self::default();
        let (_, mut rest) = word(line);
        loop {
            rest = rest.trim_start();
            if rest.is_empty() {
                return Ok(options);
            }
            let quoted = rest.strip_prefix('"').unwrap_or(rest);
            if quoted
                .get(..3)
                .is_some_and(|d| d.eq_ignore_ascii_case("/D="))
            {
                let (directory, after) = if quoted.len() < rest.len() {
                    quoted[3..].split_once('"').unwrap_or((&quoted[3..], ""))
                } else {
                    (&rest[3..], "")
                };
                if !after.trim().is_empty() {
                    return Err(format!(
                        "`{}` follows /D=, which is the last option",
                        after.trim()
                    ));
                }
                options.directory = Some(absolute(directory)?);
                return Ok(options);
            }
            let (option, after) = word(rest);
            rest = after;
            match option.to_ascii_uppercase().as_str() {
                "/S" => options.silent = true,
                "/ALLUSERS" => options.all_users = true,
                "/CURRENTUSER" => options.all_users = false,
                "/NODESKTOP" => options.no_desktop = true,
                "/NOPATH" => options.no_path = true,
                "/DOWNGRADE" => options.downgrade = true,
                "/PURGE" => options.purge = true,
                "/HELP" | "/?" | "--HELP" => options.help = true,
                _ => return Err(format!("there is no option `{option}`; /HELP shows them")),
            }
        }
    }
}

/// The first word without its quotes, and what follows it.
fn word(line: &str) -> (String, &str) {
    let (mut word, mut in_quotes) = (String::new(), false);
    for (at, c) in line.char_indices() {
        match c {
            '"' => in_quotes = !in_quotes,
            ' ' | '\t' if !in_quotes => return (word, &line[at..]),
            c => word.push(c),
        }
    }
    (word, "")
}

/// A directory from the root of a drive or a share, with `\` between the names and none at the end.
fn absolute(given: &str) -> Result<String, String> {
    let path = given.trim().trim_matches('"').replace('/', "\\");
    let path = path.trim_end_matches('\\');
    let mut start = path.chars();
    let drive = start.next().is_some_and(|c| c.is_ascii_alphabetic())
        && start.next() == Some(':')
        && start.next() == Some('\\');
    let share = path.starts_with("\\\\") && path.matches('\\').count() > 3;
    let below = if share {
        &path[2..]
    } else {
        path.get(3..).unwrap_or("")
    };
    let is_plain = |name: &str| {
        !matches!(name, "" | "." | "..")
            && !name.contains(|c: char| c.is_control() || ":*?\"<>|".contains(c))
            && !name.ends_with(['.', ' '])
    };
    if (drive || share) && below.split('\\').all(is_plain) {
        return Ok(path.to_owned());
    }
    Err(format!(
        "`{given}` is not a directory to install into; expected one with its drive, such as C:\\Programs\\hello"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory(line: &str) -> Option<String> {
        Options::parse(line).expect("valid").directory
    }

    #[test]
    fn options_are_read_in_any_case_and_order() {
        let options = Options::parse("\"C:\\a b\\setup.exe\"  /s /Downgrade /NODESKTOP /allusers");
        let expected = Options {
            silent: true,
            all_users: true,
            no_desktop: true,
            downgrade: true,
            ..Options::default()
        };
        assert_eq!(options, Ok(expected));
        assert_eq!(Options::parse("setup.exe"), Ok(Options::default()));
    }

    #[test]
    fn a_directory_is_all_that_follows() {
        let expected = Some("C:\\Größe $x %y%\\a b".to_owned());
        for line in [
            "setup /S /D=C:\\Größe $x %y%\\a b",
            "setup /S \"/D=C:\\Größe $x %y%\\a b\"",
            "setup /S /D=\"C:\\Größe $x %y%\\a b\\\"",
            "setup /S /d=C:/Größe $x %y%/a b/",
        ] {
            assert_eq!(directory(line), expected, "{line}");
        }
        assert_eq!(
            directory("setup /D=\\\\host\\share\\x"),
            Some("\\\\host\\share\\x".to_owned())
        );
    }

    #[test]
    fn what_is_not_known_is_refused_by_its_name() {
        let error = |line: &str| Options::parse(line).expect_err("wrong");
        assert_eq!(
            error("setup /X"),
            "there is no option `/X`; /HELP shows them"
        );
        assert!(error("setup \"/D=C:\\x\" /S").contains("`/S` follows /D="));
        for wrong in [
            "relative",
            "C:",
            "C:\\",
            "C:x",
            "C:\\a\\..\\b",
            "C:\\a*",
            "C:\\a. \\b",
            "\\\\host",
        ] {
            let error = error(&format!("setup /D={wrong}"));
            assert!(
                error.contains("is not a directory to install into"),
                "{wrong}"
            );
        }
    }
}
