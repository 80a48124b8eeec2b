//! Whole archives, written and read.

use std::io::Cursor;

use super::{Encoding, XarReader, XarWriter};

const MEMBERS: [(&str, Encoding); 4] = [
    ("Distribution", Encoding::Zlib),
    ("a & b.pkg/Bom", Encoding::Zlib),
    ("a & b.pkg/Payload", Encoding::Stored),
    ("a & b.pkg/deep/er/empty", Encoding::Stored),
];

fn written(payload: &[u8]) -> Vec<u8> {
    let mut out = Cursor::new(Vec::new());
    let mut xar = XarWriter::new(&mut out, &MEMBERS, 1).expect("written to memory");
    xar.zlib(b"<xml/>").expect("written to memory");
    xar.zlib(&[7; 5000]).expect("written to memory");
    for bytes in [payload, b""] {
        let written = xar.stored(|out| out.write_all(bytes));
        written.expect("written to memory");
    }
    xar.finish().expect("written to memory");
    out.into_inner()
}

#[test]
fn members_are_read_as_they_were_written() {
    for length in [0, 1, 100_000] {
        let payload: Vec<u8> = (0..length).map(|n: u32| (n / 7) as u8).collect();
        let bytes = written(&payload);
        let mut xar = XarReader::open(Cursor::new(&bytes)).expect("just written");
        let paths: Vec<_> = xar.paths().collect();
        assert_eq!(paths, MEMBERS.map(|(path, _)| path));
        let mut content = |path| xar.bytes(path, 1 << 20).expect("there").0;
        assert_eq!(content("Distribution"), b"<xml/>");
        assert_eq!(content("a & b.pkg/Bom"), [7; 5000]);
        assert_eq!(content("a & b.pkg/deep/er/empty"), b"");
        assert!(content("a & b.pkg/Payload") == payload);
        let (place, length) = xar.place("a & b.pkg/Payload").expect("there");
        assert!(bytes[place as usize..][..length as usize] == payload);
        assert!(xar.place("a & b.pkg/Bom").is_err());
    }
}

#[test]
fn the_table_has_its_place_whatever_the_sums_are() {
    let start = written(b"").len();
    for seed in 0..200u32 {
        let payload = seed.to_be_bytes().repeat(seed as usize);
        assert_eq!(written(&payload).len(), start + payload.len());
    }
}

#[test]
fn any_other_byte_is_refused_with_its_place() {
    let bytes = written(b"payload");
    let refused = |bytes: &[u8], what: &str| {
        let opened = XarReader::open(Cursor::new(bytes));
        let error = opened.err().expect("it is damaged").to_string();
        assert!(error.starts_with("the xar: "), "{what}: {error}");
        assert!(error.contains(" at byte "), "{what}: {error}");
    };
    for place in 0..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[place] ^= 1;
        refused(&bytes, &format!("byte {place}"));
    }
    for length in 0..bytes.len() {
        refused(&bytes[..length], &format!("{length} bytes"));
    }
    refused(&[&bytes[..], b"x"].concat(), "longer");
}

#[test]
fn a_table_that_says_much_takes_no_memory() {
    let mut bytes = written(b"");
    bytes[8..16].fill(0x7f);
    let error = XarReader::open(Cursor::new(&bytes)).err();
    let error = error.expect("too large").to_string();
    assert!(error.contains("expected at most 1048576"), "{error}");
}
