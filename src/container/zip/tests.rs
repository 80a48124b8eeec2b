//! Zips of every shape, written and read back, and zips that nobody should trust.

use std::io::Cursor;
use std::num::NonZeroUsize;

use super::record::{CENTRAL_SIZE, Record};
use super::{Limits, ZipWriter, read};
use crate::container::{ReadError, WriteError};
use crate::model::entry::{Entry, EntryContent};
use crate::model::steps::steps;
use crate::model::threads::Threads;
use crate::model::tree::{Kind, Tree, TreeFile};
use crate::testing::tree::{DATE, file, full_tree, link, small_tree, tree};

/// With these, everything has 64-bit fields but small files and those at the start.
const LOW: Limits = Limits {
    size: 100,
    offset: 200,
    count: 3,
};

fn written(tree: &Tree, date: i64, threads: usize, limits: Limits) -> (Vec<u8>, Vec<Entry>) {
    let threads = NonZeroUsize::new(threads).expect("not zero");
    let write = |threads: &Threads, ()| {
        let mut out = Cursor::new(Vec::new());
        let mut zip = ZipWriter::with_limits(&mut out, date, threads, limits);
        for step in steps(tree) {
            zip.step(&step).expect("valid");
        }
        let entries = zip.finish().expect("written to memory");
        (out.into_inner(), entries)
    };
    Threads::each(threads, vec![()], write).remove(0)
}

fn entries(bytes: &[u8]) -> Result<Vec<Entry>, ReadError> {
    let mut entries = Vec::new();
    read(&mut Cursor::new(bytes), &mut |entry, content| {
        content.read_to_end(&mut Vec::new())?;
        entries.push(entry.clone());
        Ok(())
    })?;
    Ok(entries)
}

fn error(bytes: &[u8]) -> String {
    entries(bytes).expect_err("not valid").to_string()
}

/// The place of a record in the directory.
fn central(bytes: &[u8], index: usize) -> usize {
    let records = bytes.windows(4).enumerate();
    let mut places = records.filter(|(_, four)| four == b"PK\x01\x02");
    places.nth(index).expect("so many entries").0
}

/// Noise, which no compressor makes smaller.
fn noise(count: u32) -> Vec<u8> {
    (1..=count)
        .map(|n| (n.wrapping_mul(n).wrapping_mul(0x9e37_79b9) >> 24) as u8)
        .collect()
}

#[test]
fn entries_are_read_as_they_were_written() {
    for limits in [Limits::FORMAT, LOW] {
        let (bytes, written) = written(&full_tree(), DATE, 2, limits);
        assert_eq!(entries(&bytes).expect("just written"), written);
    }
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    let tree = tree(vec![
        file("big", Kind::Data, b"several pieces".repeat(300_000)),
        file("noise", Kind::Data, noise(3 << 20)),
        file("small", Kind::Data, "x"),
    ]);
    let once = written(&tree, DATE, 1, Limits::FORMAT);
    assert!(once == written(&tree, DATE, 2, Limits::FORMAT));
    assert!(once == written(&tree, DATE, 5, Limits::FORMAT));
    assert_eq!(entries(&once.0).expect("just written"), once.1);
}

#[test]
fn an_entry_says_what_kind_of_file_it_is_in_the_words_of_unix_and_of_windows() {
    let (bytes, _) = written(&small_tree(), DATE, 1, Limits::FORMAT);
    // etc/, etc/hello.toml, usr/, usr/bin/, usr/bin/hello, usr/bin/hi
    for (index, mode, dos) in [(0, 0o040_755, 0x10), (4, 0o100_755, 0), (5, 0o120_777, 0)] {
        let record = &bytes[central(&bytes, index)..];
        assert_eq!(record[5], 3, "made on Unix");
        let attributes = u32::from_le_bytes([record[38], record[39], record[40], record[41]]);
        assert_eq!(attributes, mode << 16 | dos, "{index}");
    }
}

#[test]
fn content_that_would_grow_is_stored() {
    let files = vec![
        file("deflated", Kind::Data, [7; 100]),
        file("noise", Kind::Data, noise(1000)),
        file("tiny", Kind::Data, "x"),
    ];
    let (bytes, _) = written(&tree(files), DATE, 1, Limits::FORMAT);
    let methods = [0, 1, 2].map(|index| bytes[central(&bytes, index) + 10]);
    assert_eq!(methods, [8, 0, 0]);
}

#[test]
fn names_beyond_ascii_are_marked_as_utf_8() {
    let files = vec![file("a", Kind::Data, "1"), file("ä", Kind::Data, "2")];
    let (bytes, written) = written(&tree(files), DATE, 1, Limits::FORMAT);
    let flags = [0, 1].map(|index| bytes[central(&bytes, index) + 9]);
    assert_eq!(flags, [0, 8]);
    assert_eq!(entries(&bytes).expect("just written"), written);
}

#[test]
fn numbers_are_in_64_bits_from_the_limits_on() {
    let files = vec![
        file("large", Kind::Data, noise(100)),
        file("near", Kind::Data, noise(99)),
        file("small", Kind::Data, "x"),
    ];
    let (bytes, _) = written(&tree(files), DATE, 1, LOW);
    let record = |index| {
        let place = central(&bytes, index);
        let (fixed, rest) = bytes[place..].split_at(CENTRAL_SIZE);
        let fixed = fixed.try_into().expect("of that size");
        let (name, extra) = super::record::lengths(fixed);
        Record::read(fixed, &rest[..name + extra]).expect("just written")
    };
    let are_long = [0, 1, 2].map(|index| (record(index).is_large, record(index).is_far));
    assert_eq!(are_long, [(true, false), (false, false), (false, true)]);
    let end = &bytes[bytes.len() - 22..];
    assert_eq!(end[8..20], [0xff; 12]);
    let (bytes, _) = written(&tree(vec![file("a", Kind::Data, "1")]), DATE, 1, LOW);
    assert_eq!(bytes[bytes.len() - 14..][..4], [1, 0, 1, 0]);
}

#[test]
fn dates_out_of_range_are_no_error() {
    let fields = |date| {
        let (bytes, _) = written(&small_tree(), date, 1, Limits::FORMAT);
        entries(&bytes).expect("just written");
        let has_seconds = bytes.windows(4).any(|four| four == b"UT\x05\0");
        (bytes[10..14].to_vec(), has_seconds)
    };
    assert_eq!(fields(0), (vec![0, 0, 0x21, 0], true));
    let far = i64::from(u32::MAX) * 1000;
    assert_eq!(fields(far), (vec![0x7d, 0xbf, 0x9f, 0xff], false));
}

#[test]
fn a_path_that_windows_would_split_is_refused() {
    let file: TreeFile = file("a\\b", Kind::Data, "");
    let mut out = Cursor::new(Vec::new());
    let mut zip = ZipWriter::new(&mut out, DATE, &Threads::alone());
    let error = zip.step(&crate::model::steps::Step::File(&file));
    assert!(matches!(error, Err(WriteError::Invalid(what)) if what.contains(r"`a\b`")));
}

#[test]
fn every_changed_byte_is_refused_or_changes_nothing() {
    let files = vec![
        file("bin/a", Kind::Binary, "stored"),
        file("deflated", Kind::Data, [7; 300]),
        link("link", Kind::Data, "bin/a"),
    ];
    for limits in [Limits::FORMAT, LOW] {
        let (good, written) = written(&tree(files.clone()), DATE, 1, limits);
        for place in 0..good.len() {
            for change in [1, 0x80, 0xff] {
                let mut bad = good.clone();
                bad[place] ^= change;
                match entries(&bad) {
                    Ok(entries) => assert_eq!(entries, written, "{place}"),
                    Err(error) => assert!(matches!(error, ReadError::Malformed(_)), "{error:?}"),
                }
            }
        }
        for length in 0..good.len() {
            assert!(entries(&good[..length]).is_err(), "{length}");
        }
    }
}

/// A zip of two files whose paths are replaced by others of the same length.
fn with_paths(first: &str, second: &str) -> Vec<u8> {
    let files = vec![file("aaaa", Kind::Data, "1"), file("bbbb", Kind::Data, "2")];
    let (mut bytes, _) = written(&tree(files), DATE, 1, Limits::FORMAT);
    for place in 0..bytes.len() - 4 {
        for (from, to) in [(b"aaaa", first), (b"bbbb", second)] {
            if &bytes[place..place + 4] == from {
                bytes[place..place + 4].copy_from_slice(to.as_bytes());
            }
        }
    }
    bytes
}

#[test]
fn paths_that_lead_elsewhere_are_refused() {
    for path in [
        "/etc", "../x", "a//b", "./ab", "a/..", r"a\bc", "a\0bc", "dir/",
    ] {
        let error = error(&with_paths(path, "bbbb"));
        assert!(
            error.starts_with(&format!("the path `{path}`; expected")),
            "{error}"
        );
    }
    assert!(entries(&with_paths("a/bc", "bbbb")).is_ok());
}

#[test]
fn a_path_that_is_there_twice_is_refused() {
    let error = error(&with_paths("same", "same"));
    assert!(error.contains("or which is there twice"), "{error}");
}

#[test]
fn bytes_that_belong_to_no_entry_are_refused() {
    let (good, _) = written(&small_tree(), DATE, 1, Limits::FORMAT);
    let start = central(&good, 0);
    for (place, expected) in [
        (0, "no end of a zip's directory"),
        (start, "no end of a zip's directory"),
        (good.len() - 22, "no end of a zip's directory"),
        (good.len(), "no end of a zip's directory"),
    ] {
        let mut bad = good.clone();
        bad.insert(place, 0);
        assert!(
            error(&bad).starts_with(expected),
            "{place}: {}",
            error(&bad)
        );
    }
    // The same where the end leads to the directory.
    let mut bad = good.clone();
    bad.insert(start, 0);
    let end = bad.len() - 22;
    bad[end + 16..end + 20].copy_from_slice(&(start as u32 + 1).to_le_bytes());
    assert_eq!(
        error(&bad),
        format!("bytes that belong to no entry at byte {start}")
    );
}

#[test]
fn sizes_and_counts_beyond_all_bounds_reserve_no_memory() {
    let (good, _) = written(&small_tree(), DATE, 1, LOW);
    let end = good.len() - 22 - 20 - 56;
    let mut many = good.clone();
    for place in [24, 32] {
        many[end + place..][..8].copy_from_slice(&(1u64 << 40).to_le_bytes());
    }
    assert!(error(&many).starts_with("1099511627776 entries; expected at most"));
    let large = tree(vec![file("large", Kind::Data, noise(100))]);
    let (mut bytes, _) = written(&large, DATE, 1, LOW);
    let size = [100, 0, 0, 0, 0, 0, 0, 0];
    for place in 0..bytes.len() - 8 {
        if bytes[place..place + 8] == size {
            bytes[place..place + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        }
    }
    assert!(
        error(&bytes).contains("`large` is too large"),
        "{}",
        error(&bytes)
    );
}

#[test]
fn a_content_that_is_longer_or_shorter_than_its_size_is_refused() {
    let files = tree(vec![file("a", Kind::Data, [7; 300])]);
    let (good, _) = written(&files, DATE, 1, Limits::FORMAT);
    for size in [299u32, 301] {
        let mut bad = good.clone();
        for place in [22, central(&good, 0) + 24] {
            bad[place..place + 4].copy_from_slice(&size.to_le_bytes());
        }
        assert!(
            error(&bad).starts_with("the content of `a` "),
            "{}",
            error(&bad)
        );
    }
}

#[test]
fn a_visitor_that_hides_a_failure_does_not_hide_it_from_the_caller() {
    let (good, _) = written(&small_tree(), DATE, 1, Limits::FORMAT);
    let mut input = Cursor::new(good);
    let mut is_first = true;
    let outcome = read(&mut input, &mut |entry, content| {
        if let EntryContent::File { .. } = entry.content
            && std::mem::take(&mut is_first)
        {
            return Err(std::io::Error::other("of the visitor"));
        }
        content.read_to_end(&mut Vec::new()).map(drop)
    });
    assert!(matches!(outcome, Err(ReadError::Io(error)) if error.to_string() == "of the visitor"));
}
