//! The Sealift that a project's flake names.

use std::path::{Path, PathBuf};

use super::project::none;
use super::{Host, Verdict, missing};

/// Whether the directory that flake.nix takes Sealift from exists.
pub(super) fn sealift_input(host: &Host<'_>) -> Verdict {
    let Some(project) = host.project() else {
        return none();
    };
    let Some(flake) = host.machine.read(&project.directory.join("flake.nix")) else {
        return Verdict::NotApplicable("the project has no flake.nix".to_owned());
    };
    let Some(directory) = sealift_directory(&flake, &project.directory) else {
        return Verdict::NotApplicable("flake.nix names no directory of this machine".to_owned());
    };
    if host.machine.exists(&directory.join("nix/universe")) {
        return Verdict::Ok(format!("flake.nix takes it from `{}`", directory.display()));
    }
    let problem = if host.machine.exists(&directory) {
        "is not Sealift"
    } else {
        "does not exist"
    };
    missing(
        format!(
            "flake.nix takes it from `{}`, which {problem}",
            directory.display()
        ),
        "correct `inputs.sealift.url` in flake.nix, or set SEALIFT to a directory that holds Sealift",
        !project.names_sealift,
    )
}

/// The directory that a flake's input `sealift` names; `None` if it names none on this machine. `base` is the flake's.
pub fn sealift_directory(flake: &str, base: &Path) -> Option<PathBuf> {
    let code: Vec<_> = flake.lines().map(without_comment).collect();
    let code = code.join("\n");
    let mut addresses = code.match_indices("sealift").filter_map(|(start, word)| {
        let is_word = !code[..start].ends_with(is_name);
        is_word.then(|| address(&code[start + word.len()..]))?
    });
    directory_of(addresses.next()?, base)
}

fn without_comment(line: &str) -> &str {
    if line.trim_start().starts_with('#') {
        ""
    } else {
        line
    }
}

fn is_name(character: char) -> bool {
    character.is_ascii_alphanumeric() || "_'-".contains(character)
}

/// The address in `.url = "…"` or `= { url = "…"; }`.
fn address(after: &str) -> Option<&str> {
    let after = after.strip_prefix(".url").unwrap_or(after).trim_start();
    let value = after.strip_prefix('=')?.trim_start();
    let text = match value.strip_prefix('{') {
        None => value,
        Some(table) => {
            let (table, _) = table.split_once('}')?;
            let (_, url) = table.split_once("url")?;
            url.trim_start().strip_prefix('=')?.trim_start()
        }
    };
    text.strip_prefix('"')?.split('"').next()
}

fn directory_of(address: &str, base: &Path) -> Option<PathBuf> {
    let path = ["path:", "git+file:"]
        .iter()
        .find_map(|scheme| address.strip_prefix(scheme))
        .or_else(|| address.starts_with(['/', '.']).then_some(address))?;
    let path = path.split('?').next().unwrap_or_default();
    let path = match path.strip_prefix("//") {
        Some(rest) => rest,
        None => path,
    };
    // An escaped name would have to be decoded as Nix does it.
    (!path.contains('%')).then(|| base.join(path))
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::super::testing::{PROJECT, Recorded};
    use super::*;

    fn directory(flake: &str) -> Option<String> {
        let found = sealift_directory(flake, Path::new("/project"));
        found.map(|path| path.display().to_string())
    }

    #[test]
    fn the_directory_is_read_from_every_form_of_the_input() {
        for (flake, expected) in [
            ("inputs.sealift.url = \"path:/a/b\";", "/a/b"),
            ("inputs.sealift.url = \"git+file:///a/b?ref=main\";", "/a/b"),
            (
                "# sealift.url = \"path:/x\";\n  sealift.url=\"/a/b\";",
                "/a/b",
            ),
            (
                "sealift = {\n  inputs.x.follows = \"x\";\n  url = \"path:./b\";\n};",
                "/project/./b",
            ),
        ] {
            assert_eq!(directory(flake).as_deref(), Some(expected), "{flake}");
        }
        for flake in [
            "inputs.sealift.url = \"github:example/sealift\";",
            "inputs.my-sealift.url = \"path:/a\";",
            "outputs = { sealift, ... }: sealift.lib.mkFlake { };",
        ] {
            assert_eq!(directory(flake), None, "{flake}");
        }
    }

    #[test]
    fn a_directory_that_does_not_exist_stops_builds_unless_another_is_named() {
        let flake = "inputs.sealift.url = \"path:/gone\";";
        let mut machine = Recorded::complete().file(&format!("{PROJECT}/flake.nix"), flake);
        let finding = machine.find("sealift");
        assert_eq!((finding.status, finding.blocks), (Status::Missing, true));
        assert_eq!(
            finding.found,
            "flake.nix takes it from `/gone`, which does not exist"
        );
        let project = machine.surroundings.project.as_mut().expect("it is in one");
        project.names_sealift = true;
        assert!(!machine.find("sealift").blocks);
    }
}
