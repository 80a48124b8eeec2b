//! Compound files, written and read.

use std::io::{Cursor, Read};

use super::write::by_name;
use super::{Cfb, CfbWriter};
use crate::container::{ReadError, WriteError};

fn written(streams: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let mut cfb = CfbWriter::new(&mut out).expect("in memory");
    for (name, content) in streams {
        cfb.add(name, content).expect("in memory");
    }
    cfb.finish([7; 16]).expect("in memory");
    out.into_inner()
}

#[test]
fn streams_of_all_lengths_are_read_as_they_were_written() {
    let lengths = [0, 1, 64, 65, 4095, 4096, 4097, 100_000, 9_000_000];
    let streams: Vec<_> = lengths
        .iter()
        .map(|length| {
            let content = (0..*length).map(|n| (n % 251) as u8).collect();
            (format!("s{length}"), content)
        })
        .collect();
    let bytes = written(&streams);
    // The table of allocation is longer than the header can name.
    assert!(bytes.len() > 109 * 128 * 512);
    let mut cfb = Cfb::open(Cursor::new(bytes)).expect("just written");
    assert_eq!(cfb.names().count(), streams.len());
    for (name, content) in &streams {
        assert!(cfb.content(name, 1 << 30).expect("valid").as_ref() == Some(content));
        let mut found = Vec::new();
        let mut stream = cfb.stream(name).expect("valid").expect("there");
        stream.read_to_end(&mut found).expect("in memory");
        assert!(&found == content, "{name}");
    }
    assert!(cfb.content("other", 1).expect("valid").is_none());
    assert!(cfb.content("s65", 64).is_err());
}

/// How many black entries each way down from an entry passes, if the tree is one of section 2.6.4.
fn black_height(directory: &[u8], id: u32, below_red: bool, names: &mut Vec<Vec<u16>>) -> usize {
    if id == u32::MAX {
        return 0;
    }
    let entry = &directory[id as usize * 128..][..128];
    let u32_at = |place: usize| u32::from_le_bytes(entry[place..place + 4].try_into().expect("4"));
    let is_red = entry[67] == 0;
    assert!(!(below_red && is_red), "two red entries");
    let left = black_height(directory, u32_at(68), is_red, names);
    let length = usize::from(entry[64]) - 2;
    let units = entry[..length]
        .chunks(2)
        .map(|c| u16::from_le_bytes([c[0], c[1]]));
    names.push(units.collect());
    let right = black_height(directory, u32_at(72), is_red, names);
    assert_eq!(left, right);
    left + usize::from(!is_red)
}

#[test]
fn the_directory_is_a_red_black_tree() {
    for count in 1..40 {
        let streams: Vec<_> = (0..count).map(|n| (format!("{n}"), Vec::new())).collect();
        let bytes = written(&streams);
        let start = u32::from_le_bytes(bytes[48..52].try_into().expect("4")) as usize;
        let directory = &bytes[(start + 1) * 512..];
        let mut names = Vec::new();
        let top = u32::from_le_bytes(directory[76..80].try_into().expect("4"));
        black_height(directory, top, false, &mut names);
        assert_eq!(names.len(), count);
        assert!(names.is_sorted_by(|a, b| by_name(a, b).is_lt()));
    }
}

#[test]
fn damage_is_refused_with_a_place() {
    let good = written(&[
        ("one".to_owned(), vec![1; 5000]),
        ("two".to_owned(), vec![2; 70]),
    ]);
    for length in (0..good.len()).step_by(61) {
        let refused = Cfb::open(Cursor::new(&good[..length])).err();
        assert!(matches!(refused, Some(ReadError::Malformed(_))), "{length}");
    }
    // A chain that leads back to its start.
    let mut circle = good.clone();
    let fat = (u32::from_le_bytes(good[76..80].try_into().expect("4")) as usize + 1) * 512;
    circle[fat + 4..fat + 8].copy_from_slice(&0u32.to_le_bytes());
    let mut cfb = Cfb::open(Cursor::new(circle)).expect("the tables are whole");
    let error = cfb.content("one", 1 << 20).expect_err("a circle");
    assert!(
        error
            .to_string()
            .contains("a chain of sectors does not end"),
        "{error}"
    );
}

#[test]
fn what_windows_installer_cannot_open_is_not_written() {
    struct Large(u64);
    impl std::io::Write for Large {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0 += bytes.len() as u64;
            Ok(bytes.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    impl std::io::Seek for Large {
        fn seek(&mut self, _: std::io::SeekFrom) -> std::io::Result<u64> {
            Ok(self.0)
        }
    }
    let mut out = Large(0);
    let mut cfb = CfbWriter::new(&mut out).expect("in memory");
    let piece = vec![0; 1 << 26];
    let error = cfb.add_large("large", |out| -> Result<(), WriteError> {
        Ok((0..33).try_for_each(|_| out.write_all(&piece))?)
    });
    let message = error.expect_err("too large").to_string();
    assert!(
        message.contains("larger than 2147483648 bytes"),
        "{message}"
    );
}
