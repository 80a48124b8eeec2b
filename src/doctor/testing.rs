//! Recorded machines, for tests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::project::{PackageFacts, ProjectFacts};
use super::{CHECKS, Diagnosis, Finding, Host, Machine, Output, RunError, Surroundings, examine};

/// The project that a complete machine has.
pub(super) const PROJECT: &str = "/project";

/// The question which of its files git does not know.
pub(super) const LS_FILES: &str = "git -C /project -c core.fsmonitor=false --literal-pathspecs ls-files -z --others -- \
                                   flake.nix flake.lock sealift.toml LICENSE";

pub(super) const LOCK_FILE: &str = "/sealift/nix/universe/mirrors/seeds.json";

/// A lock with one seed of each kind.
pub(super) const LOCK: &str = r#"{
  "wanted": {},
  "systems": {
    "aarch64-linux": {
      "bootstrap": { "sha256": "97079827064a7492cce5541ceb438ae8003ce1e54e399676da2d62fb7a5dc08b" },
      "python": [],
      "debian": [
        { "name": "a", "version": "1:1.2", "file": "a_1%3a1.2_arm64.deb", "size": 3000000,
          "sha256": "ef145856756424e2f47cadeb8731c93a724eacc93885056a44b21e7baf392cf4" }
      ]
    },
    "x86_64-linux": {
      "bootstrap": { "sha256": "ef145856756424e2f47cadeb8731c93a724eacc93885056a44b21e7baf392cf4" },
      "python": [
        { "name": "zig", "version": "1", "file": "zig-1.whl", "size": 101000000,
          "sha256": "97079827064a7492cce5541ceb438ae8003ce1e54e399676da2d62fb7a5dc08b" }
      ],
      "debian": [
        { "name": "a", "version": "1:1.2", "file": "a_1%3a1.2_amd64.deb", "size": 2000000,
          "sha256": "97079827064a7492cce5541ceb438ae8003ce1e54e399676da2d62fb7a5dc08b" },
        { "name": "rustc-web", "version": "1.96.0-dfsg1", "file": "rustc-web_1.96.0-dfsg1_amd64.deb", "size": 0,
          "sha256": "97079827064a7492cce5541ceb438ae8003ce1e54e399676da2d62fb7a5dc08b" }
      ]
    }
  }
}"#;

/// The lock of the project.
const CARGO_LOCK: &str = "[[package]]\nname = 'hello'\nversion = '1.2.3'\n[[package]]\nname = 'serde'\nversion = '1.0.0'\n";

/// A machine that replays recorded output. Programs are keyed by their command line.
pub(super) struct Recorded {
    pub surroundings: Surroundings,
    pub programs: BTreeMap<String, Result<Output, RunError>>,
    /// Programs that fail with any arguments.
    pub failing: BTreeMap<String, String>,
    pub files: BTreeMap<PathBuf, String>,
    pub existing: BTreeSet<PathBuf>,
}

impl Machine for Recorded {
    fn run(&self, program: &str, arguments: &[&str]) -> Result<Output, RunError> {
        if let Some(stderr) = self.failing.get(program) {
            return Ok(failed(stderr));
        }
        let line = [&[program], arguments].concat().join(" ");
        self.programs
            .get(&line)
            .cloned()
            .unwrap_or(Err(RunError::Missing))
    }

    fn read(&self, path: &Path) -> Option<String> {
        self.files.get(path).cloned()
    }

    fn exists(&self, path: &Path) -> bool {
        self.existing.contains(path) || self.files.contains_key(path) || path == Path::new("/")
    }
}

fn failed(stderr: &str) -> Output {
    Output {
        success: false,
        stdout: String::new(),
        stderr: stderr.to_owned(),
    }
}

impl Recorded {
    fn empty() -> Self {
        Self {
            surroundings: Surroundings {
                os: "linux".to_owned(),
                arch: "x86_64".to_owned(),
                profile: "/home/me/.nix-profile/bin".into(),
                cache: "/home/me/.cache/sealift".into(),
                private_store: "/home/me/.local/share/sealift/store".into(),
                seed_lock: None,
                project: None,
            },
            programs: BTreeMap::new(),
            failing: BTreeMap::new(),
            files: BTreeMap::new(),
            existing: BTreeSet::new(),
        }
    }

    /// A container of Debian 12 in which nothing was installed.
    pub fn bare_debian() -> Self {
        let id = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\n";
        Self::empty()
            .file("/etc/os-release", id)
            .file("/usr/bin/apt-get", "")
            .says("id -u", "0\n")
            .says("unshare --mount --net --ipc --uts --pid --fork true", "")
            .says("df -P -k /", "/dev/vda 264212084 43079672 52206216 46% /\n")
    }

    /// A machine with a Nix daemon and everything else.
    pub fn complete() -> Self {
        let settings = "experimental-features = flakes nix-command\nsandbox = true\n";
        let probe = "python3 -c import platform, pip, tomllib; print(platform.python_version())";
        let mut machine = Self::bare_debian()
            .says("id -u", "1000\n")
            .says("nix --version", "nix (Nix) 2.31.2\n")
            .says(
                "nix --extra-experimental-features nix-command config show",
                settings,
            )
            .says("git --version", "git version 2.39.5\n")
            .says(probe, "3.11.2\n")
            .says(
                "df -P -k /nix/store",
                "/dev/vda 264212084 43079672 52206216 46% /\n",
            )
            .says("qemu-aarch64-static --version", "7.2\n")
            .says("qemu-arm-static --version", "7.2\n")
            .says("qemu-riscv64-static --version", "7.2\n")
            .says("wine64 --version", "wine-8.0\n")
            .file(LOCK_FILE, LOCK);
        let seeds = [
            "/nix/store/3sqskxynk9fd4h7gnmswy5fw7jjsblzw-zig-1.whl",
            "/nix/store/qi3wqd9hxqwrmf128sz9qz23k979spqg-a_1-3a1.2_amd64.deb",
            "/nix/store/a0kv4fpbw2pqjjxkis1khfhqfv4ps5ib-rustc-web_1.96.0-dfsg1_amd64.deb",
            "/nix/store/y3rzpczcgss4xbc95amsk4v7m193mi1q-bootstrap",
        ];
        machine.existing.extend(seeds.map(PathBuf::from));
        machine
            .existing
            .extend(["/nix/store", "/nix/var/nix/daemon-socket/socket"].map(PathBuf::from));
        machine.surroundings.seed_lock = Some(LOCK_FILE.into());
        machine.in_project()
    }

    /// In a project that lacks nothing.
    fn in_project(mut self) -> Self {
        self.surroundings.project = Some(ProjectFacts {
            directory: PROJECT.into(),
            packages: vec![PackageFacts {
                name: "hello".to_owned(),
                version: Some("1.2.3".to_owned()),
                rust_version: Some("1.90".to_owned()),
                dependencies: vec!["serde".to_owned()],
            }],
            files: vec!["sealift.toml".to_owned(), "LICENSE".to_owned()],
            names_sealift: false,
        });
        self.existing.insert("/sealift/nix/universe".into());
        self.file(
            "/project/flake.nix",
            "{ inputs.sealift.url = \"path:/sealift\"; }",
        )
        .file("/project/Cargo.lock", CARGO_LOCK)
        .says(LS_FILES, "")
    }

    /// A machine where every program fails.
    pub fn broken() -> Self {
        let mut machine = Self::complete();
        machine.existing.clear();
        for program in [
            "nix", "git", "python3", "unshare", "df", "wine64", "wine", "id",
        ] {
            machine = machine.fails_like(program, "it broke\n");
        }
        machine
    }

    /// With a command line that prints something.
    pub fn says(mut self, line: &str, stdout: &str) -> Self {
        let output = Output {
            success: true,
            stdout: stdout.to_owned(),
            stderr: String::new(),
        };
        self.programs.insert(line.to_owned(), Ok(output));
        self
    }

    /// With a command line that fails.
    pub fn fails(mut self, line: &str, stderr: &str) -> Self {
        self.programs.insert(line.to_owned(), Ok(failed(stderr)));
        self
    }

    /// With a program that fails with any arguments.
    pub fn fails_like(mut self, program: &str, stderr: &str) -> Self {
        self.failing.insert(program.to_owned(), stderr.to_owned());
        self
    }

    /// With a command line that does not answer.
    pub fn does_not_answer(mut self, line: &str, error: RunError) -> Self {
        self.programs.insert(line.to_owned(), Err(error));
        self
    }

    /// With a file.
    pub fn file(mut self, path: &str, text: &str) -> Self {
        self.files.insert(path.into(), text.to_owned());
        self
    }

    /// All findings.
    pub fn examine(&self) -> Diagnosis {
        examine(Host {
            machine: self,
            surroundings: &self.surroundings,
        })
    }

    /// The finding of one check.
    pub fn find(&self, name: &str) -> Finding {
        let check = CHECKS.iter().find(|check| check.name == name);
        let host = Host {
            machine: self,
            surroundings: &self.surroundings,
        };
        check.expect("it is in the table").find(&host)
    }
}
