//! Determines the shell of a completion script by its path.

/// A shell with programmable completion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shell {
    Bash,
    Zsh,
    Fish,
    /// Elvish, PowerShell and others without a system folder for scripts.
    Other,
}

impl Shell {
    /// The shell that a script at this path is for.
    pub(super) fn of(path: &str) -> Self {
        let name = file_name(path);
        let is_in = |folder: &str| path.split('/').any(|part| part == folder);
        if is_in("bash-completion") || name.ends_with(".bash") {
            Self::Bash
        } else if name.ends_with(".fish") {
            Self::Fish
        } else if is_in("zsh") || (name.starts_with('_') && !name.contains('.')) {
            Self::Zsh
        } else {
            Self::Other
        }
    }
}

/// The last part of a path.
pub(super) fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_known_by_their_folder_or_name() {
        for (path, shell) in [
            ("usr/share/bash-completion/completions/hello", Shell::Bash),
            ("usr/share/completions/hello.bash", Shell::Bash),
            ("usr/share/zsh/site-functions/_hello", Shell::Zsh),
            ("completions/_hello", Shell::Zsh),
            (
                "usr/share/fish/vendor_completions.d/hello.fish",
                Shell::Fish,
            ),
            ("usr/share/hello/_hello.ps1", Shell::Other),
            ("usr/share/elvish/lib/hello.elv", Shell::Other),
        ] {
            assert_eq!(Shell::of(path), shell, "{path}");
        }
    }
}
