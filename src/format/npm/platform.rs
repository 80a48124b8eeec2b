//! The platforms that a package is for, as npm and Node.js name them (`process.platform` and `process.arch`).

use crate::model::target::{Os, Target};

/// A platform of Node.js.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Platform {
    /// What its package's name ends with.
    pub(crate) suffix: &'static str,
    /// `process.platform`
    pub(crate) os: &'static str,
    /// Each `process.arch` whose programs it has.
    pub(crate) cpus: &'static [&'static str],
    /// The C library that its programs need; a static program needs none.
    pub(crate) libc: Option<&'static str>,
}

/// The platform of a target; `None` if Node.js does not run there.
pub(crate) fn platform(target: Target) -> Option<Platform> {
    let os = match target.os {
        Os::Linux => "linux",
        Os::MacOs => "darwin",
        Os::Windows => "win32",
    };
    let (suffix, cpus): (_, &'static [&'static str]) = match target.triple {
        "aarch64-apple-darwin" => ("darwin-arm64", &["arm64"]),
        "aarch64-pc-windows-gnullvm" => ("win32-arm64", &["arm64"]),
        "aarch64-unknown-linux-gnu" => ("linux-arm64-gnu", &["arm64"]),
        "aarch64-unknown-linux-musl" => ("linux-arm64", &["arm64"]),
        "armv7-unknown-linux-musleabihf" => ("linux-arm", &["arm"]),
        "riscv64gc-unknown-linux-musl" => ("linux-riscv64", &["riscv64"]),
        "universal2-apple-darwin" => ("darwin-universal", &["arm64", "x64"]),
        "x86_64-apple-darwin" => ("darwin-x64", &["x64"]),
        "x86_64-pc-windows-gnullvm" => ("win32-x64", &["x64"]),
        "x86_64-unknown-linux-gnu" => ("linux-x64-gnu", &["x64"]),
        "x86_64-unknown-linux-musl" => ("linux-x64", &["x64"]),
        _ => return None,
    };
    Some(Platform {
        suffix,
        os,
        cpus,
        libc: target.has_glibc().then_some("glibc"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_a_package_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for target in Target::all() {
            let platform = platform(target).expect("Node.js runs there");
            assert!(seen.insert(platform.suffix), "{target}");
            assert!(platform.suffix.starts_with(platform.os), "{target}");
        }
    }
}
