//! The lock of a project's dependencies.

use super::project::{PackageFacts, none};
use super::{Host, Verdict, needed};
use crate::model::cargo_lock::{CargoLock, LockedPackage};

/// Whether the lock has all that the `Cargo.toml` files name. Which versions they require is for cargo to judge.
pub(super) fn cargo_lock(host: &Host<'_>) -> Verdict {
    let Some(project) = host.project() else {
        return none();
    };
    if project.packages.is_empty() {
        return Verdict::NotApplicable("the project has no Cargo.toml with packages".to_owned());
    }
    let path = project.directory.join("Cargo.lock");
    let Some(text) = host.machine.read(&path) else {
        return needed(
            format!("there is no `{}`", path.display()),
            "run `cargo generate-lockfile`, and add Cargo.lock to git",
        );
    };
    let lock: CargoLock = match toml::from_str(&text) {
        Ok(lock) => lock,
        Err(error) => {
            let found = format!("`{}` cannot be read: {}", path.display(), error.message());
            return needed(found, "run `cargo generate-lockfile`");
        }
    };
    match project
        .packages
        .iter()
        .find_map(|package| stray(package, &lock))
    {
        Some(stray) => needed(
            format!("Cargo.lock is stale: it does not have `{stray}`, which Cargo.toml names"),
            "run `cargo update --workspace`, and commit Cargo.lock",
        ),
        None => Verdict::Ok(format!("Cargo.lock has {} packages", lock.packages.len())),
    }
}

/// A package that the lock should have.
fn stray(package: &PackageFacts, lock: &CargoLock) -> Option<String> {
    let is_own = |locked: &&LockedPackage| locked.name == package.name;
    let same_version = |locked: &LockedPackage| {
        package
            .version
            .as_ref()
            .is_none_or(|v| *v == locked.version)
    };
    if !lock.packages.iter().filter(is_own).any(same_version) {
        let version = package.version.iter().map(|version| format!(" {version}"));
        return Some(format!("{}{}", package.name, version.collect::<String>()));
    }
    let is_missing = |name: &&String| !lock.has(name);
    package.dependencies.iter().find(is_missing).cloned()
}

#[cfg(test)]
mod tests {
    use super::super::testing::{PROJECT, Recorded};
    use super::super::{Finding, Status};

    fn with_lock(text: &str) -> Finding {
        Recorded::complete()
            .file(&format!("{PROJECT}/Cargo.lock"), text)
            .find("lock")
    }

    #[test]
    fn a_lock_that_is_missing_stops_every_build() {
        let mut machine = Recorded::complete();
        machine
            .files
            .remove(&std::path::Path::new(PROJECT).join("Cargo.lock"));
        let finding = machine.find("lock");
        assert_eq!((finding.status, finding.blocks), (Status::Missing, true));
        assert_eq!(finding.found, "there is no `/project/Cargo.lock`");
    }

    #[test]
    fn a_stale_lock_is_named_with_what_it_lacks() {
        let own = "[[package]]\nname = 'hello'\nversion = '1.2.3'\n";
        let finding = with_lock(own);
        assert_eq!(
            finding.found,
            "Cargo.lock is stale: it does not have `serde`, which Cargo.toml names"
        );
        let finding = with_lock(&own.replace("1.2.3", "1.2.2"));
        assert_eq!(
            finding.found,
            "Cargo.lock is stale: it does not have `hello 1.2.3`, which Cargo.toml names"
        );
        assert!(
            with_lock("[[")
                .found
                .starts_with("`/project/Cargo.lock` cannot be read: ")
        );
        let complete = format!("{own}[[package]]\nname = 'serde'\nversion = '1.0.0'\n");
        assert_eq!(with_lock(&complete).status, Status::Ok);
    }
}
