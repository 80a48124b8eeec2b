//! The header of a package, and the one before it that holds its sum.

use super::header::{Header, Value};
use super::layout::{flags, has_config, path_of};
use super::relation::{self, Relation, sense};
use super::version::rpm_version;
use super::{Compression, Names, Rpm, requires, tag};
use crate::container::cpio::MAX_FILE_BYTES;
use crate::format::FormatError;
use crate::format::wrap::{paragraphs, wrap};
use crate::model::changelog::points;
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};
use crate::model::package::{Context, Package};
use crate::model::steps::Step;
use crate::model::tree::{Content, Kind};

/// The oldest rpm that reads everything in these packages (Enterprise Linux 8).
const READ_BY: &str = "4.14.0";

/// The host that a package says it was built on.
const BUILD_HOST: &str = "localhost";

/// What the header says of the payload.
#[derive(Clone, Copy, Debug)]
pub(super) struct PayloadSums {
    /// The sum of the compressed bytes.
    pub(super) compressed: Sha256Sum,
    /// The sum of the cpio.
    pub(super) content: Sha256Sum,
}

impl PayloadSums {
    /// Before the payload is written. The length of a header does not depend on sums.
    pub(super) const UNKNOWN: Self = Self {
        compressed: Sha256Sum([0; 32]),
        content: Sha256Sum([0; 32]),
    };
}

/// Everything about a package but its payload.
pub(super) struct Metadata<'a> {
    pub(super) rpm: &'a Rpm,
    pub(super) package: &'a Package,
    pub(super) context: &'a Context<'a>,
    pub(super) names: Names,
    /// The date, which rpm has in 32 bits.
    pub(super) date: u32,
    pub(super) steps: &'a [Step<'a>],
}

fn text(text: impl Into<String>) -> Value {
    Value::Text(text.into())
}

fn number(number: u32) -> Value {
    Value::Int32(vec![number])
}

impl Metadata<'_> {
    /// The header without what depends on the contents of files.
    pub(super) fn header(&self) -> Result<Header, FormatError> {
        let mut header = Header::default();
        self.describe(&mut header);
        self.scripts(&mut header);
        self.relations(&mut header)?;
        self.files(&mut header)?;
        self.changes(&mut header)?;
        let (compressor, level) = match self.rpm.compression {
            Compression::Gzip => ("gzip", "9"),
            Compression::Xz => ("xz", "6"),
            Compression::Zstd => ("zstd", "19"),
        };
        header.set(tag::PAYLOAD_FORMAT, text("cpio"));
        header.set(tag::PAYLOAD_COMPRESSOR, text(compressor));
        header.set(tag::PAYLOAD_LEVEL, text(level));
        header.set(tag::PAYLOAD_DIGEST_ALGORITHM, number(tag::SHA256));
        Ok(header)
    }

    fn describe(&self, header: &mut Header) {
        let (package, names) = (self.package, &self.names);
        header.set(tag::LOCALES, Value::Texts(vec!["C".to_owned()]));
        header.set(tag::NAME, text(package.name.as_str()));
        header.set(tag::VERSION, text(&names.version));
        header.set(tag::RELEASE, text(self.rpm.release.as_str()));
        if let Some(epoch) = self.rpm.epoch {
            header.set(tag::EPOCH, number(epoch));
        }
        let summary = package.summary.as_str();
        header.set(tag::SUMMARY, Value::Translated(summary.to_owned()));
        let description = match package.description.as_str() {
            "" => wrap(&format!("{summary}."), "", ""),
            description => paragraphs(description, "", "\n"),
        };
        let description = description.trim_end().to_owned();
        header.set(tag::DESCRIPTION, Value::Translated(description));
        header.set(tag::BUILD_TIME, number(self.date));
        header.set(tag::BUILD_HOST, text(BUILD_HOST));
        if let Some(vendor) = &self.rpm.vendor {
            header.set(tag::VENDOR, text(vendor.as_str()));
        }
        header.set(tag::LICENSE, text(package.license.as_str()));
        header.set(tag::PACKAGER, text(package.maintainer.to_string()));
        let group = self.rpm.group.as_str();
        header.set(tag::GROUP, Value::Translated(group.to_owned()));
        if let Some(url) = package.homepage.as_ref().or(package.repository.as_ref()) {
            header.set(tag::URL, text(url.as_str()));
        }
        if let Some(repository) = &package.repository {
            header.set(tag::VCS, text(repository.as_str()));
        }
        header.set(tag::OS, text("linux"));
        header.set(tag::ARCHITECTURE, text(names.architecture));
        header.set(tag::PLATFORM, text(format!("{}-linux", names.architecture)));
        header.set(tag::ENCODING, text("utf-8"));
        header.set(tag::RPM_VERSION, text(READ_BY));
        // Without it the package would be one of sources.
        let source = format!("{}.src.rpm", names.without_architecture);
        header.set(tag::SOURCE_RPM, text(source));
    }

    fn scripts(&self, header: &mut Header) {
        for (tags, script) in self.rpm.scripts.named() {
            let Some(script) = script else { continue };
            header.set(tags.script, text(script.as_str()));
            let words: Vec<_> = script.interpreter().map(str::to_owned).collect();
            let program = match &words[..] {
                [program] => text(program),
                _ => Value::Texts(words),
            };
            header.set(tags.program, program);
        }
    }

    fn relations(&self, header: &mut Header) -> Result<(), FormatError> {
        let (rpm, tree) = (self.rpm, self.context.tree);
        let (name, full) = (self.package.name.as_str(), &self.names.full_version);
        let written = |texts: &[relation::Dependency]| -> Vec<Relation> {
            texts.iter().map(|text| Relation::written(text)).collect()
        };
        let plain = |texts: &[relation::Capability]| -> Vec<Relation> {
            texts.iter().map(|text| Relation::written(text)).collect()
        };

        let mut provides = plain(&rpm.provides);
        provides.push(Relation::exactly(name, full));
        provides.push(Relation::exactly(format!("{name}{}", self.names.isa), full));
        provides.extend(requires::users(tree)?);
        let mut needed = written(&rpm.requires);
        if has_config(self.steps) {
            let config = || Relation::exactly(format!("config({name})"), full).with(sense::CONFIG);
            provides.push(config());
            needed.push(config());
        }
        needed.extend(requires::libraries(tree)?);
        needed.extend(requires::interpreters(&rpm.scripts));

        let weak = [
            (tag::RECOMMENDS, written(&rpm.recommends)),
            (tag::SUGGESTS, written(&rpm.suggests)),
            (tag::SUPPLEMENTS, written(&rpm.supplements)),
            (tag::ENHANCES, written(&rpm.enhances)),
            (tag::CONFLICTS, written(&rpm.conflicts)),
        ];
        let others = weak.iter().flat_map(|(_, relations)| relations);
        let all: Vec<_> = needed.iter().chain(others).cloned().collect();
        needed.extend(requires::features(rpm, full, &all));
        relation::set(header, tag::PROVIDES, provides);
        relation::set(header, tag::REQUIRES, needed);
        relation::set(header, tag::OBSOLETES, plain(&rpm.obsoletes));
        for (tags, relations) in weak {
            relation::set(header, tags, relations);
        }
        Ok(())
    }

    fn files(&self, header: &mut Header) -> Result<(), FormatError> {
        let (mut directories, mut indexes) = (Vec::<String>::new(), Vec::new());
        let (mut bases, mut sizes, mut total) = (Vec::new(), Vec::new(), 0);
        for step in self.steps {
            let path = path_of(step);
            let (directory, base) = path.rsplit_once('/').unwrap_or(("", path));
            let directory = format!("/{directory}/").replace("//", "/");
            let known = directories.iter().rposition(|known| *known == directory);
            let index = known.unwrap_or_else(|| {
                directories.push(directory);
                directories.len() - 1
            });
            indexes.push(index as u32);
            bases.push(base.to_owned());
            let size = size_of(step);
            total += size;
            sizes.push(u32::try_from(size).map_err(|_| {
                FormatError::Invalid(format!(
                    "`/{path}` has {size} bytes, but an rpm cannot hold more than {MAX_FILE_BYTES} in a file"
                ))
            })?);
        }
        let count = self.steps.len();
        if count == 0 {
            return Ok(());
        }
        let same = |number: u32| Value::Int32(vec![number; count]);
        let texts = |text: &str| Value::Texts(vec![text.to_owned(); count]);
        header.set(tag::DIRECTORY_NAMES, Value::Texts(directories));
        header.set(tag::DIRECTORY_INDEXES, Value::Int32(indexes));
        header.set(tag::BASE_NAMES, Value::Texts(bases));
        header.set(tag::FILE_SIZES, Value::Int32(sizes));
        match u32::try_from(total) {
            Ok(total) => header.set(tag::SIZE, number(total)),
            Err(_) => header.set(tag::LONG_SIZE, Value::Int64(vec![total])),
        }
        let links = self.steps.iter().map(|step| match step {
            Step::File(file) => match &file.content {
                Content::Symlink(target) => target.clone(),
                _ => String::new(),
            },
            Step::Directory(_) => String::new(),
        });
        header.set(tag::FILE_LINKS, Value::Texts(links.collect()));
        let modes = self.steps.iter().map(mode).collect();
        header.set(tag::FILE_MODES, Value::Int16(modes));
        let flags = self.steps.iter().map(flags).collect();
        header.set(tag::FILE_FLAGS, Value::Int32(flags));
        header.set(tag::FILE_DEVICE_NUMBERS, Value::Int16(vec![0; count]));
        header.set(tag::FILE_DATES, same(self.date));
        header.set(tag::FILE_USERS, texts("root"));
        header.set(tag::FILE_GROUPS, texts("root"));
        header.set(tag::FILE_LANGUAGES, texts(""));
        header.set(tag::FILE_VERIFY_FLAGS, same(u32::MAX));
        header.set(tag::FILE_DEVICES, same(1));
        let inodes = (1..=count as u32).collect();
        header.set(tag::FILE_INODES, Value::Int32(inodes));
        header.set(tag::FILE_DIGEST_ALGORITHM, number(tag::SHA256));
        Ok(())
    }

    /// The changes of this version alone.
    fn changes(&self, header: &mut Header) -> Result<(), FormatError> {
        let files = self.context.tree.files();
        let upstream = match files.iter().find(|f| f.kind == Kind::Changelog) {
            Some(file) => String::from_utf8_lossy(&file.bytes()?).into_owned(),
            None => String::new(),
        };
        let version = self.package.version.to_string();
        let mut points = points(&upstream, &version);
        if points.is_empty() {
            points.push(format!("Release {version}."));
        }
        let lines: String = points.iter().map(|point| wrap(point, "- ", "  ")).collect();
        let author = format!("{} - {}", self.package.maintainer, self.names.full_version);
        header.set(tag::CHANGE_DATES, number(self.date));
        header.set(tag::CHANGE_NAMES, Value::Texts(vec![author]));
        let lines = lines.trim_end().to_owned();
        header.set(tag::CHANGE_TEXTS, Value::Texts(vec![lines]));
        Ok(())
    }

    /// Sets what is known only after the payload has been written: the sums.
    pub(super) fn seal(&self, header: &mut Header, entries: &[Entry], sums: PayloadSums) {
        let digests = entries.iter().map(|entry| match &entry.content {
            EntryContent::File { sha256, .. } => sha256.to_string(),
            _ => String::new(),
        });
        if !entries.is_empty() {
            header.set(tag::FILE_DIGESTS, Value::Texts(digests.collect()));
        }
        let one = |sum: Sha256Sum| Value::Texts(vec![sum.to_string()]);
        header.set(tag::PAYLOAD_DIGEST, one(sums.compressed));
        header.set(tag::CONTENT_DIGEST, one(sums.content));
    }

    /// Entries as the payload will have them, with sums of zeros.
    pub(super) fn placeholders(&self) -> Vec<Entry> {
        let entry = |step: &Step<'_>| Entry {
            path: String::new(),
            mode: 0,
            content: match step {
                Step::File(file) if !matches!(file.content, Content::Symlink(_)) => {
                    EntryContent::File {
                        size: 0,
                        sha256: Sha256Sum([0; 32]),
                    }
                }
                _ => EntryContent::Directory,
            },
        };
        self.steps.iter().map(entry).collect()
    }
}

/// The size that the header has of a file.
fn size_of(step: &Step<'_>) -> u64 {
    match step {
        Step::Directory(_) => 0,
        Step::File(file) => match &file.content {
            Content::Symlink(target) => target.len() as u64,
            _ => file.size(),
        },
    }
}

// The kinds of files, in the mode (inode(7)).
pub(super) const KIND: u16 = 0o170_000;
pub(super) const DIRECTORY: u16 = 0o040_000;
pub(super) const FILE: u16 = 0o100_000;
pub(super) const SYMLINK: u16 = 0o120_000;

fn mode(step: &Step<'_>) -> u16 {
    match step {
        Step::Directory(_) => DIRECTORY | 0o755,
        Step::File(file) => match file.content {
            Content::Symlink(_) => SYMLINK | 0o777,
            _ => FILE | file.mode as u16,
        },
    }
}

/// Larger packages have sizes of 64 bits. The rest to 4 GiB is for the header, and for files that cannot be compressed.
const MAX_SHORT_SIZE: u64 = 3 << 30;

/// The header before the header: its sum, and the sizes that rpm2cpio asks for.
pub(super) fn signature(header: &[u8], payload_bytes: u64, cpio_bytes: u64) -> Vec<u8> {
    let mut signature = Header::default();
    let sum = Sha256Sum::of(header).to_string();
    signature.set(tag::SIGNED_SHA256, text(sum));
    let size = header.len() as u64 + payload_bytes;
    for (short, long, bytes) in [
        (tag::SIGNED_SIZE, tag::SIGNED_LONG_SIZE, size),
        (
            tag::SIGNED_ARCHIVE_SIZE,
            tag::SIGNED_LONG_ARCHIVE_SIZE,
            cpio_bytes,
        ),
    ] {
        // Which of them are there must not depend on how well the files were compressed.
        match u32::try_from(bytes) {
            Ok(bytes) if cpio_bytes <= MAX_SHORT_SIZE => signature.set(short, number(bytes)),
            _ => signature.set(long, Value::Int64(vec![bytes])),
        }
    }
    let mut bytes = signature.to_bytes(tag::SIGNATURES);
    bytes.resize(bytes.len().next_multiple_of(8), 0);
    bytes
}

/// The names that are made of the name and the version.
pub(super) fn names(
    rpm: &Rpm,
    package: &Package,
    architecture: &'static str,
    isa: &'static str,
) -> Names {
    let version = rpm_version(&package.version);
    let epoch = rpm.epoch.map(|epoch| format!("{epoch}:"));
    let full_version = format!("{}{version}-{}", epoch.unwrap_or_default(), rpm.release);
    Names {
        without_architecture: format!("{}-{version}-{}", package.name, rpm.release),
        version,
        full_version,
        architecture,
        isa,
    }
}
