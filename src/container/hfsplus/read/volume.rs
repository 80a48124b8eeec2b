//! The volume as a sequence of members: the catalog is read first, and the files behind it follow in its order.

use std::collections::HashMap;
use std::io::Read;

use super::bytes::Bytes;
use super::header::{Fork, Header};
use super::tree::{Nodes, Record, TreeHeader, read_name};
use crate::container::ReadError;
use crate::container::hfsplus::name::Name;
use crate::container::hfsplus::{
    BLOCK, FILE, FILE_SIZE, FILE_THREAD, FIRST, FOLDER, FOLDER_SIZE, FOLDER_THREAD, HEADER_AT,
    HEADER_SIZE, MAX_TARGET, MODE_DIRECTORY, MODE_FILE, MODE_SYMLINK, ROOT, ROOT_PARENT,
    SYMLINK_TYPE,
};
use crate::container::members::{MAX_MEMBERS, MAX_NAMES_BYTES, Member, MemberKind, Members};
use crate::container::stream::Stream;

/// How deep directories may be nested.
const MAX_DEPTH: usize = 128;

/// What the catalog says of a number.
struct Item {
    number: u32,
    parent: u32,
    name: Name,
    mode: u32,
    kind: ItemKind,
    /// Whether a thread leads here.
    has_thread: bool,
}

enum ItemKind {
    Directory { children: u32 },
    File(Fork),
    Symlink(Fork),
}

/// A file or directory whose place is known.
struct Place {
    path: String,
    mode: u32,
    kind: ItemKind,
}

/// Reads a volume.
pub(crate) struct VolumeReader<'a> {
    stream: Stream<'a>,
    places: std::vec::IntoIter<Place>,
    header: Vec<u8>,
    total_blocks: u32,
    /// The block that is read next, once the content before it has been skipped.
    next: u32,
    padding: usize,
    is_over: bool,
}

impl<'a> VolumeReader<'a> {
    /// Reads all that is before the files.
    pub(crate) fn open(input: impl Read + 'a) -> Result<Self, ReadError> {
        let mut stream = Stream::new(input, "the HFS+ volume");
        let mut first = vec![0; BLOCK];
        stream.fill(&mut first)?;
        let bytes = first[HEADER_AT..][..HEADER_SIZE].to_vec();
        let at = HEADER_AT as u64;
        let header = Header::read(&bytes).map_err(|what| stream.malformed(what, at))?;
        let mut rest = first;
        rest[HEADER_AT..][..HEADER_SIZE].fill(0);
        if !Bytes(&rest).is_zero() {
            return Err(stream.malformed("something beside the volume header", 0));
        }
        check_bitmap(&mut stream, &header)?;
        // The tree of extents has a header and no records.
        let mut node = vec![0; BLOCK];
        let at = stream.position();
        stream.fill(&mut node)?;
        if node[14..28] != [0; 14] {
            return Err(stream.malformed("a file in several extents; expected one", at));
        }
        let items = read_catalog(&mut stream, &header)?;
        let at = stream.position();
        let places = places(items, &header)
            .map_err(|what| stream.malformed(format!("the catalog: {what}"), at))?;
        Ok(Self {
            stream,
            places: places.into_iter(),
            header: bytes,
            total_blocks: header.total_blocks,
            next: header.catalog.start + header.catalog.blocks,
            padding: 0,
            is_over: false,
        })
    }

    /// Reads the second header, after which nothing follows.
    fn finish(&mut self) -> Result<(), ReadError> {
        if std::mem::replace(&mut self.is_over, true) {
            return Ok(());
        }
        let at = self.stream.position();
        let mut last = vec![0; BLOCK];
        self.stream.fill(&mut last)?;
        let place = BLOCK - HEADER_AT;
        let is_same = last[place..][..HEADER_SIZE] == self.header;
        last[place..][..HEADER_SIZE].fill(0);
        if !is_same || !Bytes(&last).is_zero() || self.next + 1 != self.total_blocks {
            let what = "expected the second volume header, equal to the first";
            return Err(self.stream.malformed(what, at));
        }
        match self.stream.read_some(&mut [0; 1]) {
            Ok(0) => Ok(()),
            Ok(_) => Err(self
                .stream
                .malformed("more than the volume", at + BLOCK as u64)),
            Err(error) => Err(self.stream.explain(error)),
        }
    }

    /// Reads to the end of the last content's block.
    fn skip(&mut self) -> Result<(), ReadError> {
        self.stream.skip_content()?;
        let mut padding = vec![0; std::mem::take(&mut self.padding)];
        let at = self.stream.position();
        self.stream.fill(&mut padding)?;
        match Bytes(&padding).is_zero() {
            true => Ok(()),
            false => Err(self.stream.malformed("something behind a file", at)),
        }
    }

    /// The next bytes of the stream are a fork.
    fn begin(&mut self, fork: Fork, path: &str) -> Result<(), ReadError> {
        if fork == Fork::default() {
            return Ok(());
        }
        // What the header and the numbers of blocks allow; the last block is the second header's.
        let end = fork.start.checked_add(fork.blocks);
        let end = end.filter(|end| *end < self.total_blocks && fork.start == self.next);
        let Some(end) = end else {
            let what = format!("`{path}` is not behind the file before it");
            return Err(self.stream.malformed(what, self.stream.position()));
        };
        self.next = end;
        self.padding = (u64::from(fork.blocks) * BLOCK as u64 - fork.size) as usize;
        self.stream.begin_content(fork.size, 0);
        Ok(())
    }
}

impl<'a> Members<'a> for VolumeReader<'a> {
    fn next(&mut self) -> Result<Option<Member>, ReadError> {
        self.skip()?;
        let Some(place) = self.places.next() else {
            self.finish()?;
            return Ok(None);
        };
        let Place { path, mode, kind } = place;
        let kind = match kind {
            ItemKind::Directory { .. } => MemberKind::Directory,
            ItemKind::File(fork) => {
                self.begin(fork, &path)?;
                MemberKind::File(fork.size)
            }
            ItemKind::Symlink(fork) => {
                let at = self.stream.position();
                self.begin(fork, &path)?;
                let mut target = vec![0; fork.size as usize];
                self.stream.fill(&mut target)?;
                self.stream.begin_content(0, 0);
                MemberKind::Symlink(self.stream.text(&target, at)?)
            }
        };
        Ok(Some(Member { path, mode, kind }))
    }

    fn stream(&mut self) -> &mut Stream<'a> {
        &mut self.stream
    }
}

/// All blocks are in use.
fn check_bitmap(stream: &mut Stream<'_>, header: &Header) -> Result<(), ReadError> {
    let mut left = header.total_blocks as usize;
    let mut block = vec![0; BLOCK];
    for _ in 0..header.allocation.blocks {
        let at = stream.position();
        stream.fill(&mut block)?;
        let is_right = block.iter().all(|byte| {
            let used = left.min(8);
            left -= used;
            *byte == !(0xffu16 >> used) as u8
        });
        if !is_right {
            let what = "a bitmap in which not all blocks of the volume are in use";
            return Err(stream.malformed(what, at));
        }
    }
    Ok(())
}

/// Reads the catalog's nodes, and what its leaves say.
fn read_catalog(stream: &mut Stream<'_>, header: &Header) -> Result<HashMap<u32, Item>, ReadError> {
    let start = stream.position();
    let mut node = vec![0; BLOCK];
    stream.fill(&mut node)?;
    let wrong = "the catalog: expected the header of a tree whose nodes follow each other";
    let tree = TreeHeader::read(&node).ok_or_else(|| stream.malformed(wrong, start))?;
    let first = node.len();
    node.resize(tree.node_size, 0);
    stream.fill(&mut node[first..])?;
    let size = u64::from(tree.nodes) * tree.node_size as u64;
    if size != header.catalog.size || tree.has_map(&node) != Some(true) {
        return Err(stream.malformed(wrong, start));
    }
    let mut nodes = Nodes::new(tree);
    let mut found = Found::default();
    for _ in 1..tree.nodes {
        let at = stream.position();
        stream.fill(&mut node)?;
        let added = nodes.add(&node, &mut |record| found.add(&record));
        if added.is_none() {
            return Err(stream.malformed("the catalog: a node that is not as it is written", at));
        }
    }
    if !nodes.is_complete() || found.records != tree.records {
        return Err(stream.malformed("the catalog: a level of the tree is missing", start));
    }
    Ok(found.items)
}

/// What the leaves have said so far.
#[derive(Default)]
struct Found {
    records: u32,
    name_bytes: usize,
    items: HashMap<u32, Item>,
    /// Numbers whose thread came before what they are: number, parent and name.
    threads: HashMap<u32, (u16, u32, Name)>,
}

impl Found {
    fn add(&mut self, record: &Record<'_>) -> Option<()> {
        self.records += 1;
        let kind = record.data.u16(0)?;
        match kind {
            FOLDER_THREAD | FILE_THREAD => self.thread(kind, record),
            FOLDER | FILE => self.item(kind, record),
            _ => None,
        }
    }

    fn thread(&mut self, kind: u16, record: &Record<'_>) -> Option<()> {
        let parent = record.data.u32(4)?;
        let name = read_name(record.data.from(8)?)?;
        let number = record.key.parent;
        let is_thread = record.key.name == Name::default();
        match self.items.get_mut(&number) {
            Some(item) => item.lead(&(kind, parent, name))?,
            None => {
                self.threads.insert(number, (kind, parent, name));
            }
        }
        is_thread.then_some(())
    }

    fn item(&mut self, kind: u16, record: &Record<'_>) -> Option<()> {
        let data = record.data;
        let size = if kind == FOLDER {
            FOLDER_SIZE
        } else {
            FILE_SIZE
        };
        let is_sized = data.0.len() == size && record.key.name != Name::default();
        let mode = data.u16(42)?;
        let is_link = data.part(48, 8)?.0 == SYMLINK_TYPE;
        let content = match (kind, mode & 0o170_000) {
            (FOLDER, MODE_DIRECTORY) => ItemKind::Directory {
                children: data.u32(4)?,
            },
            (FILE, MODE_FILE) if !is_link => ItemKind::File(forks(data)?),
            (FILE, MODE_SYMLINK) if is_link => {
                let fork = forks(data)?;
                let is_short = (1..=MAX_TARGET).contains(&fork.size);
                ItemKind::Symlink(is_short.then_some(fork)?)
            }
            _ => return None,
        };
        let mut item = Item {
            number: data.u32(8)?,
            parent: record.key.parent,
            name: record.key.name.clone(),
            mode: u32::from(mode & 0o7777),
            kind: content,
            has_thread: false,
        };
        if let Some(thread) = self.threads.remove(&item.number) {
            item.lead(&thread)?;
        }
        self.name_bytes += 2 * item.name.units().len();
        let is_bounded = self.items.len() <= MAX_MEMBERS && self.name_bytes <= MAX_NAMES_BYTES;
        let is_new = self.items.insert(item.number, item).is_none();
        (is_sized && is_bounded && is_new).then_some(())
    }
}

/// The data fork of a file without a resource fork.
fn forks(record: Bytes<'_>) -> Option<Fork> {
    let data = Fork::read(record.part(88, Fork::SIZE)?)?;
    let resource = Fork::read(record.part(88 + Fork::SIZE, Fork::SIZE)?)?;
    let is_placed = (data.blocks == 0) == (data.start == 0);
    (is_placed && resource == Fork::default()).then_some(data)
}

impl Item {
    /// Accepts the one thread that leads here.
    fn lead(&mut self, (kind, parent, name): &(u16, u32, Name)) -> Option<()> {
        let expected = match self.kind {
            ItemKind::Directory { .. } => FOLDER_THREAD,
            ItemKind::File(_) | ItemKind::Symlink(_) => FILE_THREAD,
        };
        let is_first = !std::mem::replace(&mut self.has_thread, true);
        (is_first && (*kind, *parent) == (expected, self.parent) && *name == self.name)
            .then_some(())
    }
}

/// Everything but the root in the order of the numbers, with its path. The error says what is wrong.
fn places(items: HashMap<u32, Item>, header: &Header) -> Result<Vec<Place>, String> {
    let mut items: Vec<Item> = items.into_values().collect();
    items.sort_by_key(|item| item.number);
    // The root, with a depth of 0, and the paths of directories.
    let mut above: HashMap<u32, (String, usize)> = HashMap::new();
    let mut left: HashMap<u32, u32> = HashMap::new();
    let (mut places, mut path_bytes) = (Vec::new(), 0);
    for (index, item) in items.into_iter().enumerate() {
        let number = item.number;
        let expected = if index == 0 {
            ROOT
        } else {
            FIRST - 1 + index as u32
        };
        if number != expected || !item.has_thread {
            return Err(format!(
                "no file or directory has the number {expected}, or no thread"
            ));
        }
        let (path, depth) = match (index, above.get(&item.parent)) {
            (0, _) if item.parent == ROOT_PARENT => (String::new(), 0),
            (0, _) | (_, None) => return Err(format!("{number} is in no directory before it")),
            (_, Some((above, depth))) if above.is_empty() => (item.name.text(), depth + 1),
            (_, Some((above, depth))) => (format!("{above}/{}", item.name.text()), depth + 1),
        };
        if depth > MAX_DEPTH {
            return Err(format!("`{path}` is nested too deep"));
        }
        path_bytes += path.len();
        if path_bytes > MAX_NAMES_BYTES {
            return Err(format!("paths of more than {MAX_NAMES_BYTES} bytes"));
        }
        if index > 0 {
            let children = left.get_mut(&item.parent).filter(|left| **left > 0);
            let children = children.ok_or("a directory has more files than it says")?;
            *children -= 1;
        }
        match &item.kind {
            ItemKind::Directory { children } => {
                above.insert(number, (path.clone(), depth));
                left.insert(number, *children);
            }
            _ if index == 0 => return Err("the root is no directory".to_owned()),
            ItemKind::File(_) | ItemKind::Symlink(_) => {}
        }
        if index > 0 {
            let (mode, kind) = (item.mode, item.kind);
            places.push(Place { path, mode, kind });
        }
    }
    if left.is_empty() || left.values().any(|left| *left > 0) {
        return Err("a directory has fewer files than it says".to_owned());
    }
    let folders = left.len() as u64 - 1;
    let files = places.len() as u64 - folders;
    let counts = (u64::from(header.folders), u64::from(header.files));
    let next = u64::from(FIRST) + places.len() as u64;
    if (folders, files) != counts || next != u64::from(header.next_number) {
        return Err("the volume header counts other files and directories".to_owned());
    }
    Ok(places)
}
