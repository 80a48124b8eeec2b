//! Running programs for other machines.

use std::path::PathBuf;

use super::{Host, Verdict, useful};

/// QEMU's names of the machines of the Linux targets.
const MACHINES: [&str; 4] = ["aarch64", "arm", "riscv64", "x86_64"];

/// Foreign programs start directly if the kernel knows their emulator, else through `qemu-<machine>-static`.
pub(super) fn emulation(host: &Host<'_>) -> Verdict {
    let (known, unknown): (Vec<&str>, Vec<&str>) = MACHINES
        .into_iter()
        .filter(|machine| *machine != host.surroundings.arch)
        .partition(|machine| can_run(host, machine));
    if unknown.is_empty() {
        return Verdict::Ok(format!("{} can be run", known.join(", ")));
    }
    useful(
        format!("nothing runs {}", unknown.join(", ")),
        "install qemu-user-static to test programs for other machines; building them does not need it",
    )
}

fn can_run(host: &Host<'_>, machine: &str) -> bool {
    let registered = PathBuf::from(format!("/proc/sys/fs/binfmt_misc/qemu-{machine}"));
    let is_enabled = host
        .machine
        .read(&registered)
        .is_some_and(|text| text.starts_with("enabled"));
    let has = |program: String| host.ask(&program, &["--version"]).is_ok();
    is_enabled || has(format!("qemu-{machine}-static")) || has(format!("qemu-{machine}"))
}

#[cfg(test)]
mod tests {
    use super::super::testing::Recorded;

    #[test]
    fn the_kernel_or_a_program_runs_foreign_machines() {
        let machine = Recorded::bare_debian()
            .file(
                "/proc/sys/fs/binfmt_misc/qemu-aarch64",
                "enabled\ninterpreter /usr/libexec/qemu\n",
            )
            .file("/proc/sys/fs/binfmt_misc/qemu-arm", "disabled\n");
        assert_eq!(machine.find("emulation").found, "nothing runs arm, riscv64");
        let machine = machine.says("qemu-arm-static --version", "qemu-arm version 7.2\n");
        let machine = machine.says("qemu-riscv64 --version", "qemu-riscv64 version 7.2\n");
        assert_eq!(
            machine.find("emulation").found,
            "aarch64, arm, riscv64 can be run"
        );
    }
}
