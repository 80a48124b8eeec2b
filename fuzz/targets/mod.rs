//! The readers, each with small proper inputs to change.

mod squashfs;

use std::io::{self, Cursor, Read, Write};
use std::path::{Path, PathBuf};

use sha1::{Digest, Sha1};

use super::runner::fuzz;
use crate::container::bom;
use crate::container::cab::Cabinet;
use crate::container::compress::gzip::{Level, compress};
use crate::container::cpio::odc::{OdcReader, OdcWriter};
use crate::container::cpio::{CpioReader, CpioWriter};
use crate::container::hfsplus::{self, Volume, VolumeReader};
use crate::container::members::{list, show};
use crate::container::squashfs::{Compression, Options, write as write_squashfs};
use crate::container::tar::TarReader;
use crate::container::udif::UdifWriter;
use crate::container::xar::XarReader;
use crate::container::{ar, compress::decode};
use crate::format::FORMATS;
use crate::format::testing::{make, runtime, write};
use crate::model::commit::Commit;
use crate::model::digest::Sha256Sum;
use crate::model::steps::steps;
use crate::model::threads::Threads;
use crate::model::tree::Kind;
use crate::program::elf::{Facts, Layout};
use crate::program::macho::testing::{ARM64, Shape, X86_64, with_imports};
use crate::program::macho::{self, Thin};
use crate::program::stamp::{Stamp, stamp};
use crate::program::symbols::split;
use crate::program::symbols::testing::Elf;
use crate::program::{kind, pe};
use crate::project::manifest::{Manifest, located::Source};
use crate::testing::tree::{file, package, small_tree, tree};

/// A package of a format, of few files.
fn packaged(name: &str) -> Vec<u8> {
    let format = FORMATS
        .iter()
        .find(|format| format.name == name)
        .expect("in the table");
    let format = make(format);
    write(&*format, &package(), &small_tree(), 1)
        .expect("valid")
        .0
}

/// The format's reader on a file of these bytes; each content is read.
fn read_package(name: &str, bytes: &[u8]) {
    let format = FORMATS
        .iter()
        .find(|format| format.name == name)
        .expect("in the table");
    let artifact = InFile::new(name, bytes);
    // Whether it is refused does not matter here.
    let _ = (format.read)(&artifact.0, &mut |_, content| {
        io::copy(content, &mut io::sink()).map(drop)
    });
}

/// A file of one thread, removed at the end.
struct InFile(PathBuf);

impl InFile {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let thread = std::thread::current().id();
        let name = format!("sealift-fuzz-{}-{thread:?}-{name}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::write(&path, bytes).expect("the folder for temporary files is writable");
        Self(path)
    }

    fn beside(&self) -> PathBuf {
        self.0.with_extension("out")
    }
}

impl Drop for InFile {
    fn drop(&mut self) {
        for path in [&self.0, &self.beside()] {
            // The second one is there only where something came out.
            let _ = std::fs::remove_file(path);
        }
    }
}

#[test]
fn manifest() {
    let small = "targets = [\"x86_64-unknown-linux-musl\"]\nformats = [\"deb\", \"oci\"]\n\
                 [package]\nname = \"hello\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\n\
                 [deb]\ndepends = [\"git (>= 1)\"]\n[oci]\nports = [\"80/tcp\"]\n\
                 [[files]]\nkind = \"binary\"\nsource = \"bin/hello\"\n";
    fuzz("manifest", vec![small.as_bytes().to_vec()], |input| {
        let text = String::from_utf8_lossy(input).into_owned();
        let path = "sealift.toml".into();
        // The message quotes the source, so it is made, too.
        if let Err(error) = Manifest::parse(Source { path, text }, FORMATS) {
            assert!(!error.to_string().is_empty());
        }
    });
}

#[test]
fn ar() {
    fuzz("ar", vec![packaged("deb")], |input| {
        let artifact = InFile::new("ar", input);
        let mut file = std::fs::File::open(&artifact.0).expect("just written");
        if let Ok(members) = ar::members(&mut file, 3) {
            let end = input.len() as u64;
            assert!(
                members
                    .iter()
                    .all(|member| member.start + member.size <= end)
            );
        }
    });
}

/// The bytes of a tar in gzip.
fn unpacked(bytes: &[u8]) -> Vec<u8> {
    let mut tar = Vec::new();
    let whole = decode::gzip(bytes).read_to_end(&mut tar);
    whole.expect("just written");
    tar
}

/// Renews the checksums of headers, so that changes behind them are reached.
fn with_checksums(tar: &[u8]) -> Vec<u8> {
    const BLOCK: usize = 512;
    let mut tar = tar.to_vec();
    for block in tar.chunks_exact_mut(BLOCK) {
        if &block[257..262] == b"ustar" {
            block[148..156].fill(b' ');
            let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
            block[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        }
    }
    tar
}

fn read_tar(bytes: &[u8]) {
    let open = || TarReader::new(bytes, "tar", "");
    let sum = |content: &mut dyn Read| Sha256Sum::of_reader(content);
    let Ok(entries) = list(open(), &mut |_, content| sum(content)) else {
        return;
    };
    let shown = show(open(), &entries, &mut |_, content| sum(content).map(drop));
    shown.expect("what was listed is shown");
}

#[test]
fn tar() {
    fuzz("tar", vec![unpacked(&packaged("archive"))], |input| {
        read_tar(input);
        read_tar(&with_checksums(input));
    });
}

#[test]
fn archive() {
    fuzz("archive", vec![packaged("archive")], |input| {
        read_package("archive", input);
    });
}

/// What gzip's checksum hides from changes.
#[test]
fn archive_contents() {
    fuzz(
        "archive-contents",
        vec![unpacked(&packaged("archive"))],
        |input| {
            let tar = with_checksums(input);
            read_package("archive", &compress(&tar, Level::Default));
        },
    );
}

#[test]
fn zip() {
    fuzz("zip", vec![packaged("zip")], |input| {
        read_package("zip", input);
        read_package("zip", &with_local_records(input));
    });
}

/// Writes the records of a zip's directory before the contents once more, so that changes in both are reached.
fn with_local_records(zip: &[u8]) -> Vec<u8> {
    const CENTRAL: &[u8] = b"PK\x01\x02";
    let mut zip = zip.to_vec();
    let u32_at = |zip: &[u8], place: usize| {
        let bytes = zip.get(place..place + 4)?.try_into().ok()?;
        Some(u32::from_le_bytes(bytes) as usize)
    };
    let mut place = 0;
    while let Some(found) = zip[place..].windows(4).position(|four| four == CENTRAL) {
        place += found;
        if let (Some(lengths), Some(offset)) = (u32_at(&zip, place + 28), u32_at(&zip, place + 42))
        {
            let rest = (lengths & 0xffff) + (lengths >> 16);
            let whole = [(6, 4, 26), (46, 30, rest)];
            for (from, to, length) in whole {
                let from = place + from..place + from + length;
                if from.end <= zip.len() && offset + to + length <= zip.len() {
                    zip.copy_within(from, offset + to);
                }
            }
        }
        place += 4;
    }
    zip
}

#[test]
fn msi() {
    fuzz("msi", vec![packaged("msi")], |input| {
        read_package("msi", input)
    });
}

#[test]
fn setup() {
    fuzz("setup", vec![packaged("setup")], |input| {
        read_package("setup", input)
    });
}

/// What the sums of blocks hide from changes: the records before them.
#[test]
fn cab() {
    let msi = packaged("msi");
    let start = msi.windows(4).position(|four| four == b"MSCF");
    let cab = msi[start.expect("a cabinet")..].to_vec();
    fuzz("cab", vec![cab], |input| {
        let place = |name: &str| Some((name.to_owned(), 0o755));
        if let Ok(cabinet) = Cabinet::open(input, &place) {
            // Whether it is refused does not matter here.
            let _ = list(cabinet, &mut |_, content| Sha256Sum::of_reader(content));
        }
    });
}

#[test]
fn deb() {
    fuzz("deb", vec![packaged("deb")], |input| {
        read_package("deb", input)
    });
}

/// The control files behind gzip's checksum; the data stays.
#[test]
fn deb_contents() {
    let deb = packaged("deb");
    let start = 8 + 60 + 4 + 60;
    let control = unpacked_prefix(&deb[start..]);
    fuzz("deb-contents", vec![control], |input| {
        let control = compress(&with_checksums(input), Level::Default);
        let data = compress(&[0; 1024], Level::Default);
        let mut deb = Vec::new();
        let mut member = |name, bytes: &[u8]| ar::member(&mut deb, name, 0, bytes);
        member("debian-binary", b"2.0\n").expect("in memory");
        member("control.tar.gz", &control).expect("in memory");
        member("data.tar.gz", &data).expect("in memory");
        read_package("deb", &ar_file(&deb));
    });
}

fn ar_file(members: &[u8]) -> Vec<u8> {
    [b"!<arch>\n", members].concat()
}

/// The tar at the start of some bytes that go on with something else.
fn unpacked_prefix(bytes: &[u8]) -> Vec<u8> {
    let mut tar = Vec::new();
    // The end of the member is not known here, and what is behind it fails.
    let _ = decode::gzip(bytes).read_to_end(&mut tar);
    assert!(tar.len() > 1024, "the control files come first");
    tar
}

#[test]
fn rpm() {
    fuzz("rpm", vec![packaged("rpm")], |input| {
        read_package("rpm", input)
    });
}

#[test]
fn cpio() {
    let mut cpio = CpioWriter::new(Vec::new(), 1, "");
    for step in steps(&small_tree()) {
        cpio.step(&step).expect("in memory");
    }
    let (cpio, _) = cpio.finish().expect("in memory");
    fuzz("cpio", vec![cpio], |input| {
        let cpio = CpioReader::new(input, "cpio", "");
        // Whether it is refused does not matter here.
        let _ = list(cpio, &mut |_, content| Sha256Sum::of_reader(content));
    });
}

#[test]
fn hfsplus() {
    fuzz("hfsplus", vec![volume()], |input| {
        // Whether it is refused does not matter here.
        if let Ok(volume) = VolumeReader::open(input) {
            let _ = list(volume, &mut |_, content| Sha256Sum::of_reader(content));
        }
    });
}

fn volume() -> Vec<u8> {
    let options = hfsplus::Options {
        name: "hello",
        date: 0,
        has_icon: true,
    };
    let mut volume = Vec::new();
    let tree = small_tree();
    let planned = Volume::new(&tree, &options).expect("valid");
    planned.write(&mut volume).expect("in memory");
    volume
}

/// The whole image, and the volume behind its checksums.
#[test]
fn udif() {
    let whole = packaged("dmg");
    fuzz("udif", vec![whole, volume()], |input| {
        read_package("dmg", input);
        let mut image = Vec::new();
        let mut writer = UdifWriter::new(&mut image, &Threads::alone());
        writer.write_all(input).expect("in memory");
        // A volume is whole sectors.
        let rest = input.len().next_multiple_of(512) - input.len();
        writer.write_all(&[0; 512][..rest]).expect("in memory");
        writer.finish().expect("in memory");
        read_package("dmg", &image);
    });
}

#[test]
fn pkg() {
    fuzz("pkg", vec![packaged("pkg")], |input| {
        read_package("pkg", input)
    });
}

/// The archive of a package, also behind the sum of its table of contents.
#[test]
fn xar() {
    fuzz("xar", vec![packaged("pkg")], |input| {
        for bytes in [input, &with_table_sum(input)] {
            let Ok(mut xar) = XarReader::open(Cursor::new(bytes)) else {
                continue;
            };
            let paths: Vec<_> = xar.paths().map(str::to_owned).collect();
            for path in paths {
                // Whether it is refused does not matter here.
                let _ = xar.bytes(&path, 1 << 20);
            }
        }
    });
}

/// The files of a package behind gzip's checksum.
#[test]
fn odc() {
    let mut cpio = OdcWriter::new(Vec::new(), 0).expect("in memory");
    cpio.directory("bin").expect("in memory");
    let written = cpio.file("bin/hello", 0o755, 5, &mut &b"hello"[..]);
    written.expect("in memory");
    cpio.symlink("bin/hi", "hello").expect("in memory");
    let cpio = cpio.finish().expect("in memory");
    fuzz("odc", vec![cpio], |input| {
        // Whether it is refused does not matter here.
        let _ = list(OdcReader::new(input, "cpio"), &mut |_, content| {
            Sha256Sum::of_reader(content)
        });
    });
}

/// Renews the sum of the table of contents, if there is a place for it.
fn with_table_sum(xar: &[u8]) -> Vec<u8> {
    let mut xar = xar.to_vec();
    let length = xar.get(8..16).and_then(|bytes| bytes.try_into().ok());
    let length = length.map_or(u64::MAX, u64::from_be_bytes);
    let end = usize::try_from(length)
        .ok()
        .and_then(|length| length.checked_add(28));
    if let Some(end) = end
        && let Some(table) = xar.get(28..end)
    {
        let sum = Sha1::digest(table);
        if let Some(place) = xar.get_mut(end..).and_then(|rest| rest.get_mut(..20)) {
            place.copy_from_slice(&sum);
        }
    }
    xar
}

/// What is read is written again to what reads the same.
#[test]
fn bom() {
    let path = |path: &str, kind| bom::Path {
        path: path.to_owned(),
        mode: 0o755,
        kind,
    };
    let paths = [
        path("", bom::Kind::Directory),
        path("bin", bom::Kind::Directory),
        path("bin/hello", bom::Kind::File { size: 5, sum: 7 }),
        path("bin/hi", bom::Kind::Symlink("hello".to_owned())),
    ];
    fuzz("bom", vec![bom::write(&paths, 0)], |input| {
        if let Ok(paths) = bom::read(input) {
            let again = bom::read(&bom::write(&paths, 0)).expect("just written");
            assert_eq!(again.len(), paths.len());
        }
    });
}

#[test]
fn oci() {
    fuzz("oci", vec![packaged("oci")], |input| {
        read_package("oci", input);
        read_package("oci", &with_checksums(input));
    });
}

fn image(compression: Compression) -> Vec<u8> {
    let files = [
        file("usr/bin/hello", Kind::Binary, vec![7; 140_000]),
        file("usr/share/text", Kind::Data, "some text"),
    ];
    let options = Options {
        compression,
        has_fragments: true,
        date: 0,
        threads: Threads::alone(),
    };
    let mut out = Cursor::new(Vec::new());
    write_squashfs(tree(files.to_vec()).files(), &options, &mut out).expect("valid");
    out.into_inner()
}

#[test]
fn snap() {
    // One without a sum, as other packers write it, so that the image itself is reached.
    let seeds = vec![packaged("snap"), image(Compression::Xz)];
    fuzz("snap", seeds, |input| read_package("snap", input));
}

#[test]
fn appimage() {
    let whole = packaged("appimage");
    // Without sums, which find every change, the image itself is reached.
    let plain = [&runtime()[..], &image(Compression::Zstd)].concat();
    let mut plain_marked = plain;
    plain_marked[8..11].copy_from_slice(b"AI\x02");
    fuzz("appimage", vec![whole, plain_marked], |input| {
        read_package("appimage", input);
    });
}

#[test]
fn elf() {
    let inputs = vec![Elf::usual(64).bytes(), Elf::usual(32).bytes(), runtime()];
    fuzz("elf", inputs, |input| {
        if let Ok(layout) = Layout::read(input) {
            layout.sections.iter().for_each(|section| {
                std::hint::black_box(layout.content(section));
            });
        }
        std::hint::black_box(Facts::read(input).is_ok());
    });
}

fn windows_program() -> Vec<u8> {
    let sections: [(&str, u32, &[u8]); 3] = [
        (".text", 0x1000, &[0x90; 600]),
        (".rdata", 0x2000, &[1; 700]),
        (".slstamp", 0x3000, &[0; 64]),
    ];
    pe::testing::program(&sections, b"")
}

#[test]
fn pe() {
    fuzz("pe", vec![windows_program()], |input| {
        if let Ok(image) = pe::Image::read(input) {
            std::hint::black_box(image.sections_named(".text"));
            std::hint::black_box(pe::build_id(input, &image).is_ok());
        }
        std::hint::black_box(kind::read(input).is_ok());
    });
}

fn apple_programs() -> Vec<Vec<u8>> {
    let thin = [ARM64, X86_64].map(|cpu| Shape::program(cpu).bytes());
    let signed = macho::sign(thin[0].clone(), "hello").expect("valid");
    let universal = macho::merge(&thin).expect("valid");
    [&thin[..], &[signed, universal]].concat()
}

#[test]
fn macho() {
    let mut programs = apple_programs();
    programs.push(with_imports(ARM64));
    fuzz("macho", programs, |input| {
        std::hint::black_box(Thin::read(input).is_ok());
        for slice in macho::slices(input).unwrap_or_default() {
            std::hint::black_box(Thin::read(&input[slice.clone()]).is_ok());
            std::hint::black_box(macho::imports(&input[slice]).is_ok());
        }
        std::hint::black_box(macho::sign(input.to_vec(), "hello").is_ok());
    });
}

fn programs() -> Vec<Vec<u8>> {
    let mut programs = apple_programs();
    programs.extend([Elf::usual(64).bytes(), windows_program()]);
    programs
}

#[test]
fn stamped() {
    fuzz("stamp", programs(), |input| {
        let program = InFile::new("stamp", input);
        let commit: Commit = "0123456789abcdef0123456789abcdef01234567"
            .parse()
            .expect("a commit");
        let wishes = Stamp {
            commit: Some(&commit),
            ..Stamp::default()
        };
        std::hint::black_box(stamp(&program.0, &wishes, &program.beside()).is_ok());
    });
}

#[test]
fn symbols() {
    fuzz("symbols", programs(), |input| {
        if let Ok(split) = split(input) {
            assert!(!split.program.is_empty() && Path::new(&split.build_id.path()).is_relative());
        }
    });
}
