//! The first argument, where it is for the runtime and not for the program inside.

/// What the runtime is asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// Run the program inside.
    Run,
    /// Run it from an extracted copy, without FUSE.
    ExtractAndRun,
    Extract,
    Help,
    Mount,
    Offset,
    PortableConfig,
    PortableHome,
    Signature,
    UpdateInformation,
    Version,
    /// Begins as the runtime's options do, but is none of them.
    Unknown,
}

const PREFIX: &[u8] = b"--appimage-";

/// What each option after [`PREFIX`] means.
const OPTIONS: &[(&[u8], Request)] = &[
    (b"extract", Request::Extract),
    (b"extract-and-run", Request::ExtractAndRun),
    (b"help", Request::Help),
    (b"mount", Request::Mount),
    (b"offset", Request::Offset),
    (b"portable-config", Request::PortableConfig),
    (b"portable-home", Request::PortableHome),
    (b"signature", Request::Signature),
    (b"updateinfo", Request::UpdateInformation),
    (b"updateinformation", Request::UpdateInformation),
    (b"version", Request::Version),
];

pub const HELP: &str = "\
Options of the AppImage runtime; all others go to the program inside:

  --appimage-extract [PATTERN]   extract the files to squashfs-root/; with a
                                 pattern such as 'usr/*' only what matches
  --appimage-extract-and-run     run from a temporary extracted copy; the other
                                 arguments go to the program
  --appimage-help                print this text
  --appimage-mount               mount the files, print where, and stay until
                                 interrupted
  --appimage-offset              print the position of the squashfs image
  --appimage-portable-config     make a directory beside this file that the
                                 program then uses as $XDG_CONFIG_HOME
  --appimage-portable-home       make a directory beside this file that the
                                 program then uses as $HOME
  --appimage-signature           print the embedded signature
  --appimage-updateinformation   print the embedded update information
  --appimage-version             print the runtime's version

Environment:

  APPIMAGE_EXTRACT_AND_RUN   as --appimage-extract-and-run
  FUSERMOUNT_PROG            the fusermount to mount with
  NO_CLEANUP                 keep the extracted copy and use it again
  TARGET_APPIMAGE            the AppImage to act on instead of this file
  TMPDIR                     where to mount and extract; /tmp if unset
  VERBOSE                    say what is being done
";

/// Reads the first argument.
pub fn parse(argument: Option<&[u8]>) -> Request {
    let Some(name) = argument.and_then(|a| a.strip_prefix(PREFIX)) else {
        return Request::Run;
    };
    let known = OPTIONS.iter().find(|(option, _)| *option == name);
    known.map_or(Request::Unknown, |(_, request)| *request)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_option_is_in_the_help_text() {
        for (name, _) in OPTIONS {
            let option = format!("--appimage-{}", String::from_utf8_lossy(name));
            // The short spelling is there for tools that know it.
            assert!(
                HELP.contains(&option) || option == "--appimage-updateinfo",
                "{option}"
            );
        }
    }

    #[test]
    fn only_arguments_with_the_prefix_are_the_runtimes() {
        assert_eq!(parse(None), Request::Run);
        assert_eq!(parse(Some(b"--help")), Request::Run);
        assert_eq!(parse(Some(b"appimage-help")), Request::Run);
        assert_eq!(parse(Some(b"--appimage-help")), Request::Help);
        assert_eq!(
            parse(Some(b"--appimage-updateinfo")),
            Request::UpdateInformation
        );
        assert_eq!(parse(Some(b"--appimage-fly")), Request::Unknown);
    }

    #[test]
    fn help_lines_fit_a_terminal() {
        assert!(HELP.lines().all(|line| line.len() <= 80));
    }
}
