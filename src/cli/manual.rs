//! Sections of manual pages besides the options: environment, files and examples.

/// These sections of a command's page, as pairs of a name and a sentence about it.
pub struct Manual {
    /// The command's name; empty for the program itself.
    pub command: &'static str,
    /// Environment variables.
    pub environment: &'static [(&'static str, &'static str)],
    /// Files that are read or written.
    pub files: &'static [(&'static str, &'static str)],
    /// Command lines.
    pub examples: &'static [(&'static str, &'static str)],
}

const NO_COLOR: (&str, &str) = (
    "NO_COLOR",
    "If set and not empty, disables colors unless --color enables them.",
);
const SEALIFT: (&str, &str) = (
    "SEALIFT",
    "The address of Sealift's flake, or a directory that contains Sealift; used without --sealift.",
);
const MANIFEST: (&str, &str) = (
    "sealift.toml, packaging/sealift.toml",
    "The manifest, in the current directory or the nearest one above that has one.",
);
const CARGO_TOML: (&str, &str) = (
    "Cargo.toml",
    "Provides the values that are missing in [package] of the manifest.",
);
const RECORD: (&str, &str) = (
    "FILE.artifact.json",
    "The record of a package, beside it: its contents and SHA-256.",
);

/// Every command, in the order of the command line.
pub const MANUALS: &[Manual] = &[
    Manual {
        command: "",
        environment: &[NO_COLOR],
        files: &[MANIFEST, CARGO_TOML],
        examples: &[
            ("sealift plan", "Shows what would be made."),
            ("sealift help package", "Explains a command."),
        ],
    },
    Manual {
        command: "doctor",
        environment: &[
            NO_COLOR,
            SEALIFT,
            (
                "XDG_CACHE_HOME, XDG_DATA_HOME",
                "The parent directories of nixw's downloads and of its private store.",
            ),
        ],
        files: &[(
            "nix/universe/mirrors/seeds.json",
            "In Sealift's checkout: the lock of the mirrors universe's inputs.",
        )],
        examples: &[(
            "sealift doctor",
            "Reports what this machine lacks, with hints.",
        )],
    },
    Manual {
        command: "init",
        environment: &[SEALIFT],
        files: &[
            CARGO_TOML,
            (
                "sealift.toml, flake.nix, nixw, .envrc, .gitignore",
                "The files that init writes.",
            ),
        ],
        examples: &[
            (
                "sealift init --sealift /where/sealift/is",
                "Uses Sealift from a checkout.",
            ),
            (
                "sealift init --target linux,windows,macos --format all",
                "Releases for desktops, in all formats that each system has.",
            ),
            (
                "sealift init --only sealift.toml",
                "Writes only the manifest, for a project with a flake of its own.",
            ),
        ],
    },
    Manual {
        command: "plan",
        environment: &[],
        files: &[MANIFEST, CARGO_TOML],
        examples: &[
            ("sealift plan", "Shows what would be made for all targets."),
            (
                "sealift plan --target x86_64-unknown-linux-musl --json",
                "Prints the plan for one target as JSON.",
            ),
        ],
    },
    Manual {
        command: "make",
        environment: &[
            NO_COLOR,
            (
                "SOURCE_DATE_EPOCH",
                "The date of the packages, in seconds since 1970; used without --date.",
            ),
            (
                "SEALIFT_APPIMAGE_RUNTIMES",
                "A directory of AppImage runtimes, in place of the embedded ones.",
            ),
            (
                "SEALIFT_SETUP_STUBS",
                "A directory of setup stubs, in place of the embedded ones.",
            ),
            (
                "CARGO_HOME, CARGO_TARGET_DIR",
                "As cargo uses them; programs do not contain these paths.",
            ),
        ],
        files: &[
            MANIFEST,
            CARGO_TOML,
            (
                "release.json, report.json, report.html, SHA256SUMS, artifacts/",
                "The contents of the release directory.",
            ),
        ],
        examples: &[
            (
                "sealift make --cargo",
                "Compiles with the installed cargo, and makes a release in release/.",
            ),
            (
                "sealift make --build target --out /tmp/release",
                "Makes a release of programs that cargo has built before.",
            ),
        ],
    },
    Manual {
        command: "licenses",
        environment: &[],
        files: &[
            MANIFEST,
            CARGO_TOML,
            (
                "Cargo.lock",
                "The versions of the crates, from which cargo may not differ.",
            ),
        ],
        examples: &[
            (
                "sealift licenses",
                "Prints the licenses of all dependencies.",
            ),
            (
                "sealift licenses --target x86_64-unknown-linux-musl --out licenses.txt",
                "Writes those for one of several targets, for sealift tree --licenses.",
            ),
        ],
    },
    Manual {
        command: "sbom",
        environment: &[],
        files: &[
            MANIFEST,
            CARGO_TOML,
            (
                "Cargo.lock",
                "The versions and sums of the crates, from which cargo may not differ.",
            ),
        ],
        examples: &[
            ("sealift sbom", "Prints what is linked into the programs."),
            (
                "sealift sbom --target x86_64-unknown-linux-musl --out hello.cdx.json",
                "Writes it for one of several targets.",
            ),
        ],
    },
    Manual {
        command: "tree",
        environment: &[],
        files: &[MANIFEST, CARGO_TOML],
        examples: &[(
            "sealift tree --source . --build build --out tree",
            "Puts the files to ship into tree/, with the programs of build/bin/.",
        )],
    },
    Manual {
        command: "package",
        environment: &[(
            "SOURCE_DATE_EPOCH",
            "The date of the packages, in seconds since 1970; used without --date.",
        )],
        files: &[MANIFEST, CARGO_TOML, RECORD],
        examples: &[(
            "sealift package --target x86_64-unknown-linux-musl --tree tree --out packages --format deb",
            "Writes the Debian package.",
        )],
    },
    Manual {
        command: "release",
        environment: &[],
        files: &[
            RECORD,
            (
                "release.json, SHA256SUMS, artifacts/",
                "The contents of the release directory.",
            ),
        ],
        examples: &[(
            "sealift release --artifact packages/hello_1.2.3-1_amd64.deb --out release",
            "Makes a release of one package.",
        )],
    },
    Manual {
        command: "check",
        environment: &[(
            "TMPDIR",
            "The directory in which the command gets one for temporary files.",
        )],
        files: &[],
        examples: &[(
            "sealift check tests --out tests.json -- cargo test",
            "Runs the tests, and records their end.",
        )],
    },
    Manual {
        command: "measure",
        environment: &[
            ("PATH", "Where the program and emulators are looked for."),
            (
                "TMPDIR",
                "The directory for the program of a release, while it is measured.",
            ),
        ],
        files: &[(
            "release.json",
            "What was released, with the sums of the programs.",
        )],
        examples: &[
            (
                "sealift measure --out start.json -- target/release/hello --version",
                "Measures how fast the program starts and ends.",
            ),
            (
                "sealift measure --release release --ready exit --out start.json",
                "Measures the program of a release, as it is shipped.",
            ),
        ],
    },
    Manual {
        command: "soak",
        environment: &[NO_COLOR],
        files: &[
            MANIFEST,
            (
                "soak.json",
                "The record, for sealift gate --evidence; another file with --out.",
            ),
            (
                "soak.log",
                "Samples and events, which --resume goes on with; at most 16 MB.",
            ),
        ],
        examples: &[
            (
                "sealift soak --for 24h --request http://127.0.0.1:8080/ -- ./hello serve",
                "Has a service answer requests for a day.",
            ),
            (
                "sealift soak --for 10m --again -- ./hello --version",
                "Runs a program again and again.",
            ),
            (
                "sealift soak --resume --for 24h -- ./hello watch",
                "Goes on with a soak that was ended.",
            ),
        ],
    },
    Manual {
        command: "gate",
        environment: &[NO_COLOR],
        files: &[
            (
                "release.json",
                "What was released, with the limits of the gates.",
            ),
            ("report.json", "The findings of each gate."),
            ("report.html", "The same as a page for people."),
        ],
        examples: &[(
            "sealift gate release",
            "Judges a release and writes release/report.json and release/report.html.",
        )],
    },
    Manual {
        command: "report",
        environment: &[NO_COLOR],
        files: &[(
            "report.json",
            "What gates have said of a release, in its directory.",
        )],
        examples: &[
            (
                "sealift report v1.0.0 v1.1.0 v1.2.0 --out releases.html",
                "Compares three releases, on the terminal and as a page.",
            ),
            (
                "sealift report report.json --out report.html",
                "Makes the page of a report that was kept.",
            ),
        ],
    },
    Manual {
        command: "diff",
        environment: &[(
            "TMPDIR",
            "The directory for files that differ, until they are compared.",
        )],
        files: &[("release.json", "What was released, in both directories.")],
        examples: &[(
            "sealift diff release again",
            "Says where two releases differ, down to the first byte.",
        )],
    },
    Manual {
        command: "parity",
        environment: &[
            NO_COLOR,
            (
                "PATH",
                "Where programs are looked for; the only variable that they are given.",
            ),
            (
                "TMPDIR",
                "The directory for the directories that programs run in.",
            ),
        ],
        files: &[
            (
                "parity.toml",
                "Limits and normalizations, in the directory of the cases.",
            ),
            (
                "CASE/case.toml",
                "What a program is given in a case, and how it ends.",
            ),
        ],
        examples: &[
            (
                "sealift parity record --corpus cases --case reverse --files input -- sort -r names.txt",
                "Records what sort does as the case `reverse`.",
            ),
            (
                "sealift parity replay --corpus cases --out parity.json -- target/release/sort",
                "Compares a program with all cases.",
            ),
            (
                "sealift parity coverage --map map.toml --reference coreutils --tree . --out coverage.json",
                "Says which files of the reference have no counterpart.",
            ),
        ],
    },
    Manual {
        command: "push",
        environment: &[
            NO_COLOR,
            (
                "SEALIFT_REGISTRY_USER, SEALIFT_REGISTRY_PASSWORD",
                "The login, with a password or a token; used without --user.",
            ),
            (
                "DOCKER_CONFIG",
                "The directory of config.json, in place of ~/.docker.",
            ),
            (
                "SSL_CERT_FILE",
                "A file of certificates in PEM that are trusted in place of Mozilla's.",
            ),
            (
                "HTTPS_PROXY, NO_PROXY",
                "The address of a proxy, and the hosts that are reached without it.",
            ),
        ],
        files: &[
            ("release.json", "What was released, in a release directory."),
            (
                "~/.docker/config.json",
                "Logins of `docker login`, or the name of the program that keeps them.",
            ),
        ],
        examples: &[
            (
                "sealift push release registry.example.org/team/hello",
                "Pushes the images of a release; the tag is the version.",
            ),
            (
                "sealift push hello-1.2.3-x86_64.oci.tar localhost:5000/hello:latest",
                "Pushes one image to a registry on this machine.",
            ),
        ],
    },
    Manual {
        command: "universal",
        environment: &[],
        files: &[],
        examples: &[(
            "sealift universal arm/hello intel/hello --out hello",
            "Merges two programs.",
        )],
    },
    Manual {
        command: "symbols",
        environment: &[],
        files: &[(
            ".build-id/ab/cdef….debug",
            "The symbols, in the directory given with --debug.",
        )],
        examples: &[(
            "sealift symbols target/release/hello --out build/bin/hello --debug symbols",
            "Moves the symbols out of the program to ship.",
        )],
    },
    Manual {
        command: "stamp",
        environment: &[],
        files: &[MANIFEST, CARGO_TOML],
        examples: &[(
            "sealift stamp build/bin/hello.exe --manifest sealift.toml --commit 0123abcd",
            "Writes commit, version and icon.",
        )],
    },
    Manual {
        command: "targets",
        environment: &[],
        files: &[],
        examples: &[(
            "sealift targets",
            "Lists the targets, each with its formats.",
        )],
    },
    Manual {
        command: "manifest",
        environment: &[],
        files: &[],
        examples: &[(
            "sealift manifest schema",
            "Prints the schema, for a file that editors read.",
        )],
    },
    Manual {
        command: "completions",
        environment: &[],
        files: &[],
        examples: &[(
            "sealift completions bash",
            "Prints the content for ~/.local/share/bash-completion/completions/sealift.",
        )],
    },
    Manual {
        command: "man",
        environment: &[],
        files: &[],
        examples: &[("sealift man --out man1", "Writes all pages.")],
    },
];

impl Manual {
    /// The sections in roff (groff_man(7)).
    pub fn to_roff(&self) -> String {
        let mut roff = String::new();
        for (title, entries) in [
            ("ENVIRONMENT", self.environment),
            ("FILES", self.files),
            ("EXAMPLES", self.examples),
        ] {
            if !entries.is_empty() {
                roff += &format!(".SH {title}\n");
            }
            for (name, about) in entries {
                roff += &format!(".TP\n\\fB{}\\fR\n{}\n", escaped(name), escaped(about));
            }
        }
        roff
    }
}

/// Escapes text for roff: a line that begins with a period or an apostrophe would be a request.
fn escaped(text: &str) -> String {
    let text = text.replace('\\', "\\e").replace('-', "\\-");
    if text.starts_with(['.', '\'']) {
        format!("\\&{text}")
    } else {
        text
    }
}
