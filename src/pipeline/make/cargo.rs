//! Calls cargo.

use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use serde::Deserialize;

use super::builds::{Build, Builds, OutDirs};
use super::compilation::Step;
use crate::event::{Event, Reporter};
use crate::project::Project;
use crate::project::manifest::build::CargoPackage;

/// Why programs could not be compiled.
#[derive(Debug, thiserror::Error)]
pub enum CompileError {
    /// cargo could not be started, or its messages could not be read.
    #[error("cannot run `cargo {command}`")]
    Start {
        /// Its command.
        command: String,
        /// The operating system's answer.
        source: io::Error,
    },
    /// cargo failed, and has said why.
    #[error("`cargo {command}` failed for `{triple}` ({status})")]
    Failed {
        /// Its command.
        command: String,
        /// The triple.
        triple: String,
        /// Its exit status.
        status: ExitStatus,
    },
    /// It is unclear which package's files are shipped.
    #[error("several packages `{package}` have build scripts: `{}` and `{}`", first.display(), second.display())]
    SeveralOutDirs {
        /// The package.
        package: CargoPackage,
        /// One OUT_DIR.
        first: PathBuf,
        /// Another one.
        second: PathBuf,
    },
}

/// Variables that would have cargo forget the arguments that it is given for rustc.
const OVERRIDES: [&str; 2] = ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS"];

/// Takes all steps, one after the other, for a project. cargo's messages go to standard error.
pub fn compile(
    steps: &[Step],
    project: &Project,
    reporter: &dyn Reporter,
) -> Result<Builds, CompileError> {
    let mut builds = Builds::default();
    for step in steps {
        let triple = &step.triple;
        reporter.report(Event::CompilationStarted { triple });
        let Made { programs, out_dirs } = run(step, &project.root)?;
        match (step.target, programs.first().and_then(|path| path.parent())) {
            (Some(target), place) => builds.builds.push(Build {
                target,
                place: place.unwrap_or(&project.root).to_owned(),
                others: None,
                programs,
                out_dirs: wanted(project, triple, out_dirs)?,
            }),
            (None, _) => builds.unpackaged = programs,
        }
    }
    Ok(builds)
}

/// What cargo says that it has made.
#[derive(Debug, Default)]
struct Made {
    programs: Vec<PathBuf>,
    /// Pairs of a package and its OUT_DIR.
    out_dirs: Vec<(String, PathBuf)>,
}

fn run(step: &Step, root: &Path) -> Result<Made, CompileError> {
    let command = step.arguments.first().cloned().unwrap_or_default();
    let fail = |source| CompileError::Start {
        command: command.clone(),
        source,
    };
    let mut cargo = Command::new("cargo");
    for variable in OVERRIDES {
        cargo.env_remove(variable);
    }
    let mut child = cargo
        .args(&step.arguments)
        .envs(step.environment.iter().map(|(key, value)| (key, value)))
        .current_dir(root)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(fail)?;
    let mut made = Made::default();
    for line in child
        .stdout
        .take()
        .into_iter()
        .flat_map(|out| BufReader::new(out).lines())
    {
        made.read(&line.map_err(fail)?);
    }
    let status = child.wait().map_err(fail)?;
    if !status.success() {
        return Err(CompileError::Failed {
            command,
            triple: step.triple.clone(),
            status,
        });
    }
    made.programs.sort();
    made.programs.dedup();
    Ok(made)
}

/// The OUT_DIR of each package that the manifest ships something of. Build scripts ran for the machine as well.
fn wanted(
    project: &Project,
    triple: &str,
    out_dirs: Vec<(String, PathBuf)>,
) -> Result<OutDirs, CompileError> {
    let mut wanted = OutDirs::new();
    for (package, _) in project
        .files
        .iter()
        .filter_map(|rule| rule.origin.out_dir())
    {
        let of_package = out_dirs.iter().filter(|(name, path)| {
            name == package.as_str() && path.components().any(|part| part.as_os_str() == triple)
        });
        for (_, path) in of_package {
            match wanted.insert(package.clone(), path.clone()) {
                Some(other) if other != *path => {
                    return Err(CompileError::SeveralOutDirs {
                        package,
                        first: other,
                        second: path.clone(),
                    });
                }
                _ => {}
            }
        }
    }
    Ok(wanted)
}

/// A message of cargo (The Cargo Book, "External Tools").
#[derive(Deserialize)]
struct Message {
    reason: String,
    target: Option<CargoTarget>,
    executable: Option<PathBuf>,
    package_id: Option<String>,
    out_dir: Option<PathBuf>,
}

#[derive(Deserialize)]
struct CargoTarget {
    kind: Vec<String>,
}

impl Made {
    /// Takes what a line of cargo's messages says; a build script may print other lines.
    fn read(&mut self, line: &str) {
        let Ok(message) = serde_json::from_str::<Message>(line) else {
            return;
        };
        let is_bin = |target: CargoTarget| target.kind.iter().any(|kind| kind == "bin");
        match message.reason.as_str() {
            "compiler-artifact" if message.target.is_some_and(is_bin) => {
                self.programs.extend(message.executable);
            }
            "build-script-executed" => {
                let name = message.package_id.map(|id| package_name(&id).to_owned());
                self.out_dirs.extend(name.zip(message.out_dir));
            }
            _ => {}
        }
    }
}

/// The name in a package ID (`cargo help pkgid`), which leaves it out where the directory has it.
fn package_name(id: &str) -> &str {
    let (address, fragment) = id.rsplit_once('#').unwrap_or((id, ""));
    match fragment.split_once('@') {
        Some((name, _)) => name,
        None => {
            let path = address.split('?').next().unwrap_or(address);
            path.rsplit('/').next().unwrap_or(path)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::TestProject;

    fn read(line: &str) -> Made {
        let mut made = Made::default();
        made.read(line);
        made
    }

    #[test]
    fn only_programs_are_taken_from_what_cargo_says() {
        let programs = |reason: &str, kind: &str, executable: &str| {
            let target = format!(r#"{{"kind":["{kind}"],"name":"hello"}}"#);
            let line = format!(
                r#"{{"reason":"{reason}","target":{target},"executable":{executable},"fresh":true}}"#
            );
            read(&line).programs
        };
        let path = r#""/t/release/hello""#;
        let expected = [PathBuf::from("/t/release/hello")];
        assert_eq!(programs("compiler-artifact", "bin", path), expected);
        for (kind, executable) in [("custom-build", path), ("lib", "null")] {
            assert!(programs("compiler-artifact", kind, executable).is_empty());
        }
        for line in [
            r#"{"reason":"build-finished","success":true}"#,
            "what a build script prints",
        ] {
            assert!(read(line).programs.is_empty());
        }
    }

    #[test]
    fn packages_are_known_by_their_ids() {
        for (id, name) in [
            ("registry+https://example.org/index#bat@0.25.0", "bat"),
            ("path+file:///home/me/hello#0.1.0", "hello"),
            ("path+file:///home/me/dir#hello@0.1.0", "hello"),
            ("git+https://example.org/hello?branch=main#0.1.0", "hello"),
        ] {
            assert_eq!(package_name(id), name);
        }
    }

    #[test]
    fn what_build_scripts_wrote_for_the_target_is_known_if_it_is_shipped() {
        const TRIPLE: &str = "x86_64-unknown-linux-musl";
        let rules = "[[files]]\nkind = 'man'\nsource = '{out_dir:hello}/hello.1'\n";
        let project = TestProject::new(rules).project();
        let line = |package: &str, directory: &str| {
            let id = format!("path+file:///x/{package}#0.1.0");
            let line = format!(
                r#"{{"reason":"build-script-executed","package_id":"{id}","out_dir":"{directory}"}}"#
            );
            read(&line).out_dirs
        };
        let own = format!("/t/{TRIPLE}/release/build/hello-1/out");
        let all = [
            line("hello", &own),
            line("hello", "/t/release/build/hello-2/out"),
            line("other", &own),
        ];
        let found = wanted(&project, TRIPLE, all.concat()).expect("one directory");
        let expected = ("hello".parse().expect("a name"), PathBuf::from(&own));
        assert_eq!(found, OutDirs::from([expected]));
        let second = line("hello", &own.replace("-1", "-3"));
        let error = wanted(&project, TRIPLE, [line("hello", &own), second].concat());
        let message = error.expect_err("two directories").to_string();
        assert!(
            message.starts_with("several packages `hello` have build scripts"),
            "{message}"
        );
    }
}
