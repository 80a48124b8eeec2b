//! Programs other than Nix.

use super::{Host, Verdict, useful};

/// Nix reads the flake of a checkout through git.
pub(super) fn git(host: &Host<'_>) -> Verdict {
    match host.ask("git", &["--version"]) {
        Ok(version) => Verdict::Ok(last_word(&version)),
        Err(problem) => host.installable(&problem, "git", "install git"),
    }
}

/// Seeding is written in Python; pip fetches what comes from a Python index.
pub(super) fn python(host: &Host<'_>) -> Verdict {
    let probe = "import platform, pip, tomllib; print(platform.python_version())";
    match host.ask("python3", &["-c", probe]) {
        Ok(version) => Verdict::Ok(format!("{} with pip", version.trim())),
        Err(problem) => useful(
            problem.to_string(),
            if host.installs_itself() {
                "`./nixw` installs it automatically, like `apt-get install python3-pip`"
            } else {
                "install Python 3.11 or newer with pip; the nixpkgs universe does not need it"
            },
        ),
    }
}

/// Windows programs are tested with Wine.
pub(super) fn wine(host: &Host<'_>) -> Verdict {
    if host.surroundings.os == "windows" {
        return Verdict::NotApplicable("this is Windows".to_owned());
    }
    match host
        .ask("wine64", &["--version"])
        .or_else(|_| host.ask("wine", &["--version"]))
    {
        Ok(version) => Verdict::Ok(version.trim().to_owned()),
        Err(problem) => useful(
            problem.to_string(),
            "install wine to run programs for Windows; building them does not need it",
        ),
    }
}

fn last_word(text: &str) -> String {
    text.split_whitespace()
        .last()
        .unwrap_or_default()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::super::testing::Recorded;

    #[test]
    fn a_python_without_pip_is_named_with_its_complaint() {
        let trace =
            "Traceback (most recent call last):\nModuleNotFoundError: No module named 'pip'\n";
        let machine = Recorded::complete().fails_like("python3", trace);
        let finding = machine.find("python");
        assert_eq!(finding.status, Status::Missing);
        assert_eq!(
            finding.found,
            "fails: ModuleNotFoundError: No module named 'pip'"
        );
    }

    #[test]
    fn one_wine_is_enough() {
        let machine =
            Recorded::bare_debian().says("wine --version", "wine-8.0 (Debian 8.0~repack-4)\n");
        assert_eq!(machine.find("wine").found, "wine-8.0 (Debian 8.0~repack-4)");
    }
}
