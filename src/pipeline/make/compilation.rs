//! What cargo compiles, decided before anything is compiled.

use std::path::PathBuf;

use super::bins::bins;
use super::builds::parts;
use super::host::Host;
use super::profile::Settings;
use super::toolchain::Toolchain;
use crate::model::target::{Libc, Os, Target};
use crate::project::Project;
use crate::project::manifest::build::{Build, Profile};

/// The date that linkers and build scripts are told, in seconds since the epoch: the one of `nix/compile/today.nix`.
const TODAY: &str = "315532800";

/// What the compiler needs to know about the project and the machine.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// The project.
    pub project: &'a Project,
    /// The workspace's `Cargo.toml`.
    pub cargo_toml: &'a str,
    /// Pairs of a directory and the name that it has in programs; the last that fits counts.
    pub remap: &'a [(PathBuf, String)],
    /// The machine that compiles.
    pub host: &'a Host,
    /// Whether a build for this machine is needed even if it is not packaged.
    pub needs_host: bool,
    /// Whether cargo says only what is wrong.
    pub quiet: bool,
}

/// What cargo is called for, and what it is not called for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compilation {
    /// One per triple.
    pub steps: Vec<Step>,
    /// Targets that cannot be compiled here.
    pub left_out: Vec<LeftOut>,
}

/// A call of cargo.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The triple that is compiled for.
    pub triple: String,
    /// The same if it is in the table of targets.
    pub target: Option<Target>,
    /// What links.
    pub linker: Linker,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Environment variables.
    pub environment: Vec<(String, String)>,
}

/// What links programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linker {
    /// The machine's own linker.
    Native,
    /// zig, through cargo-zigbuild.
    Zig,
}

/// A target that there will be no packages for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The platform.
    pub target: Target,
    /// Why, as a fragment.
    pub reason: String,
}

impl Compilation {
    /// Decides what to compile for some targets.
    pub fn plan(
        targets: &[Target],
        toolchain: &Toolchain,
        circumstances: &Circumstances<'_>,
    ) -> Self {
        let mut compilation = Self::default();
        for target in targets {
            let of_parts: Result<Vec<_>, _> = parts(*target)
                .into_iter()
                .map(|part| Ok((part, linker(part, toolchain)?)))
                .collect();
            match of_parts {
                Ok(parts) => {
                    for (part, linker) in parts {
                        compilation.add(part.triple, linker, circumstances);
                    }
                }
                Err(reason) => compilation.left_out.push(LeftOut {
                    target: *target,
                    reason,
                }),
            }
        }
        let runs_here = |step: &Step| circumstances.runs(step.target);
        let is_empty = compilation.steps.is_empty();
        if circumstances.needs_host && !is_empty && !compilation.steps.iter().any(runs_here) {
            compilation.add(&toolchain.host, Linker::Native, circumstances);
        }
        compilation
    }

    fn add(&mut self, triple: &str, linker: Linker, circumstances: &Circumstances<'_>) {
        if !self.steps.iter().any(|step| step.triple == triple) {
            self.steps.push(Step::new(triple, linker, circumstances));
        }
    }
}

/// What links programs for a target; the error says why nothing does.
fn linker(target: Target, toolchain: &Toolchain) -> Result<Linker, String> {
    let (triple, host) = (target.triple, &toolchain.host);
    if !toolchain.installed.contains(&target) {
        return Err(format!(
            "its standard library is not installed; try `rustup target add {triple}`"
        ));
    }
    // Apple's linker is for all of its machines.
    let is_apple = |triple: &str| triple.ends_with("-apple-darwin");
    if triple == host || is_apple(triple) && is_apple(host) {
        return Ok(Linker::Native);
    }
    match toolchain.zig {
        Ok(()) => Ok(Linker::Zig),
        Err(missing) => Err(format!("linking for it on `{host}` takes {missing}")),
    }
}

impl Step {
    fn new(triple: &str, linker: Linker, circumstances: &Circumstances<'_>) -> Self {
        let target: Option<Target> = triple.parse().ok();
        Self {
            triple: triple.to_owned(),
            target,
            linker,
            arguments: circumstances.arguments(triple, target, linker),
            environment: circumstances.environment(triple, target),
        }
    }
}

impl Circumstances<'_> {
    /// Whether programs run here; those that are for no target are the machine's own.
    fn runs(&self, target: Option<Target>) -> bool {
        target.is_none_or(|target| self.host.runs(target))
    }

    /// cargo's arguments.
    fn arguments(&self, triple: &str, target: Option<Target>, linker: Linker) -> Vec<String> {
        let build = &self.project.build;
        let command = match linker {
            Linker::Native => "build",
            Linker::Zig => "zigbuild",
        };
        let mut arguments = vec![command.to_owned()];
        arguments.extend(Settings::of(build, self.cargo_toml).arguments);
        // A list of texts in JSON is one in TOML.
        let flags = serde_json::Value::from(self.rustflags(triple));
        let fixed = [
            "--locked",
            // Programs are named there, and errors are still shown to people.
            "--message-format=json-render-diagnostics",
            &format!("--target={}", self.told(triple, target, linker)),
            &format!("--config=target.{triple}.rustflags={flags}"),
        ];
        arguments.extend(fixed.map(str::to_owned));
        arguments.extend(selection(self.project, target));
        let bins = bins(self.project, target, self.runs(target));
        arguments.extend(bins.iter().map(|name| format!("--bin={name}")));
        if self.quiet {
            arguments.push("--quiet".to_owned());
        }
        arguments
    }

    /// The target as cargo is told: cargo-zigbuild takes the oldest glibc behind the triple. The machine's own linker has
    /// no choice.
    fn told(&self, triple: &str, target: Option<Target>, linker: Linker) -> String {
        let has_glibc = target.is_some_and(|target| target.libc == Some(Libc::Glibc));
        match linker {
            Linker::Zig if has_glibc => format!("{triple}.{}", self.project.build.linux_gnu.glibc),
            Linker::Zig | Linker::Native => triple.to_owned(),
        }
    }

    /// Arguments of every call of rustc for a triple.
    fn rustflags(&self, triple: &str) -> Vec<String> {
        let mut flags = Vec::new();
        // By the triple: the machine's own need not be in the table of targets.
        if triple.contains("-linux-") {
            // Not every linker writes a build ID by itself.
            flags.push("-Clink-arg=-Wl,--build-id=sha1".to_owned());
        }
        if triple.contains("-linux-musl") {
            flags.push("-Ctarget-feature=+crt-static".to_owned());
        }
        let remap =
            |(from, to): &(PathBuf, String)| format!("--remap-path-prefix={}={to}", from.display());
        flags.extend(self.remap.iter().map(remap));
        flags
    }

    /// Variables for cargo and for C compilers.
    fn environment(&self, triple: &str, target: Option<Target>) -> Vec<(String, String)> {
        let settings = Settings::of(&self.project.build, self.cargo_toml);
        let mut environment = settings.environment;
        let mut set = |key: &str, value: &str| environment.push((key.to_owned(), value.to_owned()));
        let under = triple.replace('-', "_");
        // The `cc` crate splits them at spaces.
        let prefixes = self
            .remap
            .iter()
            .filter(|(from, _)| !from.to_string_lossy().contains(' '));
        let prefixes =
            prefixes.map(|(from, to)| format!("-ffile-prefix-map={}={to}", from.display()));
        let prefixes = prefixes.collect::<Vec<_>>().join(" ");
        set(&format!("CFLAGS_{under}"), &prefixes);
        set(&format!("CXXFLAGS_{under}"), &prefixes);
        match target.map(|target| target.os) {
            // rustc has another default than the gate.
            Some(Os::MacOs) => set("MACOSX_DEPLOYMENT_TARGET", "11.0"),
            // The linker writes the time into the program unless it is told one.
            Some(Os::Windows) => set("SOURCE_DATE_EPOCH", TODAY),
            Some(Os::Linux) | None => {}
        }
        for (name, value) in &self.project.build.environment {
            set(&name.to_string(), &value.to_string());
        }
        environment
    }
}

/// cargo's arguments that select packages and features for a target.
pub fn selection(project: &Project, target: Option<Target>) -> Vec<String> {
    let build = &project.build;
    let packages = build.packages.iter();
    let mut arguments: Vec<_> = packages.map(|name| format!("--package={name}")).collect();
    if arguments.is_empty() {
        arguments.push("--workspace".to_owned());
    }
    let (features, has_default) = match target {
        Some(target) => (
            build.features_for(target),
            build.has_default_features(target),
        ),
        None => (build.features.iter().collect(), build.default_features),
    };
    if !has_default {
        arguments.push("--no-default-features".to_owned());
    }
    if !features.is_empty() {
        let names: Vec<_> = features.iter().map(ToString::to_string).collect();
        arguments.push(format!("--features={}", names.join(",")));
    }
    arguments
}

/// Whether the profile keeps the symbols of a project's programs in files of their own.
pub fn splits_symbols(build: &Build) -> bool {
    build.profile == Profile::DebugSymbols
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::make::toolchain::testing::linux;
    use crate::testing::TestProject;

    const HOST: &str = "x86_64-unknown-linux-musl";
    const ARM: &str = "aarch64-unknown-linux-musl";

    const PROGRAM: &str = "[[files]]\nkind = 'binary'\nsource = 'bin/hello'\n";

    /// The plan for a project with some lines in its manifest.
    fn plan_of(
        rules: &str,
        triples: &[&str],
        toolchain: &Toolchain,
        needs_host: bool,
    ) -> Compilation {
        let project = TestProject::new(&format!("{PROGRAM}{rules}")).project();
        let targets: Vec<_> = triples.iter().map(|t| t.parse().expect("known")).collect();
        let host = Host {
            os: "linux".to_owned(),
            arch: "x86_64".to_owned(),
        };
        let circumstances = Circumstances {
            project: &project,
            cargo_toml: "",
            remap: &[(PathBuf::from("/home/me/.cargo"), "/cargo".to_owned())],
            host: &host,
            needs_host,
            quiet: true,
        };
        Compilation::plan(&targets, toolchain, &circumstances)
    }

    fn plan(triples: &[&str], toolchain: &Toolchain) -> Compilation {
        plan_of("", triples, toolchain, false)
    }

    fn toolchain() -> Toolchain {
        Toolchain::of(&linux()).expect("it is installed")
    }

    fn steps(compilation: &Compilation) -> Vec<(&str, Linker)> {
        let steps = compilation.steps.iter();
        steps
            .map(|step| (step.triple.as_str(), step.linker))
            .collect()
    }

    #[test]
    fn the_machine_s_own_target_needs_no_zig_and_the_others_are_left_out_with_the_reason() {
        let mut toolchain = toolchain();
        let darwin = "x86_64-apple-darwin";
        let compilation = plan(&[HOST, ARM, darwin], &toolchain);
        assert_eq!(steps(&compilation), [(HOST, Linker::Native)]);
        let reasons: Vec<_> = compilation
            .left_out
            .iter()
            .map(|out| (out.target.triple, out.reason.as_str()))
            .collect();
        let zig = "linking for it on `x86_64-unknown-linux-musl` takes cargo-zigbuild, which is not installed";
        let std =
            "its standard library is not installed; try `rustup target add x86_64-apple-darwin`";
        assert_eq!(reasons, [(ARM, zig), (darwin, std)]);
        toolchain.zig = Ok(());
        let compilation = plan(&[HOST, ARM], &toolchain);
        assert_eq!(
            steps(&compilation),
            [(HOST, Linker::Native), (ARM, Linker::Zig)]
        );
        assert_eq!(compilation.steps[1].arguments[0], "zigbuild");
    }

    #[test]
    fn a_mac_links_for_both_processors_and_a_universal_target_is_compiled_once_for_each() {
        let (arm, intel) = ("aarch64-apple-darwin", "x86_64-apple-darwin");
        let toolchain = Toolchain {
            host: arm.to_owned(),
            installed: [arm, intel]
                .map(|triple| triple.parse().expect("known"))
                .into(),
            ..toolchain()
        };
        let compilation = plan(&[intel, "universal2-apple-darwin"], &toolchain);
        assert_eq!(
            steps(&compilation),
            [(intel, Linker::Native), (arm, Linker::Native)]
        );
        assert!(compilation.left_out.is_empty());
        let only_arm = Toolchain {
            installed: vec![arm.parse().expect("known")],
            ..toolchain
        };
        let compilation = plan(&["universal2-apple-darwin"], &only_arm);
        assert_eq!(steps(&compilation), []);
        assert_eq!(compilation.left_out.len(), 1);
    }

    #[test]
    fn a_build_for_this_machine_is_added_where_it_generates_files() {
        let toolchain = Toolchain {
            zig: Ok(()),
            host: "x86_64-unknown-linux-gnu".to_owned(),
            ..toolchain()
        };
        let compilation = plan_of("", &[ARM], &toolchain, true);
        let expected = [
            (ARM, Linker::Zig),
            ("x86_64-unknown-linux-gnu", Linker::Native),
        ];
        assert_eq!(steps(&compilation), expected);
        // A static program runs here as well.
        let compilation = plan_of("", &[HOST], &toolchain, true);
        assert_eq!(steps(&compilation), [(HOST, Linker::Zig)]);
    }

    #[test]
    fn cargo_is_told_what_the_flake_tells_it() {
        let rules = "[build]\nprofile = 'size'\nfeatures = ['tls']\ndefault-features = false\npackages = ['hello']\n\
                     [build.targets.linux]\nfeatures = ['a/b']\n";
        let compilation = plan_of(rules, &[HOST], &toolchain(), false);
        let [step] = compilation.steps.as_slice() else {
            panic!("one target is one step");
        };
        let expected = [
            "build",
            "--release",
            "--locked",
            "--message-format=json-render-diagnostics",
            "--target=x86_64-unknown-linux-musl",
            "--config=target.x86_64-unknown-linux-musl.rustflags=[\"-Clink-arg=-Wl,--build-id=sha1\",\
             \"-Ctarget-feature=+crt-static\",\"--remap-path-prefix=/home/me/.cargo=/cargo\"]",
            "--package=hello",
            "--no-default-features",
            "--features=tls,a/b",
            "--quiet",
        ];
        assert_eq!(step.arguments, expected);
        let value = |key: &str| {
            let mut environment = step.environment.iter();
            environment
                .find(|(name, _)| name == key)
                .map(|(_, value)| value.as_str())
        };
        assert_eq!(value("CARGO_PROFILE_RELEASE_OPT_LEVEL"), Some("z"));
        let prefix = Some("-ffile-prefix-map=/home/me/.cargo=/cargo");
        assert_eq!(value("CFLAGS_x86_64_unknown_linux_musl"), prefix);
        assert_eq!(value("SOURCE_DATE_EPOCH"), None);
    }

    #[test]
    fn the_oldest_glibc_is_told_where_zig_links_and_the_project_s_variables_everywhere() {
        let rules = "[build.linux-gnu]\nglibc = '2.17'\n[build.environment]\nGREETING = 'hello'\n";
        let (own, other) = ("x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu");
        let toolchain = Toolchain {
            zig: Ok(()),
            host: own.to_owned(),
            installed: [own, other]
                .map(|triple| triple.parse().expect("known"))
                .into(),
            ..toolchain()
        };
        let compilation = plan_of(rules, &[own, other], &toolchain, false);
        let [native, zig] = compilation.steps.as_slice() else {
            panic!("two targets are two steps");
        };
        for (step, target) in [(native, own), (zig, "aarch64-unknown-linux-gnu.2.17")] {
            let target = format!("--target={target}");
            assert!(step.arguments.contains(&target), "{:?}", step.arguments);
            let greeting = ("GREETING".to_owned(), "hello".to_owned());
            assert!(step.environment.contains(&greeting));
        }
    }
}
