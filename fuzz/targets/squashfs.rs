//! The reader of squashfs with Sealift's decompressors and with those of the AppImage runtime. What the first accepts, the
//! second and unsquashfs must read as the same.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Cursor};
use std::path::Path;
use std::process::{Command, Stdio};

use super::{InFile, image};
use crate::container::ReadError;
use crate::container::squashfs::{self, Compression};
use crate::fuzz::decompress::Decompressor;
use crate::fuzz::reader::{self, Backend, FileReader, Inode, Kind, Lock};
use crate::fuzz::runner::fuzz;
use crate::model::entry::EntryContent;

/// Names the unsquashfs to compare with; unset, nothing is compared with it.
const UNSQUASHFS: &str = "FUZZ_UNSQUASHFS";

const LIMITS: squashfs::Limits = squashfs::Limits {
    max_content_bytes: 4 << 20,
    max_depth: 32,
};

#[derive(Debug, PartialEq, Eq)]
enum Content {
    Directory,
    Symlink(String),
    File(Vec<u8>),
}

/// What an image holds, by path.
type Contents = BTreeMap<String, Content>;

#[test]
fn squashfs() {
    let inputs = [Compression::Gzip, Compression::Zstd].map(image).to_vec();
    let unsquashfs = std::env::var(UNSQUASHFS).ok();
    fuzz("squashfs", inputs, move |input| {
        let small = without_std(input);
        let Ok(whole) = with_std(input) else {
            return;
        };
        assert!(
            small.as_ref() == Some(&whole),
            "without std: {small:?}, with std: {whole:?}"
        );
        if let Some(unsquashfs) = &unsquashfs
            && let Some(theirs) = with_unsquashfs(unsquashfs, input)
        {
            assert!(
                theirs == whole,
                "unsquashfs: {theirs:?}, Sealift: {whole:?}"
            );
        }
    });
}

fn with_std(image: &[u8]) -> Result<Contents, ReadError> {
    let mut image = Cursor::new(image);
    let mut contents = Contents::new();
    squashfs::Image::open(&mut image, 0, LIMITS)?.visit(&mut |entry, content| {
        let found = match &entry.content {
            EntryContent::Directory => Content::Directory,
            EntryContent::Symlink(target) => Content::Symlink(target.clone()),
            EntryContent::File { .. } => {
                let mut bytes = Vec::new();
                io::copy(content, &mut bytes)?;
                Content::File(bytes)
            }
        };
        contents.insert(entry.path.clone(), found);
        Ok(())
    })?;
    Ok(contents)
}

/// An image in memory, read as the AppImage runtime does.
struct Memory<'a> {
    bytes: &'a [u8],
    decompressor: Decompressor<Memory<'a>>,
}

struct Guarded<T>(RefCell<T>);

impl<T> Lock<T> for Guarded<T> {
    fn new(value: T) -> Self {
        Self(RefCell::new(value))
    }

    fn with<R>(&self, function: impl FnOnce(&mut T) -> R) -> R {
        function(&mut self.0.borrow_mut())
    }
}

impl Backend for Memory<'_> {
    type Error = ();
    type Lock<T> = Guarded<T>;

    fn read_at(&self, buffer: &mut [u8], position: u64) -> Result<(), ()> {
        let start = usize::try_from(position).map_err(drop)?;
        let bytes = self.bytes.get(start..).and_then(|b| b.get(..buffer.len()));
        buffer.copy_from_slice(bytes.ok_or(())?);
        Ok(())
    }

    fn decompress(
        &self,
        compression: reader::Compression,
        input: &[u8],
        output: &mut [u8],
    ) -> Option<usize> {
        self.decompressor.decompress(compression, input, output)
    }
}

/// Every entry, each file from its start to its end.
struct Walk<'i, 'a> {
    image: &'i reader::Image<Memory<'a>>,
    contents: Contents,
    entered: BTreeSet<u32>,
    left: u64,
}

fn without_std(image: &[u8]) -> Option<Contents> {
    let backend = Memory {
        bytes: image,
        decompressor: Decompressor::new(),
    };
    let image = reader::Image::open(backend).ok()?;
    let root = image.inode(image.superblock().root).ok()?;
    let mut walk = Walk {
        image: &image,
        contents: Contents::new(),
        entered: BTreeSet::new(),
        left: LIMITS.max_content_bytes,
    };
    walk.below(&root, "", 0)?;
    Some(walk.contents)
}

impl Walk<'_, '_> {
    fn below(&mut self, inode: &Inode, path: &str, depth: usize) -> Option<()> {
        let Kind::Directory(place) = &inode.kind else {
            return None;
        };
        if depth > LIMITS.max_depth || !self.entered.insert(inode.number) {
            return None;
        }
        let mut entries = self.image.entries(place).ok()?;
        while let Some(entry) = entries.next().ok()? {
            let path = format!("{path}{}", String::from_utf8(entry.name).ok()?);
            let inode = self.image.inode(entry.inode).ok()?;
            let found = match &inode.kind {
                Kind::Directory(_) => {
                    self.below(&inode, &format!("{path}/"), depth + 1)?;
                    Content::Directory
                }
                Kind::Symlink(target) => Content::Symlink(String::from_utf8(target.clone()).ok()?),
                Kind::File(_) => Content::File(self.file(&inode)?),
                Kind::Special => return None,
            };
            self.contents.insert(path, found);
        }
        Some(())
    }

    fn file(&mut self, inode: &Inode) -> Option<Vec<u8>> {
        self.left = self.left.checked_sub(inode.size)?;
        let mut reader = FileReader::new(self.image, inode)?;
        let mut bytes = Vec::new();
        while let Some(block) = reader.next().ok()? {
            match block.bytes() {
                Some(content) => bytes.extend_from_slice(content),
                None => bytes.resize(bytes.len() + block.len(), 0),
            }
        }
        Some(bytes)
    }
}

/// What unsquashfs extracts; `None` where it complains.
fn with_unsquashfs(program: &str, bytes: &[u8]) -> Option<Contents> {
    let image = InFile::new("unsquashfs", bytes);
    let place = tempfile::tempdir().expect("the folder for temporary files is writable");
    let root = place.path().join("root");
    let status = Command::new(program)
        .args(["-no-progress", "-no-xattrs", "-processors", "1", "-dest"])
        .arg(&root)
        .arg(&image.0)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .expect("FUZZ_UNSQUASHFS names the program");
    if !status.success() {
        return None;
    }
    let mut contents = Contents::new();
    collect(&root, "", &mut contents);
    Some(contents)
}

fn collect(directory: &Path, prefix: &str, contents: &mut Contents) {
    for entry in
        std::fs::read_dir(directory).expect("just extracted, by root or with modes that allow it")
    {
        let entry = entry.expect("just extracted");
        let name = entry
            .file_name()
            .into_string()
            .expect("Sealift read it as UTF-8");
        let (path, place) = (format!("{prefix}{name}"), entry.path());
        let kind = entry.file_type().expect("just extracted");
        let found = if kind.is_dir() {
            collect(&place, &format!("{path}/"), contents);
            Content::Directory
        } else if kind.is_symlink() {
            let target = std::fs::read_link(&place).expect("just extracted");
            Content::Symlink(target.to_string_lossy().into_owned())
        } else {
            Content::File(std::fs::read(&place).expect("just extracted"))
        };
        contents.insert(path, found);
    }
}
