//! `.DS_Store`: how the Finder shows a window.
//!
//! Records by file name and property are in a tree, here of one node, whose blocks a buddy allocator has placed. Apple has not
//! published the layout: it is the one that the Finder writes and PyPI's `ds_store` and `mac_alias` read.

use super::background::Background;
use super::{APPLICATIONS, BACKGROUND};
use crate::container::hfsplus::{EPOCH, decomposed};
use crate::format::FormatError;
use crate::model::plist::Plist;

/// Everything is counted from behind the first four bytes.
const START: usize = 4;
/// The blocks: the place and the size, as a power of two.
const TREE: (u32, u32) = (0x20, 5);
const ALLOCATOR: (u32, u32) = (0x800, 11);
const NODE: (u32, u32) = (0x1000, 12);
const NODE_BYTES: usize = 0x1000;
/// How many places for blocks the allocator has.
const PLACES: usize = 256;
/// What is free: blocks of these sizes, each at the place that is its size.
const FREE: [std::ops::RangeInclusive<u32>; 2] = [6..=10, 13..=30];

/// The height of a window's title in points.
const TITLE: u32 = 28;
/// Where a window is on the screen.
const CORNER: (u32, u32) = (200, 120);
/// The largest icon in points, and how much of the window's width one takes.
const ICON: u32 = 128;
const ICON_SHARE: u32 = 4;

/// An open volume.
pub(super) struct Window<'a> {
    pub(super) background: &'a Background,
    /// The number of the picture in the volume.
    pub(super) picture: u32,
    pub(super) volume: &'a str,
    pub(super) date: i64,
    pub(super) application: Option<&'a str>,
}

impl Window<'_> {
    /// The whole file.
    pub(super) fn description(&self) -> Result<Vec<u8>, FormatError> {
        let (width, height) = (self.background.width, self.background.height);
        let mut records = vec![
            record(".", b"bwsp", b"blob", &blob(&self.window().to_binary())),
            record(".", b"icvl", b"type", b"icnv"),
            record(".", b"icvp", b"blob", &blob(&self.icons().to_binary())),
            record(".", b"vSrn", b"long", &1u32.to_be_bytes()),
        ];
        if let Some(application) = self.application {
            let mut icons = vec![
                (application.to_owned(), width / 4),
                (APPLICATIONS[1..].to_owned(), width - width / 4),
            ];
            // As the Finder finds them: without regard to capitals.
            icons.sort_by_key(|(name, _)| name.to_lowercase());
            for (name, x) in icons {
                let mut place = [x, height / 2, u32::MAX].map(u32::to_be_bytes).concat();
                place.extend([0xff, 0xff, 0, 0]);
                records.push(record(&decomposed(&name), b"Iloc", b"blob", &blob(&place)));
            }
        }
        let bytes: usize = records.iter().map(Vec::len).sum();
        if bytes + 8 > NODE_BYTES {
            return Err(FormatError::Invalid(
                "the names of the volume and of its application are too long for a window with a background"
                    .to_owned(),
            ));
        }
        Ok(file(&records))
    }

    fn window(&self) -> Plist {
        let (width, height) = (self.background.width, self.background.height + TITLE);
        let (x, y) = CORNER;
        Plist::dictionary([
            ("ContainerShowSidebar", Plist::Flag(false)),
            ("PreviewPaneVisibility", Plist::Flag(false)),
            ("ShowPathbar", Plist::Flag(false)),
            ("ShowSidebar", Plist::Flag(false)),
            ("ShowStatusBar", Plist::Flag(false)),
            ("ShowTabView", Plist::Flag(false)),
            ("ShowToolbar", Plist::Flag(false)),
            ("SidebarWidth", Plist::Integer(180)),
            (
                "WindowBounds",
                Plist::text(format!("{{{{{x}, {y}}}, {{{width}, {height}}}}}")),
            ),
        ])
    }

    fn icons(&self) -> Plist {
        let size = ICON.min(self.background.width / ICON_SHARE).max(16);
        let white = || Plist::Real(1);
        Plist::dictionary([
            ("arrangeBy", Plist::text("none")),
            ("backgroundColorBlue", white()),
            ("backgroundColorGreen", white()),
            ("backgroundColorRed", white()),
            ("backgroundImageAlias", Plist::Data(self.alias())),
            // A picture.
            ("backgroundType", Plist::Integer(2)),
            ("gridOffsetX", Plist::Real(0)),
            ("gridOffsetY", Plist::Real(0)),
            ("gridSpacing", Plist::Real(100)),
            ("iconSize", Plist::Real(size)),
            ("labelOnBottom", Plist::Flag(true)),
            ("scrollPositionX", Plist::Real(0)),
            ("scrollPositionY", Plist::Real(0)),
            ("showIconPreview", Plist::Flag(false)),
            ("showItemInfo", Plist::Flag(false)),
            ("textSize", Plist::Real(12)),
            ("viewOptionsVersion", Plist::Integer(1)),
        ])
    }

    /// An alias record of version 2, as the Alias Manager of macOS makes it for the picture.
    fn alias(&self) -> Vec<u8> {
        let name = BACKGROUND.as_bytes();
        let volume = self.volume.as_bytes();
        let date = (self.date + EPOCH) as u32;
        let mut alias = vec![0; 6];
        // The version, and a file.
        alias.extend([0, 2, 0, 0]);
        alias.extend(pascal(self.volume, 28));
        alias.extend(date.to_be_bytes());
        // A disk that can be ejected, and the number of its top directory.
        alias.extend(b"H+\0\x05\0\0\0\x02");
        alias.extend(pascal(BACKGROUND, 64));
        alias.extend(self.picture.to_be_bytes());
        alias.extend(date.to_be_bytes());
        // Neither creator nor type; not relative to another file; no attributes.
        alias.extend([0; 8]);
        alias.extend([0xff; 4]);
        alias.extend([0; 16]);
        // In parts of a second.
        let exact = (u64::from(date) << 16).to_be_bytes();
        let utf16 = |text: &str| {
            let units: Vec<_> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
            [&(units.len() as u16 / 2).to_be_bytes()[..], &units].concat()
        };
        let mount = [b"/Volumes/", volume].concat();
        let fields: [(u16, Vec<u8>); 8] = [
            (0, volume.to_vec()),
            (16, exact.to_vec()),
            (17, exact.to_vec()),
            (2, [volume, b":", name].concat()),
            (14, utf16(BACKGROUND)),
            (15, utf16(self.volume)),
            (18, [b"/", name].concat()),
            (19, mount),
        ];
        for (tag, mut bytes) in fields {
            alias.extend(tag.to_be_bytes());
            alias.extend((bytes.len() as u16).to_be_bytes());
            bytes.resize(bytes.len().next_multiple_of(2), 0);
            alias.extend(bytes);
        }
        alias.extend([0xff, 0xff, 0, 0]);
        let length = (alias.len() as u16).to_be_bytes();
        alias[4..6].copy_from_slice(&length);
        alias
    }
}

/// A text with its length in a field of this size, cut between characters.
fn pascal(text: &str, size: usize) -> Vec<u8> {
    let mut length = text.len().min(size - 1);
    while !text.is_char_boundary(length) {
        length -= 1;
    }
    let mut field = vec![length as u8];
    field.extend(&text.as_bytes()[..length]);
    field.resize(size, 0);
    field
}

fn blob(bytes: &[u8]) -> Vec<u8> {
    [&(bytes.len() as u32).to_be_bytes()[..], bytes].concat()
}

fn record(name: &str, property: &[u8; 4], kind: &[u8; 4], value: &[u8]) -> Vec<u8> {
    let name: Vec<_> = name.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let length = (name.len() as u32 / 2).to_be_bytes();
    [&length[..], &name, property, kind, value].concat()
}

/// The file with these records in order.
fn file(records: &[Vec<u8>]) -> Vec<u8> {
    let count = records.len() as u32;
    let mut bytes = vec![0; START + NODE.0 as usize + NODE_BYTES];
    let mut put = |place: u32, content: &[u8]| {
        bytes[START + place as usize..][..content.len()].copy_from_slice(content);
    };
    let size = 1 << ALLOCATOR.1;
    let mut header = b"Bud1".to_vec();
    header.extend(numbers(&[ALLOCATOR.0, size, ALLOCATOR.0]));
    // What the Finder writes there.
    header.extend(numbers(&[0x100c, 0x87, 0x200b, 0]));
    put(0, &header);
    // The node, no levels above it, and the size of nodes.
    put(TREE.0, &numbers(&[2, 0, count, 1, NODE_BYTES as u32]));
    let mut allocator = numbers(&[3, 0]);
    let mut places = vec![0; PLACES];
    for (place, (start, size)) in places.iter_mut().zip([ALLOCATOR, TREE, NODE]) {
        *place = start | size;
    }
    allocator.extend(numbers(&places));
    allocator.extend(numbers(&[1]));
    allocator.extend(b"\x04DSDB\0\0\0\x01");
    for size in 0..32 {
        match FREE.iter().any(|sizes| sizes.contains(&size)) {
            true => allocator.extend(numbers(&[1, 1 << size])),
            false => allocator.extend(numbers(&[0])),
        }
    }
    put(ALLOCATOR.0, &allocator);
    put(NODE.0, &[numbers(&[0, count]), records.concat()].concat());
    bytes[START - 1] = 1;
    bytes
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_be_bytes()).collect()
}
