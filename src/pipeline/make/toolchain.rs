//! The Rust that is installed.

use std::path::{Path, PathBuf};

use crate::model::hint::Hint;
use crate::model::target::Target;

/// A machine that can be asked for its Rust.
pub trait Machine {
    /// What a program prints when it is called in the project's directory; `None` if it is missing or fails.
    fn ask(&self, program: &str, arguments: &[&str]) -> Option<String>;

    /// Whether there is something in a directory.
    fn has_entries(&self, directory: &Path) -> bool;
}

/// What compiles and links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toolchain {
    /// The triple of the machine's own programs.
    pub host: String,
    /// The source of the standard library, and the name that it has in programs.
    pub std_source: Option<(PathBuf, String)>,
    /// The targets whose standard library is installed.
    pub installed: Vec<Target>,
    /// What links for other machines; the error names what is missing.
    pub zig: Result<(), &'static str>,
    /// The versions of all of it, by program.
    pub versions: Vec<(&'static str, String)>,
}

/// There is no Rust.
#[derive(Debug, thiserror::Error)]
#[error("cannot run `{program}`, which compiles the programs")]
pub struct NoRust {
    /// What is missing.
    program: &'static str,
}

impl Hint for NoRust {
    fn hint(&self) -> Option<String> {
        let hint = "install Rust, or name a directory of built programs with `--build DIR`";
        Some(hint.to_owned())
    }
}

/// The standard library, for a target that is installed natively; asked for by the names that rustc has.
const LIBDIR: [&str; 3] = ["--print", "target-libdir", "--target"];

impl Toolchain {
    /// Asks a machine.
    pub fn of(machine: &dyn Machine) -> Result<Self, NoRust> {
        let need = |program| {
            let answer = machine.ask(program, &["-vV"]);
            answer.ok_or(NoRust { program })
        };
        let (cargo, rustc) = (need("cargo")?, need("rustc")?);
        let field = |name: &str| {
            let mut lines = rustc.lines();
            lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
        };
        let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
        let mut versions = vec![("cargo", first(&cargo)), ("rustc", first(&rustc))];
        let sysroot = machine.ask("rustc", &["--print", "sysroot"]);
        let std_source = sysroot.zip(field("commit-hash")).map(|(sysroot, hash)| {
            let source = Path::new(&sysroot).join("lib/rustlib/src/rust");
            (source, format!("/rustc/{hash}"))
        });
        Ok(Self {
            host: field("host").unwrap_or_default().to_owned(),
            std_source,
            installed: Target::all()
                .filter(|target| is_installed(machine, *target))
                .collect(),
            zig: zig(machine).map(|found| versions.extend(found)),
            versions,
        })
    }
}

fn is_installed(machine: &dyn Machine, target: Target) -> bool {
    let [print, what, option] = LIBDIR;
    // rustc does not know the targets that are merged from others.
    let directory = machine.ask("rustc", &[print, what, option, target.triple]);
    directory.is_some_and(|directory| machine.has_entries(Path::new(&directory)))
}

/// The versions of what links for other machines.
fn zig(machine: &dyn Machine) -> Result<[(&'static str, String); 2], &'static str> {
    let zigbuild = machine.ask("cargo-zigbuild", &["--version"]);
    let zigbuild = zigbuild.ok_or("cargo-zigbuild, which is not installed")?;
    // It knows where zig is: a program of that name, or a module of Python.
    let zig = machine.ask("cargo-zigbuild", &["zig", "cc", "--", "--version"]);
    let zig = zig.ok_or("zig, which cargo-zigbuild does not find")?;
    let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
    Ok([
        ("cargo-zigbuild", first(&zigbuild)),
        ("zig cc", first(&zig)),
    ])
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// A machine with some programs' answers.
    pub struct Fake(pub Vec<(&'static str, &'static str)>);

    impl Machine for Fake {
        fn ask(&self, program: &str, arguments: &[&str]) -> Option<String> {
            let line = format!("{program} {}", arguments.join(" "));
            let answer = self.0.iter().find(|(asked, _)| *asked == line);
            answer.map(|(_, answer)| (*answer).to_owned())
        }

        fn has_entries(&self, directory: &Path) -> bool {
            directory.starts_with("/full")
        }
    }

    /// A Linux machine with the standard library of one more target, without zig.
    pub fn linux() -> Fake {
        Fake(vec![
            ("cargo -vV", "cargo 1.96.0\nrelease: 1.96.0"),
            (
                "rustc -vV",
                "rustc 1.96.0\ncommit-hash: abc\nhost: x86_64-unknown-linux-musl",
            ),
            ("rustc --print sysroot", "/rust"),
            (
                "rustc --print target-libdir --target x86_64-unknown-linux-musl",
                "/full/host",
            ),
            (
                "rustc --print target-libdir --target aarch64-unknown-linux-musl",
                "/full/arm",
            ),
            (
                "rustc --print target-libdir --target x86_64-apple-darwin",
                "/empty",
            ),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::testing::{Fake, linux};
    use super::*;

    #[test]
    fn the_installed_rust_is_described() {
        let toolchain = Toolchain::of(&linux()).expect("it is installed");
        assert_eq!(toolchain.host, "x86_64-unknown-linux-musl");
        let installed = toolchain.installed.iter().map(|target| target.triple);
        let expected = ["aarch64-unknown-linux-musl", "x86_64-unknown-linux-musl"];
        assert_eq!(installed.collect::<Vec<_>>(), expected);
        let source = (
            PathBuf::from("/rust/lib/rustlib/src/rust"),
            "/rustc/abc".to_owned(),
        );
        assert_eq!(toolchain.std_source, Some(source));
        assert_eq!(toolchain.zig, Err("cargo-zigbuild, which is not installed"));
        let versions = [
            ("cargo", "cargo 1.96.0".to_owned()),
            ("rustc", "rustc 1.96.0".to_owned()),
        ];
        assert_eq!(toolchain.versions, versions);
    }

    #[test]
    fn zig_counts_where_cargo_zigbuild_finds_it() {
        let mut machine = linux();
        machine
            .0
            .push(("cargo-zigbuild --version", "cargo-zigbuild 0.24.1"));
        let toolchain = Toolchain::of(&machine).expect("it is installed");
        assert_eq!(
            toolchain.zig,
            Err("zig, which cargo-zigbuild does not find")
        );
        machine.0.push((
            "cargo-zigbuild zig cc -- --version",
            "clang version 21\nTarget: x",
        ));
        let toolchain = Toolchain::of(&machine).expect("it is installed");
        assert_eq!(toolchain.zig, Ok(()));
        assert_eq!(
            toolchain.versions[3],
            ("zig cc", "clang version 21".to_owned())
        );
    }

    #[test]
    fn a_machine_without_rust_is_told_what_to_do() {
        let error = Toolchain::of(&Fake(Vec::new())).expect_err("nothing is installed");
        assert_eq!(
            error.to_string(),
            "cannot run `cargo`, which compiles the programs"
        );
        assert!(error.hint().is_some_and(|hint| hint.contains("--build")));
    }
}
