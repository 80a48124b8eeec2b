//! The worked example of docs/adding-a-format.md, which quotes this file: a complete format, and the tests of its laws.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::num::NonZeroUsize;
use std::path::Path;

use sealift::container::compress::decode;
use sealift::container::compress::gzip::{GzipWriter, Level};
use sealift::container::{Malformed, Output, Visit};
use sealift::format::{Format, FormatError, Registration, Unsupported};
use sealift::model::digest::Sha256Sum;
use sealift::model::entry::{Entry, EntryContent};
use sealift::model::package::{Context, Package};
use sealift::model::target::{Os, Target};
use sealift::model::tree::{Content, TreeFile};

/// The format's entry in the table.
const REGISTRATION: Registration = Registration {
    name: "cpio",
    summary: "a .cpio.gz, which Linux unpacks when it starts",
    new: |_tables, _resources| Box::new(Cpio),
    read,
};

/// The format; it has no settings.
struct Cpio;

impl Format for Cpio {
    fn supports(&self, target: Target) -> Result<(), Unsupported> {
        match target.os {
            Os::Linux => Ok(()),
            _ => Err(Unsupported {
                format: REGISTRATION.name,
                target: target.triple,
                reason: "only Linux starts from a cpio archive",
            }),
        }
    }

    fn file_name(&self, package: &Package, target: Target) -> String {
        let (name, version) = (&package.name, &package.version);
        format!("{name}-{version}-{}.cpio.gz", target.machine)
    }

    fn write(
        &self,
        _: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        let date = u32::try_from(context.date).map_err(|_| {
            FormatError::Invalid(format!("cpio cannot hold the date {}", context.date))
        })?;
        let mut archive = Archive {
            out: GzipWriter::new(out, Level::Default, context.threads),
            date,
            entries: Vec::new(),
        };
        let mut seen = BTreeSet::new();
        for file in context.tree.files() {
            for (end, _) in file.path.match_indices('/') {
                let directory = &file.path[..end];
                if seen.insert(directory) {
                    archive.directory(directory)?;
                }
            }
            archive.file(file)?;
        }
        archive.finish()
    }
}

/// A cpio archive in the "New ASCII Format" (cpio(5)) that is being written.
struct Archive<W: Write> {
    out: GzipWriter<W>,
    date: u32,
    entries: Vec<Entry>,
}

const MAGIC: &[u8] = b"070701";
const HEADER: usize = 110;
const LAST: &str = "TRAILER!!!";

const KIND: u32 = 0o170_000;
const DIRECTORY: u32 = 0o040_000;
const FILE: u32 = 0o100_000;
const SYMLINK: u32 = 0o120_000;

impl<W: Write> Archive<W> {
    fn directory(&mut self, path: &str) -> Result<(), FormatError> {
        let (path, mode) = (path.to_owned(), 0o755);
        self.member(DIRECTORY | mode, 0, &path, &mut io::empty())?;
        let content = EntryContent::Directory;
        self.entries.push(Entry {
            path,
            mode,
            content,
        });
        Ok(())
    }

    fn file(&mut self, file: &TreeFile) -> Result<(), FormatError> {
        let content = match &file.content {
            Content::Symlink(target) => {
                let (mode, size) = (SYMLINK | file.mode, target.len() as u64);
                self.member(mode, size, &file.path, &mut target.as_bytes())?;
                EntryContent::Symlink(target.clone())
            }
            Content::File(_) | Content::Bytes(_) => {
                let (mode, size) = (FILE | file.mode, file.size());
                self.member(mode, size, &file.path, &mut file.open()?)?;
                let sha256 = file.sha256()?;
                EntryContent::File { size, sha256 }
            }
        };
        self.entries.push(Entry {
            path: file.path.clone(),
            mode: file.mode,
            content,
        });
        Ok(())
    }

    fn member(
        &mut self,
        mode: u32,
        size: u64,
        path: &str,
        content: &mut dyn Read,
    ) -> Result<(), FormatError> {
        let size = u32::try_from(size).map_err(|_| {
            let reason = "but a file in a cpio archive has at most 4294967295";
            FormatError::Invalid(format!("`/{path}` has {size} bytes, {reason}"))
        })?;
        // Inode, mode, user, group, links, time, size, four device numbers, length of the name, checksum. The inode
        // identifies hard links, and there are none.
        let fields = [0, mode, 0, 0, 1, self.date, size, 0, 0, 0, 0];
        let (name, sum) = (path.len() as u32 + 1, 0);
        self.out.write_all(MAGIC)?;
        for field in fields.into_iter().chain([name, sum]) {
            write!(self.out, "{field:08x}")?;
        }
        self.out.write_all(path.as_bytes())?;
        self.out.write_all(b"\0")?;
        self.pad(HEADER + path.len() + 1)?;
        io::copy(content, &mut self.out)?;
        self.pad(size as usize)
    }

    fn pad(&mut self, length: usize) -> Result<(), FormatError> {
        let missing = length.next_multiple_of(4) - length;
        Ok(self.out.write_all(&[0; 3][..missing])?)
    }

    fn finish(mut self) -> Result<Vec<Entry>, FormatError> {
        self.member(0, 0, LAST, &mut io::empty())?;
        self.out.finish()?.flush()?;
        Ok(self.entries)
    }
}

/// Opens an archive and visits its entries.
fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let mut bytes = Vec::new();
    let mut gzip = decode::gzip(BufReader::new(File::open(artifact)?));
    let whole = gzip.read_to_end(&mut bytes);
    let mut members = Members {
        bytes: &bytes,
        position: 0,
    };
    // A failed read is not the artifact's fault; data that cannot be decompressed is.
    if let Err(error) = whole {
        let is_damaged = error.get_ref().is_some_and(|e| e.is::<decode::Damaged>());
        members.position = bytes.len();
        return Err(match is_damaged {
            true => members.malformed(error.to_string()),
            false => error.into(),
        });
    }
    while let Some((entry, mut content)) = members.next()? {
        visit(&entry, &mut content)?;
    }
    Ok(())
}

/// The part of an archive that is still to be read.
struct Members<'a> {
    bytes: &'a [u8],
    position: usize,
}

impl<'a> Members<'a> {
    /// The next member with its content, or `None` at the end.
    fn next(&mut self) -> Result<Option<(Entry, &'a [u8])>, FormatError> {
        let header = self.take(HEADER)?;
        if !header.starts_with(MAGIC) {
            self.position -= HEADER;
            return Err(self.malformed("expected `070701`"));
        }
        let number = |index: usize| {
            let digits = std::str::from_utf8(&header[MAGIC.len() + 8 * index..][..8]).ok()?;
            u32::from_str_radix(digits, 16).ok()
        };
        let (Some(mode), Some(size), Some(length)) = (number(1), number(6), number(11)) else {
            return Err(self.malformed("expected hexadecimal digits before here"));
        };
        let name = self.take(length as usize)?;
        self.align(HEADER + name.len())?;
        let content = self.take(size as usize)?;
        self.align(content.len())?;
        let path = self.text(name.strip_suffix(b"\0").unwrap_or(name))?;
        if path == LAST {
            return Ok(None);
        }
        let content_of = match mode & KIND {
            DIRECTORY => EntryContent::Directory,
            FILE => EntryContent::File {
                size: u64::from(size),
                sha256: Sha256Sum::of(content),
            },
            SYMLINK => EntryContent::Symlink(self.text(content)?),
            _ => return Err(self.malformed(format!("`{path}` has the mode {mode:o}"))),
        };
        let shown = match content_of {
            EntryContent::File { .. } => content,
            // Everything else has an empty reader.
            _ => &[],
        };
        let entry = Entry {
            path,
            mode: mode & 0o7777,
            content: content_of,
        };
        Ok(Some((entry, shown)))
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], FormatError> {
        let rest = &self.bytes[self.position..];
        let taken = rest.get(..length);
        let taken = taken.ok_or_else(|| self.malformed(format!("less than {length} bytes")))?;
        self.position += length;
        Ok(taken)
    }

    fn align(&mut self, length: usize) -> Result<(), FormatError> {
        self.take(length.next_multiple_of(4) - length).map(|_| ())
    }

    fn text(&self, bytes: &[u8]) -> Result<String, FormatError> {
        let text = String::from_utf8(bytes.to_vec());
        text.map_err(|_| self.malformed("a name that is not UTF-8"))
    }

    fn malformed(&self, what: impl AsRef<str>) -> FormatError {
        let what = format!("the cpio: {}", what.as_ref());
        let offset = self.position as u64;
        Malformed { what, offset }.into()
    }
}

mod laws {
    use std::path::PathBuf;

    use sealift::event::Silent;
    use sealift::format::Resources;
    use sealift::gate::report::{Outcome, judge};
    use sealift::model::artifact::Artifact;
    use sealift::pipeline::collect::{Request, collect};
    use sealift::pipeline::load::load;
    use sealift::pipeline::plan::{Selection, plan};
    use sealift::pipeline::write::{Job, Part, write};
    use sealift::project::Project;
    use sealift::project::manifest::{Manifest, located::Source};

    use super::*;

    const FORMATS: &[Registration] = &[REGISTRATION];

    const MANIFEST: &str = "
        targets = ['x86_64-unknown-linux-musl']
        formats = ['cpio']

        [package]
        name = 'hello'
        version = '1.2.3'
        summary = 'greets the world'
        license = 'MIT'
        maintainer = 'A. Person <a@example.org>'

        [[files]]
        kind = 'binary'
        source = 'bin/hello'

        [[files]]
        kind = 'data'
        source = 'share/'
    ";

    /// A project with a tree directory, packaged.
    struct Packaged {
        root: tempfile::TempDir,
        project: Project,
        artifact: Artifact,
    }

    impl Packaged {
        fn new(threads: usize) -> Self {
            let root = tempfile::tempdir().expect("writable");
            for directory in ["tree/bin", "tree/share/deep", "out"] {
                std::fs::create_dir_all(root.path().join(directory)).expect("writable");
            }
            let file = |path: &str, bytes: &[u8]| {
                std::fs::write(root.path().join(path), bytes).expect("writable");
            };
            file("tree/bin/hello", b"a program");
            file("tree/share/deep/odd", b"12345");
            // Several gzip members, which several threads compress.
            file("tree/share/large", &vec![7; 3 << 20]);
            let link = root.path().join("tree/share/link");
            std::os::unix::fs::symlink("deep/odd", link).expect("writable");

            let text = MANIFEST.to_owned();
            let path = "sealift.toml".into();
            let manifest = Manifest::parse(Source { path, text }, FORMATS).expect("valid");
            let project =
                Project::resolve(manifest, root.path().into(), FORMATS, &Resources::default())
                    .expect("valid");
            let artifact = package(&project, root.path(), threads);
            Self {
                root,
                project,
                artifact,
            }
        }

        fn path(&self) -> PathBuf {
            self.root
                .path()
                .join("out")
                .join(self.artifact.file.as_str())
        }
    }

    fn package(project: &Project, root: &Path, threads: usize) -> Artifact {
        let plan = plan(project, &Selection::default()).expect("supported");
        let target = &plan.targets[0];
        let tree = load(project, target.target, &root.join("tree")).expect("readable");
        let parts = [Part {
            plan: target,
            tree: &tree,
        }];
        let job = Job {
            commit: None,
            date: 315_532_800,
            threads: NonZeroUsize::new(threads).expect("not zero"),
            out: &root.join("out"),
        };
        let artifacts = write(project, &parts, &job, &Silent).expect("writable");
        artifacts.into_iter().next().expect("one format")
    }

    fn entries(artifact: &Path) -> Result<Vec<Entry>, FormatError> {
        let mut entries = Vec::new();
        read(artifact, &mut |entry, content| {
            if let EntryContent::File { sha256, .. } = entry.content {
                assert_eq!(Sha256Sum::of_reader(content)?, sha256, "{}", entry.path);
            }
            entries.push(entry.clone());
            Ok(())
        })?;
        Ok(entries)
    }

    #[test]
    fn reading_yields_what_was_written() {
        let packaged = Packaged::new(1);
        assert_eq!(
            packaged.artifact.file.as_str(),
            "hello-1.2.3-x86_64.cpio.gz"
        );
        let paths: Vec<_> = packaged
            .artifact
            .contents
            .iter()
            .map(|e| &e.path[..])
            .collect();
        assert_eq!(
            paths,
            [
                "usr",
                "usr/bin",
                "usr/bin/hello",
                "usr/share",
                "usr/share/hello",
                "usr/share/hello/deep",
                "usr/share/hello/deep/odd",
                "usr/share/hello/large",
                "usr/share/hello/link",
            ]
        );
        let found = entries(&packaged.path()).expect("just written");
        assert_eq!(found, packaged.artifact.contents);
    }

    #[test]
    fn the_bytes_do_not_depend_on_the_number_of_threads() {
        let (one, many) = (Packaged::new(1), Packaged::new(3));
        assert_eq!(one.artifact.sha256, many.artifact.sha256);
    }

    #[test]
    fn a_damaged_archive_is_refused_with_a_place() {
        let packaged = Packaged::new(1);
        let good = std::fs::read(packaged.path()).expect("just written");
        for length in (0..good.len()).step_by(97) {
            std::fs::write(packaged.path(), &good[..length]).expect("writable");
            let error = entries(&packaged.path()).expect_err("cut off");
            assert!(
                matches!(error, FormatError::Malformed(_)),
                "{length}: {error:?}"
            );
        }
    }

    #[test]
    fn the_gates_open_it() {
        let packaged = Packaged::new(2);
        let directory = packaged.root.path().join("release");
        let request = Request {
            artifacts: vec![packaged.path()],
            sboms: Vec::new(),
            commit: None,
            dirty: false,
            built_with: None,
            gates: packaged.project.gates.to_map(),
            project: Some(&packaged.project),
        };
        let release = collect(request, &directory, &Silent).expect("writable");
        let context = sealift::gate::GateContext {
            directory: &directory,
            formats: FORMATS,
            evidence: &sealift::evidence::Evidence::default(),
            previous: None,
            advisories: None,
        };
        let report = judge(&release, &context, &packaged.project.gates, &Silent);
        assert_eq!(report.outcome, Outcome::Pass, "{report:#?}");
    }
}
