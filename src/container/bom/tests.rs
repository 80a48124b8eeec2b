//! Whole bills, written and read.

use super::{Kind, Path, read, write};

fn directory(path: &str) -> Path {
    Path {
        path: path.to_owned(),
        mode: 0o755,
        kind: Kind::Directory,
    }
}

fn file(path: &str, size: u32) -> Path {
    Path {
        path: path.to_owned(),
        mode: 0o644,
        kind: Kind::File {
            size,
            sum: 7 * size,
        },
    }
}

fn link(path: &str, target: &str) -> Path {
    Path {
        path: path.to_owned(),
        mode: 0o755,
        kind: Kind::Symlink(target.to_owned()),
    }
}

fn some() -> Vec<Path> {
    vec![
        directory(""),
        directory("bin"),
        file("bin/hello", 5),
        link("bin/hi", "hello"),
        directory("bin-2"),
        file("bin-2/a", 0),
        file("b", 1),
    ]
}

#[test]
fn paths_are_by_directory_and_name() {
    let paths = read(&write(&some(), 1)).expect("just written");
    let names: Vec<_> = paths.iter().map(|path| path.path.as_str()).collect();
    assert_eq!(
        names,
        ["", "b", "bin", "bin-2", "bin/hello", "bin/hi", "bin-2/a"]
    );
    for path in some() {
        assert!(paths.contains(&path), "{path:?}");
    }
}

#[test]
fn many_paths_are_in_a_tree_of_several_levels() {
    // One node, two, and more than a node can name.
    for count in [255, 256, 257, 70_000] {
        let mut paths = vec![directory("")];
        paths.extend((1..count).map(|n| file(&format!("{n:05}"), n)));
        let found = read(&write(&paths, 1)).expect("just written");
        assert!(found == paths, "{count}");
    }
}

#[test]
fn what_is_cut_off_or_changed_is_no_panic() {
    let good = write(&some(), 1);
    for length in 0..good.len() {
        // The two places for free blocks at the end are not needed.
        if length < good.len() - 20 {
            assert!(read(&good[..length]).is_err(), "{length}");
        }
    }
    for place in 0..good.len() {
        for value in [0, 1, 0xff, good[place] ^ 4] {
            let mut bad = good.clone();
            bad[place] = value;
            if let Err(error) = read(&bad) {
                let error = error.to_string();
                assert!(error.starts_with("the bill of materials: "), "{error}");
            }
        }
    }
}

#[test]
fn an_owner_that_is_not_root_is_refused() {
    let mut bytes = write(&some(), 1);
    let description: &[u8] = &[1, 1, 0, 15, 0o201, 0o244, 0, 0, 0, 0];
    let place = bytes.windows(10).position(|part| part == description);
    bytes[place.expect("a file") + 9] = 80;
    let error = read(&bytes).expect_err("another owner").to_string();
    assert!(error.contains("that is not root's"), "{error}");
}
