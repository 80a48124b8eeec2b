//! Namespaces, which sandboxes are made of.

use std::path::Path;

use super::{Host, Verdict, needed};

/// Kernel settings that forbid namespaces: the file, the value that forbids them, and how to change it.
const SWITCHES: &[(&str, &str, &str)] = &[
    (
        "/proc/sys/user/max_user_namespaces",
        "0",
        "`sysctl user.max_user_namespaces=15000` as root enables them",
    ),
    (
        "/proc/sys/kernel/unprivileged_userns_clone",
        "0",
        "`sysctl kernel.unprivileged_userns_clone=1` as root enables them",
    ),
    (
        "/proc/sys/kernel/apparmor_restrict_unprivileged_userns",
        "1",
        "`sysctl kernel.apparmor_restrict_unprivileged_userns=0` as root enables them",
    ),
];

/// Whether a build can be isolated. A plain user without a daemon needs user namespaces for that; root does not.
pub(super) fn namespaces(host: &Host<'_>) -> Verdict {
    if host.has_daemon() {
        return Verdict::Ok("the Nix daemon makes them".to_owned());
    }
    let as_root: &[&str] = &[
        "--mount", "--net", "--ipc", "--uts", "--pid", "--fork", "true",
    ];
    let as_user = [&["--user", "--map-root-user"], as_root].concat();
    let (words, arguments) = if host.is_root() {
        ("can be made as root", as_root)
    } else {
        ("can be made by a plain user", &as_user[..])
    };
    match host.ask("unshare", arguments) {
        Ok(_) => Verdict::Ok(words.to_owned()),
        Err(problem) => needed(format!("`unshare` {problem}"), hint(host)),
    }
}

fn hint(host: &Host<'_>) -> String {
    let is_set = |(file, value, _): &&(&str, &str, &str)| {
        let text = host.machine.read(Path::new(file));
        text.is_some_and(|text| text.trim() == *value)
    };
    let otherwise = "start the container with permission to create namespaces";
    let hint = SWITCHES
        .iter()
        .find(is_set)
        .map_or(otherwise, |(_, _, hint)| hint);
    format!("{hint}; SEALIFT_SANDBOX=off builds without a sandbox, not hermetically")
}

#[cfg(test)]
mod tests {
    use super::super::testing::Recorded;

    #[test]
    fn a_daemon_or_root_or_the_kernel_makes_them() {
        let machine = Recorded::complete();
        assert_eq!(
            machine.find("namespaces").found,
            "the Nix daemon makes them"
        );
        let machine = Recorded::bare_debian();
        assert_eq!(machine.find("namespaces").found, "can be made as root");
        let machine = machine.says("id -u", "1000\n");
        assert_eq!(machine.find("namespaces").found, "`unshare` not installed");
    }

    #[test]
    fn the_switch_that_forbids_them_is_named() {
        let switch = "/proc/sys/kernel/apparmor_restrict_unprivileged_userns";
        let machine = Recorded::bare_debian().says("id -u", "1000\n");
        let machine = machine.fails_like(
            "unshare",
            "unshare: write failed /proc/self/uid_map: Operation not permitted\n",
        );
        let finding = machine.file(switch, "1\n").find("namespaces");
        assert!(finding.blocks);
        assert!(
            finding
                .found
                .starts_with("`unshare` fails: unshare: write failed"),
            "{}",
            finding.found
        );
        let hint = finding.hint.expect("it is missing");
        assert!(
            hint.starts_with("`sysctl kernel.apparmor_restrict_unprivileged_userns=0` as root"),
            "{hint}"
        );
        let hint = Recorded::broken()
            .find("namespaces")
            .hint
            .expect("it is missing");
        assert!(
            hint.starts_with("start the container with permission"),
            "{hint}"
        );
    }
}
