use super::Server;
use super::protocol::{self as fuse, Answer, Request, operation as op};
use crate::image::testing::{file, open};
use sealift_squashfs::testing::{BLOCK_SIZE, Compression, DATE, Node, build};

fn server() -> Server {
    let many = (0..100).map(|n| &*Box::leak(format!("name {n}").into_boxed_str()));
    let bytes: Vec<u8> = (0..3 * BLOCK_SIZE + 10).map(|n| (n % 251) as u8).collect();
    let root = [
        ("big", Node::File(bytes)),
        ("link", Node::Symlink("big")),
        (
            "many",
            Node::Directory(many.map(|name| (name, Node::Root)).collect()),
        ),
    ];
    let image = open(&build(Compression::Zstd, &root)).expect("the image is whole");
    Server::new(image, file(b""))
}

/// The body of an answer, or the error.
fn ask(server: &Server, operation: u32, node: u64, body: &[u8]) -> Result<Vec<u8>, i32> {
    let request = Request {
        operation,
        unique: 1,
        node,
        body,
    };
    let mut answer = Answer::new(1);
    match server.answer(&request, &mut answer) {
        Ok(()) => Ok(answer.finish().concat()[16..].to_vec()),
        Err(reason) => Err(reason.errno().0),
    }
}

fn read(
    server: &Server,
    operation: u32,
    node: u64,
    offset: u64,
    size: u32,
) -> Result<Vec<u8>, i32> {
    let mut body = vec![0; 40];
    body[8..16].copy_from_slice(&offset.to_ne_bytes());
    body[16..20].copy_from_slice(&size.to_ne_bytes());
    ask(server, operation, node, &body)
}

fn lookup(server: &Server, name: &[u8]) -> u64 {
    let found = ask(server, op::LOOKUP, fuse::ROOT, name).expect("the root is a directory");
    assert_eq!(found.len(), 128);
    fuse::u64_at(&found, 0).expect("128 bytes")
}

#[test]
fn the_handshake_offers_what_both_know_in_the_length_that_the_kernel_expects() {
    let init = |minor: u32, offered: u32| {
        let fields = [7, minor, 4096, offered].map(u32::to_ne_bytes);
        ask(&server(), op::INIT, 0, &fields.concat()).expect("a handshake")
    };
    let answer = init(31, u32::MAX);
    assert_eq!(answer.len(), 64);
    assert_eq!(fuse::u32_at(&answer, 0), Some(7));
    assert_eq!(fuse::u32_at(&answer, 12), Some(fuse::WANTED_FEATURES));
    assert_eq!(fuse::u32_at(&init(31, 0), 12), Some(0));
    assert_eq!(init(22, 0).len(), 24);
}

#[test]
fn names_are_found_and_missing_ones_are_remembered_as_missing() {
    let server = server();
    assert_ne!(lookup(&server, b"big\0"), 0);
    assert_eq!(lookup(&server, b"bi\0"), 0);
    let attributes = ask(&server, op::GETATTR, lookup(&server, b"big\0"), &[]);
    let attributes = attributes.expect("it is there");
    assert_eq!(attributes.len(), 104);
    assert_eq!(
        fuse::u64_at(&attributes, 24),
        Some(3 * BLOCK_SIZE as u64 + 10)
    );
    assert_eq!(fuse::u64_at(&attributes, 48), Some(DATE.into()));
    assert_eq!(fuse::u32_at(&attributes, 76), Some(libc::S_IFREG | 0o640));
}

#[test]
fn reads_give_the_range_that_was_asked_for_as_far_as_the_file_goes() {
    let server = server();
    let node = lookup(&server, b"big\0");
    let size = 3 * BLOCK_SIZE + 10;
    for (offset, length) in [
        (0, 10),
        (4090, 20),
        (5000, 9000),
        (0, 1 << 20),
        (size - 3, 100),
    ] {
        let found = read(&server, op::READ, node, offset as u64, length as u32);
        let expected = (offset..size.min(offset + length)).map(|n| (n % 251) as u8);
        assert!(
            found.expect("a file").into_iter().eq(expected),
            "{length} at {offset}"
        );
    }
    assert_eq!(
        read(&server, op::READ, node, size as u64 + 1, 10),
        Ok(vec![])
    );
}

#[test]
fn a_directory_is_listed_once_in_pieces_of_any_size() {
    let server = server();
    let node = lookup(&server, b"many\0");
    for size in [64, 100, 4096] {
        let (mut offset, mut names) = (0, Vec::new());
        loop {
            let mut piece =
                &read(&server, op::READDIR, node, offset, size).expect("a directory")[..];
            if piece.is_empty() {
                break;
            }
            assert!(piece.len() <= size as usize);
            while !piece.is_empty() {
                offset = fuse::u64_at(piece, 8).expect("a whole entry");
                let length = fuse::u32_at(piece, 16).expect("a whole entry") as usize;
                names.push(String::from_utf8_lossy(&piece[24..24 + length]).into_owned());
                piece = &piece[24 + length.next_multiple_of(8)..];
            }
        }
        let expected = (0..100).map(|n| format!("name {n}"));
        let expected = [".", ".."].map(str::to_owned).into_iter().chain(expected);
        assert!(names.into_iter().eq(expected), "in pieces of {size}");
    }
}

#[test]
fn wrong_kinds_and_unknown_nodes_and_operations_are_errors() {
    let server = server();
    let (big, link) = (lookup(&server, b"big\0"), lookup(&server, b"link\0"));
    assert_eq!(ask(&server, op::READLINK, link, &[]), Ok(b"big".to_vec()));
    assert_eq!(ask(&server, op::READLINK, big, &[]), Err(libc::EINVAL));
    assert_eq!(ask(&server, op::LOOKUP, big, b"x\0"), Err(libc::ENOTDIR));
    assert_eq!(
        read(&server, op::READ, fuse::ROOT, 0, 10),
        Err(libc::EISDIR)
    );
    assert_eq!(ask(&server, op::READ, big, &[0; 5]), Err(libc::EINVAL));
    assert_eq!(ask(&server, op::GETATTR, u64::MAX, &[]), Err(libc::EIO));
    assert_eq!(ask(&server, 9999, big, &[]), Err(libc::ENOSYS));
}
