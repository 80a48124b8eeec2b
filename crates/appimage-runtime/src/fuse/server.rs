//! Answers the kernel's requests from an image.

use alloc::vec::Vec;
use core::ffi::{c_long, c_void};

use sealift_squashfs::{Cache, DirectoryPlace, Inode, InodeReference, Kind, Position};

use super::protocol::{self as fuse, Answer, Request, operation as op};
use crate::error::Reason;
use crate::image::{Entries, FileReader, Image};
use crate::sync::Mutex;
use crate::sys::{Errno, File};

/// More threads than this wait for the disk, not for the processor.
const MAX_THREADS: c_long = 4;
/// What zstd's decoder needs, several times over; musl's default of 128 KiB is too little.
const STACK_SIZE: usize = 1 << 20;

/// An image that is shown through an open FUSE device.
pub struct Server {
    image: Image,
    device: File,
    /// Files belong to whoever mounted them: the ids of the machine that made the image mean nothing here.
    owner: (u32, u32),
    /// Where listings were left, by node and offset: they are asked for in pieces.
    left_at: Mutex<Cache<(u64, u64), Position>>,
}

/// As many directories may be listed at the same time without being read from their start again and again.
const MAX_LISTINGS: usize = 16;

impl Server {
    pub fn new(image: Image, device: File) -> Self {
        // SAFETY: these calls cannot fail.
        let owner = unsafe { (libc::getuid(), libc::getgid()) };
        Self {
            image,
            device,
            owner,
            left_at: Mutex::new(Cache::new(MAX_LISTINGS)),
        }
    }

    /// Starts as many threads as there are processors; each answers requests until the file system is unmounted.
    /// Returns at once, or fails when not even one could be started.
    pub fn start(&'static self) -> Result<Vec<libc::pthread_t>, Errno> {
        // SAFETY: has no preconditions.
        let processors = unsafe { libc::sysconf(libc::_SC_NPROCESSORS_ONLN) };
        let mut threads = Vec::new();
        for _ in 0..processors.clamp(1, MAX_THREADS) {
            match self.spawn() {
                Ok(thread) => threads.push(thread),
                Err(errno) if threads.is_empty() => return Err(errno),
                Err(_) => break,
            }
        }
        Ok(threads)
    }

    /// Returns when all threads have ended, which they do when the last file is closed after unmounting.
    pub fn join(&self, threads: Vec<libc::pthread_t>) {
        for thread in threads {
            // SAFETY: each thread was started by `start` and is joined once.
            unsafe { libc::pthread_join(thread, core::ptr::null_mut()) };
        }
    }

    fn spawn(&'static self) -> Result<libc::pthread_t, Errno> {
        extern "C" fn main(server: *mut c_void) -> *mut c_void {
            // SAFETY: the pointer was made from a `&'static Server` below.
            unsafe { &*server.cast::<Server>() }.serve();
            core::ptr::null_mut()
        }
        let argument = core::ptr::from_ref(self).cast_mut().cast();
        // SAFETY: the attributes are initialized before use, and the thread's argument lives for ever.
        unsafe {
            let mut attributes: libc::pthread_attr_t = core::mem::zeroed();
            libc::pthread_attr_init(&mut attributes);
            libc::pthread_attr_setstacksize(&mut attributes, STACK_SIZE);
            let mut thread = core::mem::zeroed();
            match libc::pthread_create(&mut thread, &attributes, main, argument) {
                0 => Ok(thread),
                errno => Err(Errno(errno)),
            }
        }
    }

    fn serve(&self) {
        let mut buffer = alloc::vec![0; fuse::REQUEST_BUFFER];
        loop {
            match self.device.read(&mut buffer) {
                Ok(size) => {
                    if let Some(request) = Request::parse(&buffer[..size]) {
                        self.handle(&request);
                    }
                }
                // The kernel: ENOENT where a request was withdrawn before it was read.
                Err(Errno(libc::EINTR | libc::EAGAIN | libc::ENOENT)) => {}
                // ENODEV where it was unmounted.
                Err(_) => return,
            }
        }
    }

    fn handle(&self, request: &Request<'_>) {
        // These have no answer.
        if let op::FORGET | op::BATCH_FORGET | op::INTERRUPT = request.operation {
            return;
        }
        let mut answer = Answer::new(request.unique);
        if let Err(reason) = self.answer(request, &mut answer) {
            answer = Answer::error(request.unique, reason.errno().0);
        }
        // Fails where the request was withdrawn in the meantime, which is no concern of ours.
        let _ = self.device.write_parts(&answer.finish());
    }

    pub(super) fn answer(&self, request: &Request<'_>, answer: &mut Answer) -> Result<(), Reason> {
        match request.operation {
            op::INIT => self.init(request, answer),
            op::LOOKUP => self.lookup(request, answer),
            op::GETATTR => self.attributes_of(request, answer),
            op::READLINK => self.read_link(request, answer),
            op::OPEN => open(answer, fuse::KEEP_CACHE),
            op::OPENDIR => open(answer, fuse::KEEP_CACHE | fuse::CACHE_DIR),
            op::READ => self.read(request, answer),
            op::READDIR => self.read_directory(request, answer),
            op::STATFS => self.statistics(answer),
            op::RELEASE | op::RELEASEDIR | op::DESTROY => Ok(()),
            _ => Err(Errno(libc::ENOSYS).into()),
        }
    }

    fn init(&self, request: &Request<'_>, answer: &mut Answer) -> Result<(), Reason> {
        let field = |at| fuse::u32_at(request.body, at).ok_or(Errno(libc::EINVAL));
        let (minor, readahead, offered) = (field(4)?, field(8)?, field(12)?);
        answer.u32(fuse::VERSION.0).u32(fuse::VERSION.1);
        answer.u32(readahead).u32(offered & fuse::WANTED_FEATURES);
        // Background requests: the kernel's own limits.
        answer.u16(0).u16(0).u32(fuse::MAX_WRITE);
        // Times have a granularity of one nanosecond, as far as the protocol goes.
        answer.u32(1).u16(fuse::PAGES_PER_READ).u16(0).zeros(32);
        if minor < fuse::LONG_INIT_SINCE {
            answer.truncate_fields(fuse::SHORT_INIT_SIZE);
        }
        Ok(())
    }

    fn lookup(&self, request: &Request<'_>, answer: &mut Answer) -> Result<(), Reason> {
        let found = self
            .image
            .lookup(&self.directory(request.node)?, request.name())?;
        let Some(entry) = found else {
            // Node 0 with a validity is a "no" that the kernel keeps: programs look for libraries in many places.
            answer
                .u64(0)
                .u64(0)
                .u64(fuse::VALID)
                .zeros(16 + ATTRIBUTES_SIZE);
            return Ok(());
        };
        let inode = self.image.inode(entry.inode)?;
        answer.u64(node(entry.inode)).u64(0);
        answer.u64(fuse::VALID).u64(fuse::VALID).u32(0).u32(0);
        self.attributes(&inode, answer);
        Ok(())
    }

    fn attributes_of(&self, request: &Request<'_>, answer: &mut Answer) -> Result<(), Reason> {
        let inode = self.inode(request.node)?;
        answer.u64(fuse::VALID).u32(0).u32(0);
        self.attributes(&inode, answer);
        Ok(())
    }

    fn attributes(&self, inode: &Inode, answer: &mut Answer) {
        let time = u64::from(inode.modified);
        answer.u64(inode.number.into()).u64(inode.size);
        answer.u64(inode.size.div_ceil(512));
        answer.u64(time).u64(time).u64(time).zeros(12);
        answer
            .u32(inode.mode | type_bits(&inode.kind))
            .u32(inode.links);
        answer.u32(self.owner.0).u32(self.owner.1).u32(0);
        answer.u32(self.block_size()).u32(0);
    }

    fn read_link(&self, request: &Request<'_>, answer: &mut Answer) -> Result<(), Reason> {
        let Kind::Symlink(target) = self.inode(request.node)?.kind else {
            return Err(Errno(libc::EINVAL).into());
        };
        answer.bytes(&target);
        Ok(())
    }

    fn read(&self, request: &Request<'_>, answer: &mut Answer) -> Result<(), Reason> {
        let (offset, size) = range(request)?;
        let inode = self.inode(request.node)?;
        let mut reader = FileReader::new(&self.image, &inode).ok_or(Errno(libc::EISDIR))?;
        let size = (size as u64).min(inode.size.saturating_sub(offset)) as usize;
        let mut start = reader.skip_to(offset)?;
        let mut left = size;
        while left > 0
            && let Some(mut block) = reader.next()?
        {
            block.narrow(start, left);
            start = 0;
            left -= block.len();
            answer.piece(block);
        }
        Ok(())
    }

    /// The offset behind an entry is its number in the directory, counted from 1, with `.` and `..` as the first two.
    fn read_directory(&self, request: &Request<'_>, answer: &mut Answer) -> Result<(), Reason> {
        let (mut offset, size) = range(request)?;
        let own_number = self.inode(request.node)?.number;
        for name in DOTS.into_iter().skip(offset.min(2) as usize) {
            if !push_entry(answer, size, own_number, libc::DT_DIR, name, offset + 1) {
                return Ok(());
            }
            offset += 1;
        }
        let mut entries = self.entries_from(request.node, offset)?;
        let mut before = entries.position();
        while let Some(entry) = entries.next()? {
            let kind = entry_type(entry.kind);
            if !push_entry(answer, size, entry.number, kind, &entry.name, offset + 1) {
                break;
            }
            offset += 1;
            before = entries.position();
        }
        if let Some(position) = before {
            self.left_at.lock().insert((request.node, offset), position);
        }
        Ok(())
    }

    /// A directory's entries from an offset, which is at least that of `..`.
    fn entries_from(&self, node: u64, offset: u64) -> Result<Entries<'_>, Reason> {
        let left_at = self.left_at.lock().get((node, offset));
        if let Some(position) = left_at {
            return Ok(self.image.resume(&position)?);
        }
        let mut entries = self.image.entries(&self.directory(node)?)?;
        for _ in DOTS.len() as u64..offset {
            if entries.next()?.is_none() {
                break;
            }
        }
        Ok(entries)
    }

    fn statistics(&self, answer: &mut Answer) -> Result<(), Reason> {
        let block_size = self.block_size();
        let blocks = self.image.superblock().size.div_ceil(block_size.into());
        // Nothing is free, in blocks or in files.
        answer.u64(blocks).u64(0).u64(0);
        answer
            .u64(self.image.superblock().inode_count.into())
            .u64(0);
        answer
            .u32(block_size)
            .u32(libc::NAME_MAX as u32)
            .u32(block_size);
        answer.zeros(28);
        Ok(())
    }

    fn block_size(&self) -> u32 {
        self.image.superblock().block_size as u32
    }

    fn inode(&self, node: u64) -> Result<Inode, Reason> {
        let reference = match node {
            fuse::ROOT => self.image.superblock().root,
            _ => InodeReference(node.wrapping_sub(NODE_BIAS)),
        };
        Ok(self.image.inode(reference)?)
    }

    fn directory(&self, node: u64) -> Result<DirectoryPlace, Reason> {
        match self.inode(node)?.kind {
            Kind::Directory(place) => Ok(place),
            _ => Err(Errno(libc::ENOTDIR).into()),
        }
    }
}

const ATTRIBUTES_SIZE: usize = 88;

/// Node ids are inode references, moved out of the way of 0 (none) and 1 (the root): no table is needed, and nothing
/// has to be remembered until the kernel forgets it.
const NODE_BIAS: u64 = 2;

fn node(reference: InodeReference) -> u64 {
    reference.0 + NODE_BIAS
}

fn open(answer: &mut Answer, flags: u32) -> Result<(), Reason> {
    answer.u64(0).u32(flags).u32(0);
    Ok(())
}

const DOTS: [&[u8]; 2] = [b".", b".."];

/// Appends a directory entry, unless the answer would become larger than was asked for.
fn push_entry(
    answer: &mut Answer,
    size: usize,
    number: u32,
    kind: u8,
    name: &[u8],
    next_offset: u64,
) -> bool {
    const FIXED_SIZE: usize = 24;
    let padding = name.len().next_multiple_of(8) - name.len();
    if answer.body_size() + FIXED_SIZE + name.len() + padding > size {
        return false;
    }
    answer.u64(number.into()).u64(next_offset);
    answer.u32(name.len() as u32).u32(kind.into());
    answer.bytes(name).zeros(padding);
    true
}

/// The offset and size that a read asks for.
fn range(request: &Request<'_>) -> Result<(u64, usize), Reason> {
    let offset = fuse::u64_at(request.body, 8).ok_or(Errno(libc::EINVAL))?;
    let size = fuse::u32_at(request.body, 16).ok_or(Errno(libc::EINVAL))?;
    Ok((offset, size as usize))
}

fn type_bits(kind: &Kind) -> u32 {
    match kind {
        Kind::Directory(_) => libc::S_IFDIR,
        Kind::File(_) => libc::S_IFREG,
        Kind::Symlink(_) => libc::S_IFLNK,
        Kind::Special => libc::S_IFSOCK,
    }
}

fn entry_type(kind: u16) -> u8 {
    match kind {
        1 => libc::DT_DIR,
        2 => libc::DT_REG,
        3 => libc::DT_LNK,
        _ => libc::DT_SOCK,
    }
}
