//! The laws that every format of the table must obey.

use super::testing::{full_tree, make, package, read, target_of, write};
use super::{FORMATS, FormatError};
use crate::model::target::{Libc, Os, Target};

#[test]
fn the_table_is_sorted_and_has_no_duplicates() {
    assert!(FORMATS.windows(2).all(|pair| pair[0].name < pair[1].name));
}

#[test]
fn names_and_file_names_belong_to_the_format() {
    let mut file_names = Vec::new();
    for registration in FORMATS {
        let format = make(registration);
        assert!(!registration.summary.is_empty());
        file_names.push(format.file_name(&package(), target_of(&*format)));
    }
    let count = file_names.len();
    file_names.sort();
    file_names.dedup();
    assert_eq!(file_names.len(), count);
}

#[test]
fn each_system_has_its_own_formats_and_archives_and_wheels() {
    for target in Target::all() {
        let supporting = FORMATS
            .iter()
            .filter(|line| make(line).supports(target).is_ok());
        let names: Vec<_> = supporting.map(|line| line.name).collect();
        match target.os {
            Os::Linux => {
                let others: &[&str] = match target.has_glibc() {
                    true => &["dmg", "msi", "oci", "pkg", "setup", "wheel"],
                    false => &["dmg", "msi", "pkg", "setup"],
                };
                let all = FORMATS.iter().map(|line| line.name);
                let expected: Vec<_> = all.filter(|name| !others.contains(name)).collect();
                assert_eq!(names, expected, "{target}");
            }
            Os::MacOs => assert_eq!(
                names,
                [
                    "archive", "dmg", "npm", "pkg", "tar-xz", "tar-zst", "wheel", "zip"
                ],
                "{target}"
            ),
            // There, `archive` is a zip.
            Os::Windows => assert_eq!(
                names,
                [
                    "archive", "msi", "npm", "setup", "tar-xz", "tar-zst", "wheel"
                ],
                "{target}"
            ),
        }
    }
}

#[test]
fn no_two_packages_for_one_c_library_have_the_same_name() {
    // A project with both is refused where their names are the same.
    for other in [Libc::Glibc, Libc::Musl] {
        let mut names = Vec::new();
        for format in FORMATS.iter().map(make) {
            let supported = Target::all()
                .filter(|target| target.libc != Some(other) && format.supports(*target).is_ok());
            names.extend(supported.map(|target| format.file_name(&package(), target)));
        }
        let count = names.len();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), count, "{names:?}");
    }
}

#[test]
fn a_file_name_has_the_architecture_as_its_format_calls_it() {
    let arm = "armv7-unknown-linux-musleabihf".parse().expect("a target");
    let names: Vec<_> = FORMATS
        .iter()
        .filter(|line| make(line).supports(arm).is_ok())
        .map(|line| make(line).file_name(&package(), arm))
        .collect();
    assert_eq!(
        names,
        [
            "hello-1.2.3-armhf.AppImage",
            "hello-1.2.3-armv7-unknown-linux-musleabihf.tar.gz",
            "hello_1.2.3-1_armhf.deb",
            "hello-linux-arm-1.2.3.tgz",
            "hello-1.2.3-armv7l.oci.tar",
            "hello-1.2.3-1.armv7hl.rpm",
            "hello_1.2.3_armhf.snap",
            "hello-1.2.3-armv7-unknown-linux-musleabihf.tar.xz",
            "hello-1.2.3-armv7-unknown-linux-musleabihf.tar.zst",
            "hello-1.2.3-py3-none-manylinux_2_17_armv7l.manylinux2014_armv7l.musllinux_1_1_armv7l.whl",
            "hello-1.2.3-armv7-unknown-linux-musleabihf.zip",
        ]
    );
}

#[test]
fn reading_yields_what_was_written() {
    for registration in FORMATS {
        let format = make(registration);
        let (bytes, entries) = write(&*format, &package(), &full_tree(), 2).expect("valid");
        let found = read(registration, "law", &bytes).expect("just written");
        let found: Vec<_> = found.into_iter().map(|(entry, _)| entry).collect();
        assert_eq!(found, entries, "{}", registration.name);
    }
}

#[test]
fn every_file_can_be_read_back_with_its_sum() {
    for registration in FORMATS {
        let format = make(registration);
        let (bytes, _) = write(&*format, &package(), &full_tree(), 1).expect("valid");
        for (entry, content) in read(registration, "contents", &bytes).expect("just written") {
            if let crate::model::entry::EntryContent::File { size, sha256 } = entry.content {
                assert_eq!(content.len() as u64, size, "{}", entry.path);
                assert_eq!(
                    crate::model::digest::Sha256Sum::of(&content),
                    sha256,
                    "{}",
                    entry.path
                );
            } else {
                assert!(content.is_empty(), "{}", entry.path);
            }
        }
    }
}

#[test]
fn the_bytes_do_not_depend_on_the_number_of_threads() {
    for registration in FORMATS {
        let format = make(registration);
        let once = write(&*format, &package(), &full_tree(), 1).expect("valid");
        let again = write(&*format, &package(), &full_tree(), 2).expect("valid");
        assert!(once == again, "{}", registration.name);
    }
}

/// A small random number generator (SplitMix64), so that the test is the same every time.
struct Numbers(u64);

impl Numbers {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % below as u64) as usize
    }
}

/// Changes, cuts or repeats some bytes.
fn damage(bytes: &[u8], numbers: &mut Numbers) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    let place = numbers.next(bytes.len());
    match numbers.next(4) {
        0 => bytes.truncate(place),
        1 => bytes[place] = numbers.next(256) as u8,
        2 => {
            let end = (place + 1 + numbers.next(600)).min(bytes.len());
            bytes[place..end].fill(numbers.next(256) as u8);
        }
        _ => {
            let end = (place + numbers.next(600)).min(bytes.len());
            let piece = bytes[place..end].to_vec();
            bytes.splice(place..place, piece);
        }
    }
    bytes
}

#[test]
fn damaged_artifacts_are_read_to_the_same_entries_or_refused_with_a_place() {
    let tree = super::testing::small_tree();
    for registration in FORMATS {
        let format = make(registration);
        let (good, entries) = write(&*format, &package(), &tree, 1).expect("valid");
        let mut numbers = Numbers(7);
        let mut refused = 0;
        for round in 0..400 {
            let bad = damage(&good, &mut numbers);
            match read(registration, "damaged", &bad) {
                // Dates, owners and padding are not part of an entry.
                Ok(found) => {
                    let found: Vec<_> = found.into_iter().map(|(entry, _)| entry).collect();
                    assert_eq!(found, entries, "{} round {round}", registration.name);
                }
                Err(FormatError::Malformed(_)) => refused += 1,
                Err(other) => panic!("{} round {round}: {other:?}", registration.name),
            }
        }
        assert!(
            refused > 200,
            "{}: only {refused} refused",
            registration.name
        );
    }
}
