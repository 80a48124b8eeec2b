//! The seeds of the mirrors universe.

use std::path::Path;

use super::seed_lock::SeedLock;
use super::{Host, Verdict, useful};

/// Which seeds of the lock are in the store.
pub(super) fn seeds(host: &Host<'_>) -> Verdict {
    let lock = match SeedLock::in_force(host) {
        Ok(lock) => lock,
        Err(problem) => return Verdict::NotApplicable(problem),
    };
    let root = host.store();
    let is_missing = |path: &str| {
        let below: &str = path.trim_start_matches('/');
        !host.machine.exists(&Path::new(root).join(below))
    };
    let places = lock.places();
    let missing: Vec<_> = places
        .iter()
        .filter(|place| is_missing(&place.path))
        .collect();
    if missing.is_empty() {
        return Verdict::Ok(format!("all {} are in the store", places.len()));
    }
    let megabytes = missing.iter().map(|place| place.size).sum::<u64>() / 1_000_000;
    useful(
        format!(
            "{} of {} are not in the store ({megabytes} MB to fetch)",
            missing.len(),
            places.len()
        ),
        "a build in the mirrors universe fetches them; `./nixw seed` fetches them in advance",
    )
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::super::testing::{LOCK, LOCK_FILE, Recorded};
    use crate::model::digest::Sha256Sum;

    #[test]
    fn seeds_are_looked_for_in_the_store() {
        assert_eq!(
            Recorded::complete().find("seeds").found,
            "all 4 are in the store"
        );
        let mut machine = Recorded::complete();
        machine
            .existing
            .retain(|path| !path.to_string_lossy().ends_with(".whl"));
        let finding = machine.find("seeds");
        assert_eq!((finding.status, finding.blocks), (Status::Missing, false));
        assert_eq!(
            finding.found,
            "1 of 4 are not in the store (101 MB to fetch)"
        );
    }

    #[test]
    fn the_lock_in_the_cache_goes_before_the_checkout_s() {
        let sum = Sha256Sum::of(LOCK.as_bytes()).to_string();
        let refreshed = format!(
            "/home/me/.cache/sealift/locks/{}-x86_64-linux.json",
            &sum[..32]
        );
        let machine =
            Recorded::complete().file(&refreshed, &LOCK.replace("1.2_amd64", "1.3_amd64"));
        assert_eq!(
            machine.find("seeds").found,
            "1 of 4 are not in the store (2 MB to fetch)"
        );
    }

    #[test]
    fn only_the_seeds_of_the_machine_s_own_system_are_looked_for() {
        let mut machine = Recorded::complete();
        machine.surroundings.arch = "aarch64".to_owned();
        assert_eq!(
            machine.find("seeds").found,
            "2 of 2 are not in the store (3 MB to fetch)"
        );
    }

    #[test]
    fn without_a_lock_nothing_is_said_of_seeds() {
        let mut machine = Recorded::complete();
        machine.surroundings.seed_lock = None;
        let finding = machine.find("seeds");
        assert_eq!(finding.status, Status::NotApplicable);
        assert!(
            finding
                .found
                .starts_with("no checkout of Sealift was found"),
            "{}",
            finding.found
        );
    }

    #[test]
    fn a_lock_that_is_none_is_named() {
        let finding = Recorded::complete().file(LOCK_FILE, "{").find("seeds");
        let expected = format!("`{LOCK_FILE}` is not a seed lock: ");
        assert!(finding.found.starts_with(&expected), "{}", finding.found);
    }
}
