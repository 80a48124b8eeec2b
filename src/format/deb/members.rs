//! The two archives inside a deb: the control files, and the installed files.

use std::io::{self, Read, Seek, Write};
use std::sync::Arc;

use md5::{Digest, Md5};

use super::{Compression, Scripts};
use crate::container::ar::{self, Limited, TooLarge};
use crate::container::compress::gzip::{GzipWriter, Level, compress};
use crate::container::compress::xz::{self, Filter, XzWriter};
use crate::container::compress::zstd;
use crate::container::tar::TarWriter;
use crate::format::FormatError;
use crate::model::entry::Entry;
use crate::model::package::Context;
use crate::model::steps::Step;
use crate::model::target::Target;
use crate::model::threads::Threads;
use crate::model::tree::{Content, Kind, Tree, TreeFile};
use crate::program::kind::Magic;

/// The prefix of every path, which some tools require for looking up members.
pub(super) const PREFIX: &str = "./";

/// The folder of the control files among the entries, as in `dpkg-deb --raw-extract`.
pub(super) const CONTROL: &str = "DEBIAN/";

/// The installed size, counted as in dpkg-gencontrol: each file in whole KiB, a directory as one.
pub(super) fn installed_kib(steps: &[Step<'_>]) -> u64 {
    let kib = |step: &Step<'_>| match step {
        Step::Directory(_) => 1,
        Step::File(file) => match &file.content {
            Content::Symlink(target) => (target.len() as u64).div_ceil(1024),
            _ => file.size().div_ceil(1024),
        },
    };
    // The root directory counts, too.
    1 + steps.iter().map(kib).sum::<u64>()
}

/// Refuses a tree with a file in the folder of the control files.
pub(super) fn refuse_control_folder(steps: &[Step<'_>]) -> Result<(), FormatError> {
    let is_ours = |step: &Step<'_>| match step {
        Step::Directory(path) => format!("{path}/").starts_with(CONTROL),
        Step::File(file) => format!("{}/", file.path) == CONTROL,
    };
    match steps.iter().any(is_ours) {
        true => Err(FormatError::Invalid(format!(
            "a deb keeps its own files in `/{CONTROL}`, so a package can have nothing there"
        ))),
        false => Ok(()),
    }
}

/// The control files, sorted by name.
pub(super) fn control_files(
    control: &str,
    scripts: &Scripts,
    steps: &[Step<'_>],
) -> Result<Tree, FormatError> {
    let mut files = vec![control_file("control", 0o644, control)];
    let conffiles: String = files_of(steps)
        .filter(|file| is_conffile(file))
        .map(|file| format!("/{}\n", file.path))
        .collect();
    // An empty list confuses some tools.
    if !conffiles.is_empty() {
        files.push(control_file("conffiles", 0o644, &conffiles));
    }
    files.push(control_file("md5sums", 0o644, &md5sums(steps)?));
    for (name, script) in [
        ("preinst", &scripts.preinst),
        ("postinst", &scripts.postinst),
        ("prerm", &scripts.prerm),
        ("postrm", &scripts.postrm),
    ] {
        let Some(script) = script else {
            continue;
        };
        files.push(control_file(name, 0o755, script));
    }
    Tree::new(files).map_err(|e| FormatError::Invalid(e.to_string()))
}

fn control_file(name: &str, mode: u32, text: &str) -> TreeFile {
    TreeFile {
        path: name.to_owned(),
        mode,
        kind: Kind::Data,
        content: Content::Bytes(Arc::from(text.as_bytes())),
    }
}

fn files_of<'a>(steps: &'a [Step<'_>]) -> impl Iterator<Item = &'a TreeFile> {
    steps.iter().filter_map(|step| match step {
        Step::File(file) if !matches!(file.content, Content::Symlink(_)) => Some(*file),
        _ => None,
    })
}

/// Users may change every file in `/etc` (Debian Policy 10.7).
fn is_conffile(file: &TreeFile) -> bool {
    file.path.starts_with("etc/")
}

/// The sums of all files except those that the user may change.
fn md5sums(steps: &[Step<'_>]) -> Result<String, FormatError> {
    let mut sums = String::new();
    for file in files_of(steps).filter(|file| !is_conffile(file)) {
        let mut hash = Md5::new();
        let mut reader = file.open()?;
        let mut buffer = vec![0; 64 * 1024];
        loop {
            match reader.read(&mut buffer)? {
                0 => break,
                n => hash.update(&buffer[..n]),
            }
        }
        sums += &format!("{}  {}\n", hex(&hash.finalize()), file.path);
    }
    Ok(sums)
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The compressed archive of the control files. gzip, because every version of dpkg reads it.
pub(super) fn control_archive(
    files: Tree,
    context: &Context<'_>,
) -> Result<(Vec<u8>, Vec<Entry>), FormatError> {
    let mut tar = TarWriter::new(Vec::new(), context.date, PREFIX);
    tar.root()?;
    for file in files.files() {
        tar.step(&Step::File(file))?;
    }
    let (bytes, mut entries) = tar.finish()?;
    for entry in &mut entries {
        entry.path.insert_str(0, CONTROL);
    }
    Ok((compress(&bytes, Level::Best), entries))
}

/// Headers and contents fill whole blocks of this length (POSIX.1-2017, pax, "ustar Interchange Format").
const TAR_BLOCK_BYTES: u64 = 512;

/// The archive of the installed files.
pub(super) struct Data<'a> {
    pub(super) compression: Compression,
    pub(super) target: Target,
    pub(super) steps: &'a [Step<'a>],
    pub(super) date: i64,
    pub(super) threads: &'a Threads,
}

impl Data<'_> {
    fn name(&self) -> &'static str {
        match self.compression {
            Compression::Xz => "data.tar.xz",
            Compression::Zstd => "data.tar.zst",
            Compression::Gzip => "data.tar.gz",
            Compression::None => "data.tar",
        }
    }

    /// Refuses a size that the member's header cannot represent.
    pub(super) fn refuse_if_larger(&self, limit: u64, size: u64) -> Result<(), FormatError> {
        if size <= limit {
            return Ok(());
        }
        Err(FormatError::Invalid(format!(
            "the member `{}` would have {size} bytes, but a deb cannot hold more than {limit}",
            self.name()
        )))
    }

    /// Writes the member.
    pub(super) fn write(&self, out: impl Write + Seek) -> Result<Vec<Entry>, FormatError> {
        let written = ar::streamed(out, self.name(), self.date, |out| self.content(out));
        written.map_err(|e| match e.downcast::<TooLarge>() {
            Ok(too_large) => FormatError::Invalid(too_large.to_string()),
            Err(e) => FormatError::Io(e),
        })
    }

    fn content<W: Write>(&self, mut out: Limited<W>) -> io::Result<Vec<Entry>> {
        match self.compression {
            Compression::Xz => {
                let (xz, entries) = self.tar(self.xz(out)?)?;
                xz.finish()?;
                Ok(entries)
            }
            Compression::Zstd => {
                let (zstd, entries) =
                    self.tar(zstd::writer(out, self.tar_bytes(), self.threads)?)?;
                zstd.finish()?;
                Ok(entries)
            }
            Compression::Gzip => {
                let (gzip, entries) = self.tar(GzipWriter::new(out, Level::Best, self.threads))?;
                gzip.finish()?;
                Ok(entries)
            }
            Compression::None => Ok(self.tar(&mut out)?.1),
        }
    }

    fn xz<W: Write>(&self, out: W) -> io::Result<XzWriter<W>> {
        xz::writer(out, self.tar_bytes(), self.filter()?, self.threads)
    }

    /// dpkg and apt read the filter for x86 wherever they read xz. Other content than code it only disturbs. liblzma before
    /// 5.4 has none for aarch64.
    fn filter(&self) -> io::Result<Filter> {
        if self.target.machine != "x86_64" {
            return Ok(Filter::None);
        }
        let (mut code, mut all) = (0, 0);
        for file in files_of(self.steps) {
            all += file.size();
            // What is smaller does not matter beside a program.
            if file.size() >= 4096 && Magic::read(&mut file.open()?)? == Some(Magic::Elf) {
                code += file.size();
            }
        }
        Ok(if code * 2 > all {
            Filter::X86
        } else {
            Filter::None
        })
    }

    /// An estimate of the archive's uncompressed size. The real size is never larger, except for names that need their
    /// own record.
    fn tar_bytes(&self) -> u64 {
        let records = self.steps.iter().map(|step| match step {
            Step::Directory(_) => TAR_BLOCK_BYTES,
            Step::File(file) => TAR_BLOCK_BYTES + file.size().next_multiple_of(TAR_BLOCK_BYTES),
        });
        // The root's own record, and the end, which tar pads to twenty blocks.
        records.sum::<u64>() + 21 * TAR_BLOCK_BYTES
    }

    fn tar<W: Write>(&self, out: W) -> io::Result<(W, Vec<Entry>)> {
        let mut tar = TarWriter::new(out, self.date, PREFIX);
        tar.root()?;
        for step in self.steps {
            tar.step(step)?;
        }
        tar.finish()
    }
}
