//! A project in a temporary directory, and the program run in it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The one target of all projects here.
pub const TARGET: &str = "x86_64-unknown-linux-musl";

/// A manifest for the program `bin/hello` in three formats.
pub const MANIFEST: &str = "\
targets = ['x86_64-unknown-linux-musl']
formats = ['archive', 'deb', 'oci']

[package]
name = 'hello'
version = '1.2.3'
summary = 'greets the world'
license = 'MIT'
maintainer = 'A. Person <a@example.org>'

[[files]]
kind = 'binary'
source = 'bin/hello'
";

/// Where a program of the machine that runs the tests is. A script needs that, as the program under test has no PATH, and
/// not every machine has the usual directories.
pub fn found(program: &str) -> String {
    let path = std::env::var_os("PATH").expect("tests have a PATH");
    let mut candidates = std::env::split_paths(&path).map(|directory| directory.join(program));
    let found = candidates.find(|path| path.exists());
    found.expect("every Unix has it").display().to_string()
}

/// A directory of its own, which is the program's current one.
pub struct Sandbox {
    root: tempfile::TempDir,
}

/// What a run of the program left.
pub struct Run {
    /// The exit code.
    pub code: i32,
    /// Standard output.
    pub stdout: String,
    /// Standard error, with the sandbox's path as `ROOT`.
    pub stderr: String,
}

impl Sandbox {
    /// An empty one.
    pub fn new() -> Self {
        let root = tempfile::Builder::new().prefix("sealift-test-").tempdir();
        let sandbox = Self {
            root: root.expect("the temporary directory is writable"),
        };
        sandbox.file("LICENSE", "Permission is hereby granted to anybody.\n")
    }

    /// One with the usual manifest, and some lines more.
    pub fn with_manifest(more: &str) -> Self {
        Self::new().file("sealift.toml", format!("{MANIFEST}{more}"))
    }

    /// One with the usual manifest and a tree directory for it.
    pub fn with_tree() -> Self {
        Self::with_manifest("").file("tree/bin/hello", "a program")
    }

    /// Adds a file, with the directories above it.
    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("it is below the root")).expect("writable");
        fs::write(path, content).expect("writable");
        self
    }

    /// Adds a symbolic link.
    pub fn link(self, path: &str, target: &str) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("it is below the root")).expect("writable");
        std::os::unix::fs::symlink(target, path).expect("writable");
        self
    }

    /// Adds the program itself, as one that was built.
    pub fn program(self, path: &str) -> Self {
        self.written_by(path, Command::new("cp").arg(program()))
    }

    /// Adds a script that can be run.
    pub fn script(self, path: &str, text: &str) -> Self {
        let mut shell = Command::new("sh");
        shell.args([
            "-c",
            "printf %s \"$1\" >\"$2\" && chmod 755 \"$2\"",
            "sh",
            text,
        ]);
        self.written_by(path, &mut shell)
    }

    /// Adds a program by a command that writes to its last argument. This process must not write it: one that another test
    /// starts meanwhile would inherit the open file, and nobody can run what is open for writing (ETXTBSY).
    fn written_by(self, path: &str, command: &mut Command) -> Self {
        let path = self.path(path);
        fs::create_dir_all(path.parent().expect("it is below the root")).expect("writable");
        let status = command.arg(path).status().expect("every Unix has it");
        assert!(status.success(), "{status}");
        self
    }

    /// A path in the sandbox.
    pub fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.path().join(relative)
    }

    /// The program, ready to be started in the sandbox with an empty environment.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = Command::new(program());
        command
            .args(arguments)
            .env_clear()
            .current_dir(self.root.path());
        command
    }

    /// Runs the program.
    pub fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Run {
        let output = self.command(arguments).output();
        self.ran(output.expect("the program can be started"))
    }

    /// Runs the program, which has to succeed without a message on standard error.
    pub fn succeed<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> String {
        let run = self.run(arguments);
        assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{}", run.stdout);
        run.stdout
    }

    /// Runs the program, which has to fail with code 2 and nothing on standard output; gives its message.
    pub fn fail<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> String {
        let run = self.run(arguments);
        assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{}", run.stderr);
        run.stderr
    }

    /// What a finished program left.
    pub fn ran(&self, output: Output) -> Run {
        let text = |bytes| String::from_utf8(bytes).expect("the program writes UTF-8");
        let root = self.root.path();
        let resolved = root.canonicalize().expect("it exists");
        let stderr = text(output.stderr)
            .replace(&resolved.display().to_string(), "ROOT")
            .replace(&root.display().to_string(), "ROOT");
        Run {
            code: output.status.code().unwrap_or(-1),
            stdout: text(output.stdout),
            stderr,
        }
    }

    /// The names in a directory, sorted; hidden ones too.
    pub fn names(&self, directory: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(directory)).expect("it exists");
        let name = |entry: std::io::Result<fs::DirEntry>| entry.expect("readable").file_name();
        let mut names: Vec<_> = entries
            .map(|entry| name(entry).to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    /// A file's text.
    pub fn text(&self, path: &str) -> String {
        fs::read_to_string(self.path(path)).expect("it is a text file")
    }

    /// A file's JSON.
    pub fn json(&self, path: &str) -> serde_json::Value {
        serde_json::from_str(&self.text(path)).expect("it is JSON")
    }
}

/// The program under test: the one that cargo built with this test, unless the environment names another.
fn program() -> PathBuf {
    match std::env::var_os("SEALIFT_TEST_PROGRAM") {
        Some(program) => program.into(),
        None => env!("CARGO_BIN_EXE_sealift").into(),
    }
}

/// The header of an ELF program of 64 bits for a machine (`e_machine`), with nothing behind it.
pub fn elf_header(machine: u16) -> Vec<u8> {
    let mut header = b"\x7fELF\x02\x01\x01".to_vec();
    header.resize(16, 0);
    // A shared object, as position independent programs are.
    for half in [3, machine, 1, 0] {
        header.extend(half.to_le_bytes());
    }
    header.resize(52, 0);
    for half in [64_u16, 56, 0, 64, 0, 0] {
        header.extend(half.to_le_bytes());
    }
    header
}

/// The words of a command line without quotes.
pub fn words(line: &str) -> Vec<&str> {
    line.split_whitespace().collect()
}

/// Files of the command cannot grow beyond some bytes: it meets what it would on a full disk.
pub fn limit_file_size(command: &mut Command, bytes: libc::rlim_t) {
    // SAFETY: both calls are async-signal-safe, and the limit is read only.
    unsafe {
        command.pre_exec(move || {
            // Without this the signal would end the program before it meets the error.
            libc::signal(libc::SIGXFSZ, libc::SIG_IGN);
            let limit = libc::rlimit {
                rlim_cur: bytes,
                rlim_max: bytes,
            };
            match libc::setrlimit(libc::RLIMIT_FSIZE, &limit) {
                0 => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            }
        });
    }
}

/// The command cannot have more memory than some bytes; asking for more fails.
pub fn limit_memory(command: &mut Command, bytes: libc::rlim_t) {
    // SAFETY: the call is async-signal-safe, and the limit is read only.
    unsafe {
        command.pre_exec(move || {
            let limit = libc::rlimit {
                rlim_cur: bytes,
                rlim_max: bytes,
            };
            match libc::setrlimit(libc::RLIMIT_AS, &limit) {
                0 => Ok(()),
                _ => Err(std::io::Error::last_os_error()),
            }
        });
    }
}
