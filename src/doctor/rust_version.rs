//! The Rust that a project needs.

use super::project::none;
use super::seed_lock::SeedLock;
use super::{Host, Verdict, useful};

/// Whether the compiler of the mirrors universe is new enough. That of the nixpkgs universe is known to Nix only.
pub(super) fn rust_version(host: &Host<'_>) -> Verdict {
    let Some(project) = host.project() else {
        return none();
    };
    let wanted = project
        .packages
        .iter()
        .filter_map(|package| package.rust_version.as_deref())
        .max_by_key(|version| parts(version));
    let Some(wanted) = wanted else {
        return Verdict::NotApplicable(
            "no Cargo.toml of the project has a `rust-version`".to_owned(),
        );
    };
    let rustc = match SeedLock::in_force(host) {
        Ok(lock) => lock.rustc(),
        Err(problem) => return Verdict::NotApplicable(problem),
    };
    match rustc {
        None => Verdict::NotApplicable("the seed lock has no rustc".to_owned()),
        Some(rustc) if parts(&rustc) < parts(wanted) => useful(
            format!("the project needs Rust {wanted}; the mirrors universe has {rustc}"),
            "lower `rust-version`, take a newer Sealift, or build in the nixpkgs universe if that is newer",
        ),
        Some(rustc) => Verdict::Ok(format!(
            "the project needs {wanted}; the mirrors universe has {rustc}"
        )),
    }
}

/// The numbers of a version, of which `rust-version` may leave out the last one.
fn parts(version: &str) -> Vec<u64> {
    let numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
    let mut numbers: Vec<_> = numbers.collect();
    numbers.resize(3, 0);
    numbers
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::super::testing::Recorded;

    #[test]
    fn a_project_that_needs_a_newer_rust_is_told() {
        let with = |version: &str| {
            let mut machine = Recorded::complete();
            let project = machine.surroundings.project.as_mut().expect("it is in one");
            project.packages[0].rust_version = Some(version.to_owned());
            machine.find("rust")
        };
        for version in ["1.96", "1.96.0", "1.9"] {
            assert_eq!(with(version).status, Status::Ok, "{version}");
        }
        let finding = with("1.96.1");
        assert_eq!((finding.status, finding.blocks), (Status::Missing, false));
        assert_eq!(
            finding.found,
            "the project needs Rust 1.96.1; the mirrors universe has 1.96.0"
        );
    }
}
