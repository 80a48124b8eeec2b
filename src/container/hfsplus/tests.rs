//! Volumes, written and read.

use std::io::{self, Read};

use super::{BLOCK, Options, Volume, VolumeReader};
use crate::container::members::list;
use crate::container::{ReadError, WriteError};
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};
use crate::model::tree::{Kind, Tree};
use crate::testing::tree::{DATE, file, full_tree, link, small_tree, tree};

const OPTIONS: Options<'static> = Options {
    name: "hello 1.2.3",
    date: DATE,
    has_icon: false,
};

fn written(tree: &Tree) -> Result<(Vec<u8>, Vec<Entry>), WriteError> {
    let volume = Volume::new(tree, &OPTIONS)?;
    let mut bytes = Vec::new();
    let entries = volume.write(&mut bytes)?;
    Ok((bytes, entries))
}

fn read(bytes: &[u8]) -> Result<Vec<Entry>, ReadError> {
    list(VolumeReader::open(bytes)?, &mut |_, content| {
        Sha256Sum::of_reader(content)
    })
}

fn refusal(tree: &Tree) -> String {
    written(tree)
        .expect_err("no volume can hold it")
        .to_string()
}

#[test]
fn what_is_read_is_what_was_written() {
    for tree in [full_tree(), small_tree(), Tree::default()] {
        let (bytes, entries) = written(&tree).expect("valid");
        assert_eq!(read(&bytes).expect("just written"), entries);
    }
}

#[test]
fn a_catalog_of_three_levels_is_read_again() {
    let files = (0..2000u32).map(|n| {
        let name = format!("d{}/{}-\u{e9}\u{df}\u{3a9}", n % 7, n * 7919 % 100_003);
        file(&name, Kind::Data, "x".repeat((n % 3) as usize))
    });
    let tree = tree(files.collect());
    let (bytes, entries) = written(&tree).expect("valid");
    // The depth is the first number of the catalog's header node, which is in the fourth block.
    let depth = &bytes[3 * BLOCK + 14..][..2];
    assert_eq!(depth, [0, 3]);
    assert_eq!(entries.len(), 2007);
    assert_eq!(read(&bytes).expect("just written"), entries);
}

#[test]
fn names_are_shown_as_macos_shows_them() {
    let tree = tree(vec![
        file("Caf\u{e9}/\u{c5}ngstr\u{f6}m", Kind::Data, "1"),
        link("z", Kind::Data, "Caf\u{e9}/\u{c5}ngstr\u{f6}m"),
    ]);
    let (bytes, entries) = written(&tree).expect("valid");
    let paths: Vec<_> = entries.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(
        paths,
        ["Cafe\u{301}", "Cafe\u{301}/A\u{30a}ngstro\u{308}m", "z"]
    );
    let target = EntryContent::Symlink("Caf\u{e9}/\u{c5}ngstr\u{f6}m".to_owned());
    assert_eq!(entries[2].content, target);
    assert_eq!(read(&bytes).expect("just written"), entries);
}

#[test]
fn names_that_macos_takes_for_one_are_refused() {
    let two = |a, b| tree(vec![file(a, Kind::Data, ""), file(b, Kind::Data, "")]);
    assert_eq!(
        refusal(&two("a/README", "a/readme")),
        "HFS+ cannot tell `/a/README` from `/a/readme`, which differ in capitals or invisible characters only"
    );
    assert!(refusal(&two("\u{e9}", "e\u{301}")).starts_with("HFS+ cannot tell "));
    assert!(refusal(&two("D/a", "d/b")).starts_with("HFS+ cannot tell `/D` from `/d`"));
    assert!(written(&two("README", "d/readme")).is_ok());
}

#[test]
fn names_links_and_dates_that_hfs_plus_cannot_hold_are_refused() {
    let one = |path: &str| tree(vec![file(path, Kind::Data, "")]);
    assert_eq!(
        refusal(&one("x/a:b")),
        "HFS+ cannot hold `/x/a:b`: it has the character `:`"
    );
    assert!(refusal(&one(&"n".repeat(256))).ends_with("expected at most 255"));
    let far = tree(vec![link("l", Kind::Data, &"t".repeat(5000))]);
    assert!(refusal(&far).contains("its target has 5000 bytes"));
    let named = |name, date| {
        let options = Options {
            name,
            date,
            has_icon: false,
        };
        Volume::new(&Tree::default(), &options).map(drop)
    };
    assert!(named("v", 2_212_122_495).is_ok());
    let error = named("v", 2_212_122_496).expect_err("after 2040");
    assert_eq!(
        error.to_string(),
        "HFS+ cannot hold the date 2212122496, after 2040"
    );
    let error = named("a/b", 0).expect_err("no such volume");
    assert!(
        error
            .to_string()
            .starts_with("a volume cannot be called `a/b`")
    );
}

#[test]
fn a_tree_that_is_too_large_is_refused_before_it_is_read() {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("large");
    let sparse = std::fs::File::create(&path).expect("writable");
    sparse.set_len(65 << 30).expect("holes take no space");
    let source = crate::model::tree::SourceFile::new(path).expect("a file");
    let large = crate::model::tree::TreeFile {
        content: crate::model::tree::Content::File(source.into()),
        ..file("large", Kind::Data, "")
    };
    let message = refusal(&tree(vec![large]));
    assert!(
        message.starts_with("the volume would have 6979")
            && message.ends_with("at most 68719476736"),
        "{message}"
    );
}

#[test]
fn no_changed_byte_makes_the_reader_panic_and_no_metadata_is_ignored() {
    let (bytes, entries) = written(&small_tree()).expect("valid");
    let mut refused = 0;
    for place in (0..bytes.len()).filter(|place| bytes[*place] != 0 || place % 61 == 0) {
        for change in [1, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[place] ^= change;
            match read(&changed) {
                Ok(found) if found == entries => {}
                // The content has no checksum here; the disk image around it has.
                Ok(found) => assert_eq!(found.len(), entries.len(), "byte {place}"),
                Err(ReadError::Malformed(_)) => refused += 1,
                Err(error) => panic!("byte {place}: {error:?}"),
            }
        }
    }
    assert!(refused > 500, "{refused}");
}

#[test]
fn a_volume_that_ends_early_or_late_is_refused() {
    let (mut bytes, _) = written(&small_tree()).expect("valid");
    for length in (0..bytes.len()).step_by(501) {
        assert!(
            matches!(read(&bytes[..length]), Err(ReadError::Malformed(_))),
            "{length}"
        );
    }
    bytes.push(0);
    assert!(read(&bytes).is_err());
}

/// A reader that gives a byte at a time, as some do.
struct Slow<'a>(&'a [u8]);

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(1);
        self.0.read(&mut buffer[..length])
    }
}

#[test]
fn a_slow_input_makes_no_difference() {
    let (bytes, entries) = written(&small_tree()).expect("valid");
    let reader = VolumeReader::open(Slow(&bytes)).expect("just written");
    let found = list(reader, &mut |_, content| Sha256Sum::of_reader(content));
    assert_eq!(found.expect("just written"), entries);
}
