//! The platforms that a wheel is for (platform compatibility tags).

use crate::model::target::{Os, Target};

/// The platform tags of a target; none if pip does not run there, or needs another program.
///
/// A static program has no library of the system, so it is for every Linux: those with glibc and those with musl.
pub(super) fn platforms(target: Target) -> &'static [&'static str] {
    if target.has_glibc() {
        return &[];
    }
    match (target.os, target.machine) {
        (Os::Linux, "aarch64") => &[
            "manylinux_2_17_aarch64",
            "manylinux2014_aarch64",
            "musllinux_1_1_aarch64",
        ],
        (Os::Linux, "armv7l") => &[
            "manylinux_2_17_armv7l",
            "manylinux2014_armv7l",
            "musllinux_1_1_armv7l",
        ],
        (Os::Linux, "riscv64") => &["manylinux_2_31_riscv64", "musllinux_1_2_riscv64"],
        (Os::Linux, "x86_64") => &[
            "manylinux_2_17_x86_64",
            "manylinux2014_x86_64",
            "musllinux_1_1_x86_64",
        ],
        (Os::Windows, "aarch64") => &["win_arm64"],
        (Os::Windows, "x86_64") => &["win_amd64"],
        (Os::MacOs, _) => match target.triple {
            "aarch64-apple-darwin" => &["macosx_11_0_arm64"],
            "universal2-apple-darwin" => &["macosx_11_0_universal2"],
            "x86_64-apple-darwin" => &["macosx_11_0_x86_64"],
            _ => &[],
        },
        _ => &[],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_but_those_for_glibc_has_a_tag_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for target in Target::all() {
            let tags = platforms(target);
            assert_eq!(tags.is_empty(), target.has_glibc(), "{target}");
            assert!(tags.iter().all(|tag| seen.insert(*tag)), "{target}");
        }
    }
}
