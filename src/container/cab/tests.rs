//! Cabinets, written and read.

use std::io::Cursor;
use std::num::NonZeroUsize;

use super::{CabFile, CabWriter, Cabinet, MAX_FILE_BYTES, MAX_FILES, checksum};
use crate::container::members::{Members, list, show};
use crate::container::{ReadError, WriteError};
use crate::model::digest::Sha256Sum;
use crate::model::threads::Threads;

const DATE: i64 = 1_767_323_045;

fn files(contents: &[(String, Vec<u8>)]) -> Vec<CabFile> {
    let file = |(name, content): &(String, Vec<u8>)| CabFile {
        name: name.clone(),
        size: content.len() as u64,
    };
    contents.iter().map(file).collect()
}

fn written(contents: &[(String, Vec<u8>)], threads: usize) -> Vec<u8> {
    let write = |threads: &Threads, ()| {
        let mut out = Cursor::new(b"before".to_vec());
        out.set_position(6);
        let mut cab = CabWriter::new(&mut out, &files(contents), DATE, threads).expect("valid");
        for (_, content) in contents {
            cab.content(&content[..], content.len() as u64)
                .expect("in memory");
        }
        cab.finish().expect("in memory");
        assert_eq!(out.position(), out.get_ref().len() as u64);
        out.into_inner()
    };
    let threads = NonZeroUsize::new(threads).expect("not zero");
    let bytes = Threads::each(threads, vec![()], write).remove(0);
    assert_eq!(&bytes[..6], b"before");
    bytes[6..].to_vec()
}

fn read(bytes: &[u8]) -> Result<Vec<(String, Vec<u8>)>, ReadError> {
    let place = |name: &str| Some((name.to_owned(), 0o644));
    let entries = list(Cabinet::open(bytes, &place)?, &mut |_, content| {
        Sha256Sum::of_reader(content)
    })?;
    let mut found = Vec::new();
    show(
        Cabinet::open(bytes, &place)?,
        &entries,
        &mut |entry, content| {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            found.push((entry.path.clone(), bytes));
            Ok(())
        },
    )?;
    Ok(found)
}

fn samples() -> Vec<(String, Vec<u8>)> {
    let mut state = 1u32;
    let mut random = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        state.to_be_bytes()[0]
    };
    let noise: Vec<u8> = (0..100_000).map(|_| random()).collect();
    let text: Vec<u8> = (0..100_000u32)
        .flat_map(|n| (n / 5).to_be_bytes())
        .collect();
    let contents = [
        b"first".to_vec(),
        Vec::new(),
        noise.clone(),
        text,
        noise[..32_768].to_vec(),
        vec![0; 32_768],
        b"last".to_vec(),
        Vec::new(),
    ];
    let named = contents.into_iter().enumerate();
    named
        .map(|(n, content)| (format!("f{n}"), content))
        .collect()
}

#[test]
fn contents_are_read_as_they_were_written_with_any_number_of_threads() {
    let samples = samples();
    let bytes = written(&samples, 1);
    assert!(bytes == written(&samples, 3));
    assert!(read(&bytes).expect("just written") == samples);
    assert_eq!(bytes[8..12], (bytes.len() as u32).to_le_bytes());
    // A block that repeats the one before it takes few bytes: the one before is its dictionary.
    let repeated = |times: usize| {
        let half = samples[4].1[..16_384].to_vec();
        let contents: Vec<_> = (0..times)
            .map(|n| (format!("f{n}"), half.clone()))
            .collect();
        written(&contents, 1).len()
    };
    assert!(repeated(4) < repeated(2) + 1000);
}

#[test]
fn a_block_does_not_depend_on_what_its_thread_compressed_before() {
    // Code, of which one block in twenty differs with a compressor of zlib-rs that was used before and reset.
    let mut program = std::fs::read(std::env::current_exe().expect("this test")).expect("readable");
    program.truncate(32 << 20);
    let contents = [("code".to_owned(), program)];
    let alone = written(&contents, 1);
    assert!(
        [2, 3, 4]
            .iter()
            .all(|threads| written(&contents, *threads) == alone)
    );
}

#[test]
fn a_cabinet_of_nothing_is_one() {
    for contents in [vec![], vec![("empty".to_owned(), Vec::new())]] {
        let bytes = written(&contents, 1);
        assert!(read(&bytes).expect("just written") == contents);
    }
}

#[test]
fn every_damage_to_the_contents_is_refused_with_a_place() {
    let good = written(&samples(), 1);
    for place in (36..good.len()).step_by(2390) {
        let mut bad = good.clone();
        bad[place] ^= 0x10;
        match read(&bad) {
            Err(ReadError::Malformed(_)) => {}
            // Dates and names are not covered by a sum.
            Ok(found) => assert!(place < 400 && found.len() == 8, "{place}"),
            Err(other) => panic!("{place}: {other:?}"),
        }
        assert!(read(&good[..place]).is_err(), "{place}");
    }
    assert!(read(&[&good[..], b"x"].concat()).is_err());
}

#[test]
fn a_file_that_the_tables_do_not_have_is_refused() {
    let bytes = written(&samples(), 1);
    let place = |_: &str| None;
    let mut cabinet = Cabinet::open(&bytes[..], &place).expect("the header is fine");
    let message = cabinet.next().expect_err("not in the tables").to_string();
    assert!(message.contains("`f0` is not in the tables"), "{message}");
}

#[test]
fn what_a_cabinet_cannot_hold_is_refused() {
    let refused = |files: &[CabFile]| {
        let mut out = Cursor::new(Vec::new());
        let result = CabWriter::new(&mut out, files, DATE, &Threads::alone());
        match result.err().expect("refused") {
            WriteError::Invalid(what) => what,
            other => panic!("{other:?}"),
        }
    };
    let file = |size| CabFile {
        name: "large".to_owned(),
        size,
    };
    let message = refused(&[file(MAX_FILE_BYTES + 1)]);
    assert_eq!(
        message,
        "a cabinet cannot hold `large` of 2147450881 bytes; expected at most 2147450880"
    );
    assert!(refused(&vec![file(0); MAX_FILES + 1]).starts_with("65536 files"));
}

#[test]
fn files_that_fill_a_folder_get_another() {
    let files = [MAX_FILE_BYTES - 1, 2, 3].map(|size| CabFile {
        name: "large".to_owned(),
        size,
    });
    let mut out = Cursor::new(Vec::new());
    let cab = CabWriter::new(&mut out, &files, DATE, &Threads::alone()).expect("valid");
    let folders: Vec<_> = cab.folders.iter().map(|folder| folder.size).collect();
    assert_eq!(folders, [MAX_FILE_BYTES - 1, 5]);
}

#[test]
fn a_sum_is_that_of_the_specification() {
    assert_eq!(
        checksum(&[1, 2, 3, 4, 5, 6, 7], 0),
        0x0403_0201 ^ 0x0005_0607
    );
    assert_eq!(checksum(&[], 9), 9);
}
