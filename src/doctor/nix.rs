//! Nix itself.

use std::path::Path;

use super::{Host, Problem, RunError, Verdict, needed, useful};

/// The oldest supported Nix, in the mirrors universe.
const OLDEST: (u32, u32) = (2, 8);

/// The oldest supported Nix in the nixpkgs universe.
const OLDEST_FOR_NIXPKGS: (u32, u32) = (2, 18);

/// The profile that installers create for all users, without the leading `/`: a linker may place the name of a source
/// file right after this string, and together they would look like the absolute path of a source file.
const DEFAULT_PROFILE: &str = "nix/var/nix/profiles/default/bin";

/// The installed Nix, and the universes that it can use.
pub(super) fn version(host: &Host<'_>) -> Verdict {
    let output = match nix(host, &["--version"]) {
        Ok(output) => output,
        Err(problem) => {
            return host.installable(
                &problem,
                "nix-bin",
                "install Nix: see the manual's chapter «Installation»",
            );
        }
    };
    let text = output
        .split_whitespace()
        .last()
        .unwrap_or_default()
        .to_owned();
    match parse(&text) {
        None => useful(
            format!("`{}` contains no version", output.trim()),
            "Nix 2.8 and newer are supported",
        ),
        Some(version) if host.is_mac() && version < OLDEST_FOR_NIXPKGS => needed(
            format!(
                "{text} is too old for the nixpkgs universe, which is the one that builds on macOS"
            ),
            "install Nix 2.18 or newer",
        ),
        Some(_) if host.is_mac() => Verdict::Ok(format!("{text}: can use the nixpkgs universe")),
        Some(version) if version < OLDEST => {
            needed(format!("{text} is too old"), "install Nix 2.8 or newer")
        }
        Some(version) if version < OLDEST_FOR_NIXPKGS => Verdict::Ok(format!(
            "{text}: can use the mirrors universe; the nixpkgs universe needs 2.18"
        )),
        Some(_) => Verdict::Ok(format!(
            "{text}: can use the mirrors universe and the nixpkgs universe"
        )),
    }
}

/// Major and minor of a version such as `2.31.2` or `2.4pre20211006`.
fn parse(version: &str) -> Option<(u32, u32)> {
    let (major, rest) = version.split_once('.')?;
    let digits = rest
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(rest.len());
    Some((major.parse().ok()?, rest[..digits].parse().ok()?))
}

/// Whether plain commands accept flakes.
pub(super) fn flakes(host: &Host<'_>) -> Verdict {
    let features = match setting(host, "experimental-features") {
        Ok(features) => features,
        Err(problem) => return Verdict::NotApplicable(problem),
    };
    if features
        .split_whitespace()
        .any(|feature| feature == "flakes")
    {
        Verdict::Ok("switched on".to_owned())
    } else {
        useful(
            "switched off",
            "`./nixw` enables them itself; for plain `nix`, add \
             `experimental-features = nix-command flakes` to ~/.config/nix/nix.conf",
        )
    }
}

/// Whether plain commands build in a sandbox.
pub(super) fn sandbox(host: &Host<'_>) -> Verdict {
    match setting(host, "sandbox") {
        Err(problem) => Verdict::NotApplicable(problem),
        Ok(value) if value == "true" => Verdict::Ok("switched on".to_owned()),
        Ok(value) => useful(
            format!("`sandbox = {value}`"),
            "`./nixw` enables it itself if the daemon trusts you; add `sandbox = true` to /etc/nix/nix.conf",
        ),
    }
}

/// A Nix setting. Nix 2.20 renamed the command that shows them.
fn setting(host: &Host<'_>, name: &str) -> Result<String, String> {
    let feature = ["--extra-experimental-features", "nix-command"];
    let show = |words: &[&str]| nix(host, &[&feature[..], words].concat());
    let text = show(&["config", "show"]).or_else(|_| show(&["show-config"]));
    let text = text.map_err(|problem| format!("Nix cannot be asked: {problem}"))?;
    let value = |line: &str| {
        let (key, value) = line.split_once('=')?;
        (key.trim() == name).then(|| value.trim().to_owned())
    };
    text.lines()
        .find_map(value)
        .ok_or_else(|| format!("this Nix has no setting `{name}`"))
}

/// What Nix prints, whether it is in `PATH` or only where installers put it.
fn nix(host: &Host<'_>, arguments: &[&str]) -> Result<String, Problem> {
    let for_all = Path::new("/").join(DEFAULT_PROFILE);
    let profiles = [&host.surroundings.profile, &for_all];
    let installed = profiles.map(|profile| profile.join("nix").to_string_lossy().into_owned());
    let programs = std::iter::once("nix").chain(installed.iter().map(String::as_str));
    let mut answers = programs.map(|program| host.ask(program, arguments));
    let is_there =
        |answer: &Result<_, Problem>| !matches!(answer, Err(Problem::Run(RunError::Missing)));
    answers
        .find(is_there)
        .unwrap_or(Err(Problem::Run(RunError::Missing)))
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::super::testing::Recorded;
    use super::*;

    fn found(version: &str) -> (Status, bool, String) {
        let finding = Recorded::complete()
            .says("nix --version", version)
            .find("nix");
        (finding.status, finding.blocks, finding.found)
    }

    #[test]
    fn the_version_says_which_universes_can_be_used() {
        let mirrors =
            "2.8.0: can use the mirrors universe; the nixpkgs universe needs 2.18".to_owned();
        assert_eq!(found("nix (Nix) 2.8.0\n"), (Status::Ok, false, mirrors));
        let both = "2.18.3-lix: can use the mirrors universe and the nixpkgs universe".to_owned();
        assert_eq!(
            found("nix (Lix, like Nix) 2.18.3-lix\n"),
            (Status::Ok, false, both)
        );
        assert_eq!(
            found("nix (Nix) 2.4pre20211006\n"),
            (
                Status::Missing,
                true,
                "2.4pre20211006 is too old".to_owned()
            )
        );
        assert_eq!(
            found("nix (Nix)\n"),
            (
                Status::Missing,
                false,
                "`nix (Nix)` contains no version".to_owned()
            )
        );
    }

    #[test]
    fn a_nix_that_hangs_is_given_up_on() {
        let machine =
            Recorded::complete().does_not_answer("nix --version", RunError::Hangs { seconds: 5 });
        assert_eq!(machine.find("nix").found, "gave no answer within 5 s");
    }

    #[test]
    fn nix_is_found_where_installers_put_it() {
        let for_all = format!("/{DEFAULT_PROFILE}");
        for profile in [&for_all, "/home/me/.nix-profile/bin"] {
            let line = format!("{profile}/nix --version");
            let machine = Recorded::bare_debian().says(&line, "nix (Nix) 2.34.0\n");
            assert_eq!(machine.find("nix").status, Status::Ok, "{profile}");
        }
    }

    #[test]
    fn old_and_new_commands_show_the_settings() {
        let old = "nix --extra-experimental-features nix-command show-config";
        let new = "nix --extra-experimental-features nix-command config show";
        let settings = "experimental-features = nix-command flakes\nsandbox = relaxed\n";
        let machine = Recorded::bare_debian()
            .fails(new, "error: 'config' is not a recognised command")
            .says(old, settings);
        assert_eq!(machine.find("flakes").found, "switched on");
        assert_eq!(machine.find("sandbox").found, "`sandbox = relaxed`");
        let machine = Recorded::bare_debian()
            .says(new, "experimental-features = nix-command\nsandbox = true\n");
        assert_eq!(machine.find("flakes").found, "switched off");
        assert_eq!(machine.find("sandbox").found, "switched on");
    }

    #[test]
    fn without_nix_nothing_is_said_of_its_settings() {
        let finding = Recorded::bare_debian().find("flakes");
        assert_eq!(
            (finding.status, &*finding.found),
            (Status::NotApplicable, "Nix cannot be asked: not installed")
        );
    }
}
