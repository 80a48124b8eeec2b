//! The machine that Sealift runs on.

use crate::model::target::Target;

/// A machine, as far as it matters which programs it runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Host {
    /// The operating system, as Rust's `target_os` names it.
    pub os: String,
    /// The processor, as Rust's `target_arch` names it.
    pub arch: String,
}

impl Host {
    /// Whether programs for a target run here, without an emulator.
    pub fn runs(&self, target: Target) -> bool {
        let is_ours = |target: Target| {
            let arch = target.triple.split('-').next().unwrap_or_default();
            // The triples of ARM and RISC-V have more in their first part, such as `armv7` and `riscv64gc`.
            arch.starts_with(&self.arch)
        };
        let members = target
            .members
            .iter()
            .filter_map(|member| member.parse().ok());
        target.os.name() == self.os && (is_ours(target) || members.into_iter().any(is_ours))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_by(os: &str, arch: &str) -> Vec<&'static str> {
        let host = Host {
            os: os.to_owned(),
            arch: arch.to_owned(),
        };
        let targets = Target::all().filter(|target| host.runs(*target));
        targets.map(|target| target.triple).collect()
    }

    #[test]
    fn a_machine_runs_the_programs_of_its_system_and_processor() {
        assert_eq!(
            run_by("macos", "aarch64"),
            ["aarch64-apple-darwin", "universal2-apple-darwin"]
        );
        assert_eq!(run_by("windows", "x86_64"), ["x86_64-pc-windows-gnullvm"]);
        assert_eq!(run_by("linux", "arm"), ["armv7-unknown-linux-musleabihf"]);
        assert_eq!(run_by("linux", "riscv64"), ["riscv64gc-unknown-linux-musl"]);
        assert!(run_by("linux", "x86_64").contains(&"x86_64-unknown-linux-musl"));
        assert_eq!(run_by("freebsd", "x86_64"), [""; 0]);
    }
}
