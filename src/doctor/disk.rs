//! Free disk space.

use std::path::Path;

use super::{Host, Problem, Verdict, needed, useful};

/// Measured in the mirrors universe: 1.5 GB for seeds and toolchain, 0.4 GB for each of four platforms, 0.6 GB for
/// tests. Twice as much, because a running build has a copy of its inputs.
const STORE_BYTES: u64 = 8_000_000_000;

/// Downloads wait in the cache until they are in the store.
const CACHE_BYTES: u64 = 1_000_000_000;

/// Space for build results.
pub(super) fn store(host: &Host<'_>) -> Verdict {
    space(host, &host.store().join("nix/store"), STORE_BYTES)
}

/// Space for downloads.
pub(super) fn cache(host: &Host<'_>) -> Verdict {
    space(host, &host.surroundings.cache, CACHE_BYTES)
}

fn space(host: &Host<'_>, directory: &Path, wanted: u64) -> Verdict {
    let is_there = |directory: &&Path| host.machine.exists(directory);
    let existing = directory
        .ancestors()
        .find(is_there)
        .unwrap_or(Path::new("/"));
    match free(host, existing) {
        Err(problem) => useful(
            format!("`df` {problem}"),
            format!(
                "have {} free at `{}`",
                gigabytes(wanted),
                directory.display()
            ),
        ),
        Ok(bytes) if bytes < wanted => needed_space(directory, bytes, wanted),
        Ok(bytes) => Verdict::Ok(format!(
            "{} free at `{}`",
            gigabytes(bytes),
            directory.display()
        )),
    }
}

/// A tenth of the wanted space is less than a build for one platform needs.
fn needed_space(directory: &Path, bytes: u64, wanted: u64) -> Verdict {
    let found = format!("{} free at `{}`", gigabytes(bytes), directory.display());
    let hint = format!(
        "a release for four platforms needs {}; `nix-collect-garbage` deletes unused files",
        gigabytes(wanted)
    );
    if bytes < wanted / 10 {
        needed(found, hint)
    } else {
        useful(found, hint)
    }
}

/// Free bytes, by `df -P` (POSIX.1-2017, "df": the fourth column of the last line, in kilobytes with `-k`).
fn free(host: &Host<'_>, directory: &Path) -> Result<u64, Problem> {
    let text = host.ask("df", &["-P", "-k", &directory.to_string_lossy()])?;
    let kilobytes = text.lines().last().and_then(|line| {
        // A device's name may have blanks, so the columns are counted from the one with the percent sign.
        let words: Vec<_> = line.split_whitespace().collect();
        let percent = words.iter().position(|word| word.ends_with('%'))?;
        words.get(percent.checked_sub(1)?)?.parse::<u64>().ok()
    });
    Ok(kilobytes.ok_or(Problem::Nonsense("printed no free space"))? * 1024)
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
}

#[cfg(test)]
mod tests {
    use super::super::testing::Recorded;
    use super::super::{RunError, Status};

    fn with(kilobytes: &str) -> Recorded {
        let head = "Filesystem 1024-blocks Used Available Capacity Mounted on\n";
        Recorded::complete().says(
            "df -P -k /nix/store",
            &format!("{head}my disk 264212084 1 {kilobytes} 46% /a b\n"),
        )
    }

    #[test]
    fn free_space_is_measured_where_the_store_is() {
        let finding = with("52206216").find("store");
        assert_eq!(
            (finding.status, &*finding.found),
            (Status::Ok, "53.5 GB free at `/nix/store`")
        );
    }

    #[test]
    fn little_space_is_missing_and_almost_none_stops_everything() {
        let finding = with("7000000").find("store");
        assert_eq!((finding.status, finding.blocks), (Status::Missing, false));
        assert!(with("700000").find("store").blocks);
    }

    #[test]
    fn a_directory_that_is_not_there_yet_is_measured_by_the_one_above() {
        let mut machine = Recorded::bare_debian();
        machine.existing.insert("/home/me".into());
        machine.surroundings.cache = "/home/me/.cache/sealift".into();
        let machine = machine.says("df -P -k /home/me", "/dev/vda 9000000 1 2000000 1% /home\n");
        assert_eq!(
            machine.find("cache").found,
            "2.0 GB free at `/home/me/.cache/sealift`"
        );
    }

    #[test]
    fn a_plain_user_without_a_daemon_has_a_store_of_their_own() {
        let mut machine = Recorded::bare_debian().says("id -u", "1000\n");
        machine.existing.insert("/home/me".into());
        machine.surroundings.private_store = "/home/me/store".into();
        let machine = machine.says(
            "df -P -k /home/me",
            "/dev/vda 90000000 1 20000000 1% /home\n",
        );
        assert_eq!(
            machine.find("store").found,
            "20.5 GB free at `/home/me/store/nix/store`"
        );
    }

    #[test]
    fn a_disk_that_cannot_be_asked_does_not_stop_the_work() {
        let hangs = RunError::Hangs { seconds: 5 };
        let finding = Recorded::complete()
            .does_not_answer("df -P -k /nix/store", hangs)
            .find("store");
        assert_eq!(
            (finding.blocks, &*finding.found),
            (false, "`df` gave no answer within 5 s")
        );
        let finding = Recorded::complete()
            .says("df -P -k /nix/store", "nonsense\n")
            .find("store");
        assert_eq!(finding.found, "`df` printed no free space");
    }
}
