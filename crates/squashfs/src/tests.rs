use std::sync::Mutex;

use crate::testing::{BLOCK_SIZE, Compression as Made, Node, build};
use crate::*;

/// An image in memory.
struct Memory {
    bytes: Vec<u8>,
    decompressor: Decompressor<Memory>,
}

struct Guarded<T>(Mutex<T>);

impl<T> Lock<T> for Guarded<T> {
    fn new(value: T) -> Self {
        Guarded(Mutex::new(value))
    }

    fn with<R>(&self, function: impl FnOnce(&mut T) -> R) -> R {
        function(&mut self.0.lock().expect("no function panics"))
    }
}

#[derive(Debug)]
struct EndsEarly;

impl Backend for Memory {
    type Error = EndsEarly;
    type Lock<T> = Guarded<T>;

    fn read_at(&self, buffer: &mut [u8], position: u64) -> Result<(), EndsEarly> {
        let start = usize::try_from(position).map_err(|_| EndsEarly)?;
        let bytes = self.bytes.get(start..).and_then(|b| b.get(..buffer.len()));
        buffer.copy_from_slice(bytes.ok_or(EndsEarly)?);
        Ok(())
    }

    fn decompress(
        &self,
        compression: Compression,
        input: &[u8],
        output: &mut [u8],
    ) -> Option<usize> {
        self.decompressor.decompress(compression, input, output)
    }
}

type Image = crate::Image<Memory>;
type Failure = Error<EndsEarly>;

fn open(bytes: &[u8]) -> Result<Image, Failure> {
    Image::open(Memory {
        bytes: bytes.to_vec(),
        decompressor: Decompressor::new(),
    })
}

const BOTH: [Made; 2] = [Made::Zlib, Made::Zstd];

/// Two blocks, a hole, and a tail.
fn content() -> Vec<u8> {
    let counted = (0..2 * BLOCK_SIZE as u32).map(|n| (n * n / 7) as u8 & 15);
    let hole = core::iter::repeat_n(0, BLOCK_SIZE);
    counted.chain(hole).chain(*b"the tail").collect()
}

fn image(compression: Made) -> Image {
    let bytes = build(
        compression,
        &[
            ("big", Node::File(content())),
            ("empty", Node::File(Vec::new())),
            ("link", Node::Symlink("usr/../big")),
            ("small", Node::File(b"in the fragment".to_vec())),
            ("usr", Node::Directory(vec![("x", Node::File(vec![9]))])),
        ],
    );
    open(&bytes).expect("the image is whole")
}

fn find(image: &Image, path: &str) -> Option<Inode> {
    let mut inode = image
        .inode(image.superblock().root)
        .expect("the image is whole");
    for name in path.split('/') {
        let Kind::Directory(place) = inode.kind else {
            return None;
        };
        let entry = image
            .lookup(&place, name.as_bytes())
            .expect("the image is whole")?;
        inode = image.inode(entry.inode).expect("the image is whole");
    }
    Some(inode)
}

fn read_from(image: &Image, inode: &Inode, offset: u64) -> Result<Vec<u8>, Failure> {
    let mut reader = FileReader::new(image, inode).expect("a file");
    let mut start = reader.skip_to(offset)?;
    let mut bytes = Vec::new();
    while let Some(block) = reader.next()? {
        match block.bytes() {
            Some(content) => bytes.extend_from_slice(&content[start..]),
            None => bytes.resize(bytes.len() + block.len() - start, 0),
        }
        start = 0;
    }
    Ok(bytes)
}

#[test]
fn files_are_read_from_any_offset() {
    for compression in BOTH {
        let image = image(compression);
        let content = content();
        let inode = find(&image, "big").expect("it is there");
        assert_eq!(inode.size, content.len() as u64);
        let edges = (0..4).map(|n| n * BLOCK_SIZE);
        let offsets = edges.flat_map(|edge| [edge.saturating_sub(1), edge, edge + 1]);
        for offset in offsets.chain([content.len() - 1, content.len(), content.len() + 9]) {
            let found = read_from(&image, &inode, offset as u64).expect("the image is whole");
            let expected = content.get(offset..).unwrap_or_default();
            assert!(found == expected, "{compression:?} from {offset}");
        }
    }
}

#[test]
fn small_and_empty_files_and_links_are_read() {
    for compression in BOTH {
        let image = image(compression);
        let read = |path| {
            let inode = find(&image, path).expect("it is there");
            read_from(&image, &inode, 0).expect("the image is whole")
        };
        assert_eq!(read("small"), b"in the fragment");
        assert_eq!(read("empty"), b"");
        assert_eq!(read("usr/x"), [9]);
        let Kind::Symlink(target) = find(&image, "link").expect("it is there").kind else {
            panic!("not a link");
        };
        assert_eq!(target, b"usr/../big");
        assert!(find(&image, "usr/y").is_none());
    }
}

#[test]
fn a_listing_of_several_runs_and_blocks_is_whole() {
    let names: Vec<&'static str> = (0..700)
        .map(|n| &*Box::leak(format!("a name of some length {n:04}").into_boxed_str()))
        .collect();
    // Their inodes are one, as more would not fit the builder.
    let entries: Vec<_> = names.iter().map(|name| (*name, Node::Root)).collect();
    let image = open(&build(Made::Zlib, &entries)).expect("the image is whole");
    let Kind::Directory(place) = image
        .inode(image.superblock().root)
        .expect("the image is whole")
        .kind
    else {
        panic!("not a directory");
    };
    let mut listing = image.entries(&place).expect("the image is whole");
    for name in &names {
        let entry = listing
            .next()
            .expect("the image is whole")
            .expect("one more");
        assert_eq!(entry.name, name.as_bytes());
    }
    assert!(listing.next().expect("the image is whole").is_none());
    assert!(
        image
            .lookup(&place, names[699].as_bytes())
            .is_ok_and(|found| found.is_some())
    );
}

/// Reads all that can be reached, at most so many directories deep.
fn walk(image: &Image, reference: InodeReference, depth: u32) -> Result<(), Failure> {
    let inode = image.inode(reference)?;
    match inode.kind {
        // A damaged size may be that of holes without end.
        Kind::File(_) if inode.size < 1 << 20 => read_from(image, &inode, 0).map(drop),
        Kind::Directory(place) if depth > 0 => {
            let mut entries = image.entries(&place)?;
            while let Some(entry) = entries.next()? {
                walk(image, entry.inode, depth - 1)?;
            }
            Ok(())
        }
        _ => Ok(()),
    }
}

#[test]
fn damage_is_an_error_and_never_a_panic() {
    for compression in BOTH {
        let whole = build(
            compression,
            &[
                ("big", Node::File(content())),
                ("link", Node::Symlink("big")),
                ("usr", Node::Directory(vec![("x", Node::File(vec![9]))])),
            ],
        );
        let mut refused = 0;
        for place in 0..whole.len() {
            for change in [0x01, 0x40, 0xff] {
                let mut damaged = whole.clone();
                damaged[place] ^= change;
                let result =
                    open(&damaged).and_then(|image| walk(&image, image.superblock().root, 4));
                refused += u32::from(result.is_err());
            }
        }
        assert!(refused > 300, "{compression:?}: only {refused} refused");
        for size in 0..whole.len() {
            let cut =
                open(&whole[..size]).and_then(|image| walk(&image, image.superblock().root, 4));
            assert!(
                cut.is_err(),
                "{compression:?}: {size} of {} bytes",
                whole.len()
            );
        }
    }
}

#[test]
fn a_frame_that_asks_for_more_memory_than_a_block_has_is_refused() {
    let decompressor = Decompressor::<Memory>::new();
    // RFC 8878, section 3.1.1: the magic number, a header without sizes, the window, and a last block of no bytes.
    let frame = |exponent: u8| [0x28, 0xb5, 0x2f, 0xfd, 0, exponent << 3, 1, 0, 0];
    let decompress =
        |exponent| decompressor.decompress(Compression::Zstd, &frame(exponent), &mut [0; 8]);
    assert_eq!(decompress(20 - 10), Some(0), "1 MiB");
    assert_eq!(decompress(26 - 10), None, "64 MiB");
    assert_eq!(decompress(31), None, "2 TiB");
}
