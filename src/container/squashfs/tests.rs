//! Any image that is written reads back the same, and damaged images are refused.

use std::io::{Cursor, Read};
use std::num::NonZeroUsize;
use std::sync::Arc;

use super::{Compression, Image, Limits, Options, write};
use crate::container::{Malformed, ReadError, WriteError};
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};
use crate::model::threads::Threads;
use crate::model::tree::{Content, Kind, TreeFile};

fn file(path: &str, bytes: &[u8]) -> TreeFile {
    TreeFile {
        path: path.to_owned(),
        mode: 0o644,
        kind: Kind::Data,
        content: Content::Bytes(bytes.into()),
    }
}

fn link(path: &str, target: &str) -> TreeFile {
    TreeFile {
        path: path.to_owned(),
        mode: 0o777,
        kind: Kind::Data,
        content: Content::Symlink(target.to_owned()),
    }
}

fn options(compression: Compression) -> Options {
    Options {
        compression,
        // As snaps have it, so that both ways are tested.
        has_fragments: compression != Compression::Xz,
        date: 1_700_000_000,
        threads: Threads::alone(),
    }
}

fn image(files: &[TreeFile], options: &Options) -> (Vec<u8>, Vec<Entry>) {
    let mut out = Cursor::new(Vec::new());
    let entries = write(files, options, &mut out).expect("the files fit squashfs");
    (out.into_inner(), entries)
}

/// The entries of an image, and the content of its files one after another.
fn read_all(bytes: &[u8]) -> Result<(Vec<Entry>, Vec<u8>), ReadError> {
    let limits = Limits {
        max_content_bytes: 1 << 30,
        ..Limits::default()
    };
    let mut input = Cursor::new(bytes);
    let mut image = Image::open(&mut input, 0, limits)?;
    let (mut entries, mut content) = (Vec::new(), Vec::new());
    image.visit(&mut |entry, reader| {
        entries.push(entry.clone());
        reader.read_to_end(&mut content).map(drop)
    })?;
    Ok((entries, content))
}

/// Incompressible bytes, the same in every run.
fn noise(size: usize, seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let byte = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 24) as u8
    };
    (0..size).map(byte).collect()
}

/// Text-like bytes that compress.
fn words(size: usize) -> Vec<u8> {
    let word = |n: usize| format!("word {} ", n * n % 977);
    let mut bytes: Vec<u8> = (0..size / 6).flat_map(|n| word(n).into_bytes()).collect();
    bytes.resize(size, b'.');
    bytes
}

fn mixed() -> Vec<TreeFile> {
    vec![
        file("usr/bin/tool", &words(700_000)),
        file("usr/bin/same", &words(700_000)),
        file("usr/lib/noise", &noise(300_001, 1)),
        file("usr/share/empty", b""),
        file("usr/share/a-b", b"sorts before a/"),
        file("usr/share/a/b", b"sorts after a-b"),
        file("usr/share/zeros", &[0; 400_000]),
        file("usr/share/one block", &words(131_072)),
        link("AppRun", "usr/bin/tool"),
        file("usr/share/ünï", b"x"),
    ]
}

#[test]
fn what_is_read_is_what_was_written() {
    for compression in [Compression::Gzip, Compression::Zstd, Compression::Xz] {
        let (bytes, written) = image(&mixed(), &options(compression));
        let (read, content) = read_all(&bytes).expect("the image is whole");
        assert_eq!(read, written);
        let size: u64 = mixed().iter().map(TreeFile::size).sum();
        assert_eq!(content.len() as u64, size);
        for entry in &read {
            let source = mixed().into_iter().find(|f| f.path == entry.path);
            if let (Some(source), EntryContent::File { sha256, .. }) = (source, &entry.content) {
                let expected = source.sha256().expect("bytes in memory");
                assert_eq!(*sha256, expected, "{}", entry.path);
            }
        }
    }
}

#[test]
fn directories_come_before_their_content_and_names_in_byte_order() {
    let (_, entries) = image(&mixed(), &options(Compression::Gzip));
    let paths: Vec<_> = entries.iter().map(|entry| &entry.path[..]).collect();
    let share = paths.iter().position(|path| *path == "usr/share");
    let share = share.expect("the directory is implied");
    let below = [
        "usr/share/a",
        "usr/share/a/b",
        "usr/share/a-b",
        "usr/share/empty",
    ];
    assert_eq!(paths[share + 1..share + 5], below);
    assert_eq!(entries[share].content, EntryContent::Directory);
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    for compression in [Compression::Gzip, Compression::Zstd, Compression::Xz] {
        let (one, _) = image(&mixed(), &options(compression));
        for count in [2, 3, 16] {
            let count = NonZeroUsize::new(count).expect("not zero");
            let with_all = |threads: &Threads, ()| {
                let threads = threads.clone();
                image(
                    &mixed(),
                    &Options {
                        threads,
                        ..options(compression)
                    },
                )
                .0
            };
            assert_eq!(Threads::each(count, vec![()], with_all), [&one[..]]);
        }
    }
}

#[test]
fn equal_files_are_stored_once() {
    let one = [file("a", &noise(500_000, 2))];
    let two = [file("a", &noise(500_000, 2)), file("b", &noise(500_000, 2))];
    let gzip = options(Compression::Gzip);
    let (one, two) = (image(&one, &gzip).0.len(), image(&two, &gzip).0.len());
    assert!(two - one <= 4096, "{one} bytes for one, {two} for two");
}

#[test]
fn zeros_are_not_stored() {
    let (bytes, written) = image(
        &[file("zeros", &[0; 64 << 20])],
        &options(Compression::Zstd),
    );
    assert!(bytes.len() <= 8192, "{}", bytes.len());
    assert_eq!(read_all(&bytes).expect("the image is whole").0, written);
}

#[test]
fn directories_with_thousands_of_names_are_whole() {
    let name = |n: u32| format!("some/directory/with a rather long name for entry {n:05}");
    let files: Vec<_> = (0..5000)
        .map(|n| file(&name(n), &n.to_le_bytes()))
        .collect();
    let (bytes, written) = image(&files, &options(Compression::Zstd));
    assert_eq!(written.len(), 5002);
    assert_eq!(read_all(&bytes).expect("the image is whole").0, written);
}

#[test]
fn an_image_without_files_is_an_empty_directory() {
    let (bytes, written) = image(&[], &options(Compression::Gzip));
    assert!(written.is_empty());
    assert_eq!(
        read_all(&bytes).expect("the image is whole"),
        (vec![], vec![])
    );
}

#[test]
fn an_image_begins_where_the_output_stands() {
    let files = mixed();
    let mut out = Cursor::new(b"head".to_vec());
    out.set_position(4);
    write(&files, &options(Compression::Gzip), &mut out).expect("the files fit squashfs");
    let (alone, _) = image(&files, &options(Compression::Gzip));
    assert_eq!(out.into_inner(), [&b"head"[..], &alone].concat());
}

#[test]
fn a_file_in_the_place_of_a_directory_is_refused() {
    for (first, second) in [("a", "a/b"), ("a/b", "a"), ("a", "a")] {
        let files = [file(first, b""), file(second, b"")];
        let mut out = Cursor::new(Vec::new());
        let error = write(&files, &options(Compression::Gzip), &mut out);
        let error = error
            .expect_err("two things cannot be in one place")
            .to_string();
        assert_eq!(error, format!("`/{second}` is in the way of another file"));
    }
}

#[test]
fn names_that_linux_does_not_have_are_refused() {
    for path in ["a/../b", "./a", "a//b", &"x".repeat(256)] {
        let mut out = Cursor::new(Vec::new());
        let files = [file(path, b"")];
        let error = write(&files, &options(Compression::Gzip), &mut out);
        let error = error
            .expect_err("such a name cannot be looked up")
            .to_string();
        assert!(error.contains("squashfs cannot hold the name"), "{error}");
    }
}

#[test]
fn a_file_that_fails_to_be_read_fails_the_image() {
    let dir = std::env::temp_dir().join(format!("sealift-squashfs-{}", std::process::id()));
    std::fs::create_dir_all(&dir).expect("the temporary directory is writable");
    let path = dir.join("file");
    std::fs::write(&path, words(200_000)).expect("the directory was just made");
    let source =
        crate::model::tree::SourceFile::new(path.clone()).expect("the file was just written");
    std::fs::write(&path, words(200_001)).expect("the file is ours");
    let mut changed = file("changed", b"");
    changed.content = Content::File(Arc::new(source));
    let mut out = Cursor::new(Vec::new());
    let error = write(&[changed], &options(Compression::Zstd), &mut out);
    std::fs::remove_dir_all(&dir).expect("the directory is ours");
    assert!(matches!(error, Err(WriteError::Io(_))), "{error:?}");
}

#[test]
fn damage_is_refused_with_its_place_and_never_a_panic() {
    let files = [
        file("usr/bin/tool", &words(3000)),
        file("usr/share/noise", &noise(140_000, 3)),
        link("AppRun", "usr/bin/tool"),
    ];
    for compression in [Compression::Gzip, Compression::Zstd, Compression::Xz] {
        let (whole, _) = image(&files, &options(compression));
        let end = whole
            .iter()
            .rposition(|byte| *byte != 0)
            .expect("an image is not empty");
        // The superblock, and the tables with some content before them.
        for place in (0..96).chain(end - 800..end) {
            for change in [0x01, 0x80, 0xff] {
                let mut damaged = whole.clone();
                damaged[place] ^= change;
                // Some damage is not noticed, such as a changed time, but reading must still end.
                if let Err(ReadError::Malformed(Malformed { offset, what })) = read_all(&damaged) {
                    assert!(offset <= whole.len() as u64, "{what} at {offset}");
                }
            }
        }
    }
}

#[test]
fn a_shortened_image_is_refused() {
    let (whole, _) = image(&mixed(), &options(Compression::Gzip));
    for size in [0, 4, 95, 96, 1000, whole.len() / 2, whole.len() - 4096] {
        assert!(
            read_all(&whole[..size]).is_err(),
            "{size} of {} bytes",
            whole.len()
        );
    }
}

#[test]
fn errors_name_what_was_expected_and_where() {
    let (whole, _) = image(&mixed(), &options(Compression::Gzip));
    let broken = |place: usize, byte: u8| {
        let mut bytes = whole.clone();
        bytes[place] = byte;
        read_all(&bytes)
            .expect_err("the superblock is damaged")
            .to_string()
    };
    let magic = "squashfs: expected the magic `hsqs` at byte 0";
    assert_eq!(broken(0, b'x'), magic);
    assert_eq!(
        broken(28, 3),
        "squashfs: expected version 4.0, found 3 at byte 28"
    );
    assert_eq!(
        broken(20, 3),
        "squashfs: expected compression 1 (gzip), 4 (xz) or 6 (zstd), found 3 at byte 20"
    );
    assert_eq!(
        broken(22, 9),
        "squashfs: expected a block size that is a power of 2 within 4 KiB to 1 MiB, found 131072 at byte 12"
    );
}

#[test]
fn more_content_than_the_limit_is_refused() {
    let (bytes, _) = image(&[file("zeros", &[0; 1 << 20])], &options(Compression::Gzip));
    let limits = Limits {
        max_content_bytes: (1 << 20) - 1,
        ..Limits::default()
    };
    let mut input = Cursor::new(&bytes);
    let mut image = Image::open(&mut input, 0, limits).expect("the superblock is whole");
    let error = image
        .visit(&mut |_, _| Ok(()))
        .expect_err("one byte too many");
    assert!(
        error.to_string().contains("more than 1048575 bytes"),
        "{error}"
    );
}

#[test]
fn a_visitor_may_leave_content_unread_and_its_error_is_passed_on() {
    let (bytes, _) = image(&mixed(), &options(Compression::Gzip));
    let mut input = Cursor::new(&bytes);
    let mut image = Image::open(&mut input, 0, Limits::default()).expect("the image is whole");
    image
        .visit(&mut |_, _| Ok(()))
        .expect("nothing has to be read");
    let error = image.visit(&mut |_, _| Err(std::io::Error::other("enough")));
    assert!(matches!(error, Err(ReadError::Io(e)) if e.to_string() == "enough"));
}

#[test]
fn sums_are_those_of_the_content() {
    let (bytes, _) = image(&mixed(), &options(Compression::Zstd));
    let mut input = Cursor::new(&bytes);
    let mut image = Image::open(&mut input, 0, Limits::default()).expect("the image is whole");
    let visited = image.visit(&mut |entry, reader: &mut dyn Read| {
        if let EntryContent::File { sha256, .. } = &entry.content {
            assert_eq!(Sha256Sum::of_reader(reader)?, *sha256, "{}", entry.path);
        }
        Ok(())
    });
    visited.expect("the image is whole");
}
