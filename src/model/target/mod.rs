//! Platforms that a release can be made for. `nix/table/targets.nix` has the same table, and a check compares the two.

mod program_kind;
mod selector;

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

pub use program_kind::ProgramKind;
pub use selector::Selector;

use crate::model::text::{InvalidText, typed_text};

/// A platform, by its Rust target triple.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target(&'static Platform);

/// A platform's properties. Each format has its own names for platforms.
///
/// All fields except those that only Rust uses serialize to the output of `sealift targets --json`, in the order of Nix's
/// keys.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Platform {
    /// The Rust target triple; that of a universal program is Sealift's own.
    #[serde(skip)]
    pub triple: &'static str,
    /// The kind of its programs.
    #[serde(skip)]
    pub program: &'static ProgramKind,
    /// The C library of its Linux programs; `None` where the system has one C library.
    pub libc: Option<Libc>,
    /// The machine's name in `uname -m` and in file names.
    pub machine: &'static str,
    /// The triples that a universal program is merged from; empty for a target that is compiled.
    pub members: &'static [&'static str],
    /// The operating system.
    pub os: Os,
}

/// An operating system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Os {
    /// Linux.
    Linux,
    /// Windows.
    Windows,
    /// macOS.
    MacOs,
}

/// A C library of Linux.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Libc {
    /// A part of static programs.
    Musl,
    /// The machine's own.
    Glibc,
}

/// The processor types of Mach-O files: the architecture with the bit for 64-bit addresses.
const CPU_X86_64: u32 = 0x0100_0007;
const CPU_ARM64: u32 = 0x0100_000c;

/// Every platform, sorted by triple.
pub const PLATFORMS: &[Platform] = &[
    Platform {
        triple: "aarch64-apple-darwin",
        os: Os::MacOs,
        libc: None,
        machine: "aarch64",
        program: &ProgramKind::MachO {
            cpus: Cow::Borrowed(&[CPU_ARM64]),
        },
        members: &[],
    },
    Platform {
        triple: "aarch64-pc-windows-gnullvm",
        os: Os::Windows,
        libc: None,
        machine: "aarch64",
        program: &ProgramKind::Pe { machine: 0xaa64 },
        members: &[],
    },
    Platform {
        triple: "aarch64-unknown-linux-gnu",
        os: Os::Linux,
        libc: Some(Libc::Glibc),
        machine: "aarch64",
        program: &ProgramKind::Elf {
            machine: 183,
            bits: 64,
        },
        members: &[],
    },
    Platform {
        triple: "aarch64-unknown-linux-musl",
        os: Os::Linux,
        libc: Some(Libc::Musl),
        machine: "aarch64",
        program: &ProgramKind::Elf {
            machine: 183,
            bits: 64,
        },
        members: &[],
    },
    Platform {
        triple: "armv7-unknown-linux-musleabihf",
        os: Os::Linux,
        libc: Some(Libc::Musl),
        machine: "armv7l",
        program: &ProgramKind::Elf {
            machine: 40,
            bits: 32,
        },
        members: &[],
    },
    Platform {
        triple: "riscv64gc-unknown-linux-musl",
        os: Os::Linux,
        libc: Some(Libc::Musl),
        machine: "riscv64",
        program: &ProgramKind::Elf {
            machine: 243,
            bits: 64,
        },
        members: &[],
    },
    Platform {
        triple: "universal2-apple-darwin",
        os: Os::MacOs,
        libc: None,
        machine: "universal2",
        program: &ProgramKind::MachO {
            cpus: Cow::Borrowed(&[CPU_X86_64, CPU_ARM64]),
        },
        members: &["aarch64-apple-darwin", "x86_64-apple-darwin"],
    },
    Platform {
        triple: "x86_64-apple-darwin",
        os: Os::MacOs,
        libc: None,
        machine: "x86_64",
        program: &ProgramKind::MachO {
            cpus: Cow::Borrowed(&[CPU_X86_64]),
        },
        members: &[],
    },
    Platform {
        triple: "x86_64-pc-windows-gnullvm",
        os: Os::Windows,
        libc: None,
        machine: "x86_64",
        program: &ProgramKind::Pe { machine: 0x8664 },
        members: &[],
    },
    Platform {
        triple: "x86_64-unknown-linux-gnu",
        os: Os::Linux,
        libc: Some(Libc::Glibc),
        machine: "x86_64",
        program: &ProgramKind::Elf {
            machine: 62,
            bits: 64,
        },
        members: &[],
    },
    Platform {
        triple: "x86_64-unknown-linux-musl",
        os: Os::Linux,
        libc: Some(Libc::Musl),
        machine: "x86_64",
        program: &ProgramKind::Elf {
            machine: 62,
            bits: 64,
        },
        members: &[],
    },
];

impl Os {
    /// All operating systems.
    pub const ALL: [Os; 3] = [Os::Linux, Os::Windows, Os::MacOs];

    /// The name in Rust's `target_os`.
    pub fn name(self) -> &'static str {
        match self {
            Os::Linux => "linux",
            Os::Windows => "windows",
            Os::MacOs => "macos",
        }
    }

    /// The suffix of program names.
    pub fn program_suffix(self) -> &'static str {
        match self {
            Os::Windows => ".exe",
            Os::Linux | Os::MacOs => "",
        }
    }
}

impl fmt::Display for Os {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Platform {
    /// Whether its programs are linked with the machine's glibc.
    pub fn has_glibc(&self) -> bool {
        self.libc == Some(Libc::Glibc)
    }
}

impl Target {
    /// All targets, in the order of the table.
    pub fn all() -> impl Iterator<Item = Target> {
        PLATFORMS.iter().map(Target)
    }
}

impl std::ops::Deref for Target {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        self.0
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.triple)
    }
}

impl FromStr for Target {
    type Err = InvalidText;

    fn from_str(triple: &str) -> Result<Self, InvalidText> {
        let found = Target::all().find(|target| target.triple == triple);
        let triples = PLATFORMS.iter().map(|platform| platform.triple);
        found.ok_or_else(|| InvalidText::unknown("target", triple, triples))
    }
}

typed_text!(Target);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_has_no_duplicates() {
        assert!(PLATFORMS.windows(2).all(|p| p[0].triple < p[1].triple));
    }

    #[test]
    fn the_triple_names_the_system_that_the_platform_has() {
        for platform in PLATFORMS {
            let (system, executable) = match platform.os {
                Os::Linux => ("-linux-", "elf"),
                Os::Windows => ("-windows-", "pe"),
                Os::MacOs => ("-darwin", "macho"),
            };
            assert!(platform.triple.contains(system), "{platform:?}");
            let kind = match platform.program {
                ProgramKind::Elf { .. } => "elf",
                ProgramKind::Pe { .. } => "pe",
                ProgramKind::MachO { .. } => "macho",
            };
            assert_eq!(kind, executable, "{platform:?}");
        }
    }

    #[test]
    fn no_two_platforms_share_system_c_library_and_machine() {
        let mut names: Vec<_> = PLATFORMS
            .iter()
            .map(|p| (p.os.name(), p.libc, p.machine))
            .collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), PLATFORMS.len(), "{names:?}");
    }

    #[test]
    fn platforms_of_linux_have_the_c_library_of_their_triple() {
        for platform in PLATFORMS {
            let expected = match platform.triple {
                triple if triple.contains("-linux-musl") => Some(Libc::Musl),
                triple if triple.contains("-linux-gnu") => Some(Libc::Glibc),
                _ => None,
            };
            assert_eq!(platform.libc, expected, "{platform:?}");
        }
    }

    #[test]
    fn a_universal_platform_is_made_of_others_of_its_system() {
        for platform in PLATFORMS {
            let mut cpus = Vec::new();
            for member in platform.members {
                let member: Target = member.parse().expect("members are targets");
                assert_eq!(member.os, platform.os);
                let ProgramKind::MachO { cpus: part } = member.program else {
                    panic!("{member} has no Mach-O programs");
                };
                cpus.extend(part.iter());
            }
            if !platform.members.is_empty() {
                assert_eq!(*platform.program, ProgramKind::macho(cpus));
            }
        }
    }

    #[test]
    fn an_unknown_triple_is_named_beside_the_known_ones() {
        let error = "sparc-sun-solaris"
            .parse::<Target>()
            .expect_err("not in the table")
            .to_string();
        let start =
            "target `sparc-sun-solaris` is unknown; expected one of `aarch64-apple-darwin`, ";
        assert!(error.starts_with(start), "{error}");
        assert!(error.ends_with(", `x86_64-unknown-linux-musl`"), "{error}");
    }
}
