//! Safe faces of the system calls that the runtime uses.

use alloc::ffi::CString;
use alloc::vec::Vec;
use core::alloc::{GlobalAlloc, Layout};
use core::ffi::{CStr, c_int, c_void};

/// An error number of a system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Errno(pub c_int);

impl Errno {
    /// The error of the call that has just failed.
    pub fn last() -> Self {
        // SAFETY: the location is this thread's own and always valid.
        Errno(unsafe { *libc::__errno_location() })
    }

    /// The C library's description.
    pub fn text(self) -> &'static [u8] {
        // SAFETY: returns a string that is never freed; only one thread reports errors.
        unsafe { CStr::from_ptr(libc::strerror(self.0)) }.to_bytes()
    }
}

/// Turns the -1 of a system call into its error.
pub fn check<T: PartialOrd + Default>(returned: T) -> Result<T, Errno> {
    if returned < T::default() {
        return Err(Errno::last());
    }
    Ok(returned)
}

/// Repeats a call that a signal interrupted.
pub fn retry<T: PartialOrd + Default>(mut call: impl FnMut() -> T) -> Result<T, Errno> {
    loop {
        match check(call()) {
            Err(Errno(libc::EINTR)) => {}
            result => return result,
        }
    }
}

/// A C string of some bytes; a zero byte inside is an invalid argument.
pub fn c_string(bytes: impl Into<Vec<u8>>) -> Result<CString, Errno> {
    CString::new(bytes).map_err(|_| Errno(libc::EINVAL))
}

/// An open file, closed when dropped.
#[derive(Debug)]
pub struct File(c_int);

impl File {
    /// Takes over an open descriptor.
    pub fn from_raw(descriptor: c_int) -> Self {
        File(descriptor)
    }

    pub fn raw(&self) -> c_int {
        self.0
    }

    /// Opens a path; the descriptor does not survive exec.
    pub fn open(path: &CStr, flags: c_int) -> Result<Self, Errno> {
        Self::open_at(libc::AT_FDCWD, path, flags, 0)
    }

    /// Opens a path relative to a directory's descriptor.
    pub fn open_at(dir: c_int, path: &CStr, flags: c_int, mode: u32) -> Result<Self, Errno> {
        let flags = flags | libc::O_CLOEXEC;
        // SAFETY: the path is a valid string for the duration of the call.
        retry(|| unsafe { libc::openat(dir, path.as_ptr(), flags, mode) }).map(File)
    }

    /// Fills the buffer from a position; a file that ends before is an input error.
    pub fn read_at(&self, mut buffer: &mut [u8], mut offset: u64) -> Result<(), Errno> {
        while !buffer.is_empty() {
            let position = i64::try_from(offset).map_err(|_| Errno(libc::EIO))?;
            let (start, length) = (buffer.as_mut_ptr().cast(), buffer.len());
            // SAFETY: the buffer is valid for writes of its length.
            let n = retry(|| unsafe { libc::pread(self.0, start, length, position) })? as usize;
            if n == 0 {
                return Err(Errno(libc::EIO));
            }
            buffer = &mut buffer[n..];
            offset += n as u64;
        }
        Ok(())
    }

    /// Reads once.
    pub fn read(&self, buffer: &mut [u8]) -> Result<usize, Errno> {
        let (start, length) = (buffer.as_mut_ptr().cast(), buffer.len());
        // SAFETY: the buffer is valid for writes of its length.
        check(unsafe { libc::read(self.0, start, length) }).map(|n| n as usize)
    }

    /// Writes once.
    pub fn write(&self, bytes: &[u8]) -> Result<usize, Errno> {
        // SAFETY: the bytes are valid for reads of their length.
        let n = retry(|| unsafe { libc::write(self.0, bytes.as_ptr().cast(), bytes.len()) })?;
        Ok(n as usize)
    }

    /// Writes several parts as one.
    pub fn write_parts(&self, parts: &[&[u8]]) -> Result<usize, Errno> {
        let piece = |part: &&[u8]| libc::iovec {
            iov_base: part.as_ptr().cast_mut().cast(),
            iov_len: part.len(),
        };
        let pieces: Vec<_> = parts.iter().map(piece).collect();
        let count = pieces.len() as c_int;
        // SAFETY: each piece is valid for reads of its length.
        let n = retry(|| unsafe { libc::writev(self.0, pieces.as_ptr(), count) })?;
        Ok(n as usize)
    }

    pub fn write_all(&self, mut bytes: &[u8]) -> Result<(), Errno> {
        while !bytes.is_empty() {
            let n = self.write(bytes)?;
            bytes = &bytes[n..];
        }
        Ok(())
    }

    pub fn status(&self) -> Result<libc::stat, Errno> {
        // SAFETY: all-zero bytes are a valid `stat`, which the call then fills.
        let mut status: libc::stat = unsafe { core::mem::zeroed() };
        // SAFETY: the status is valid for writes.
        check(unsafe { libc::fstat(self.0, &mut status) })?;
        Ok(status)
    }
}

impl Drop for File {
    fn drop(&mut self) {
        // SAFETY: the descriptor is owned; an error at closing changes nothing for files that are read, and writers
        // have checked their writes.
        unsafe { libc::close(self.0) };
    }
}

/// Writes parts as one piece to standard output. A reader that has gone away is no concern of ours.
pub fn print(parts: &[&[u8]]) {
    write_to(libc::STDOUT_FILENO, parts.concat());
}

/// Writes parts as one line to standard error.
pub fn complain(parts: &[&[u8]]) {
    let mut line = parts.concat();
    line.push(b'\n');
    write_to(libc::STDERR_FILENO, line);
}

fn write_to(descriptor: c_int, text: Vec<u8>) {
    let file = core::mem::ManuallyDrop::new(File(descriptor));
    // There is nowhere to tell that the place for telling is gone.
    let _ = file.write_all(&text);
}

/// A number as decimal digits.
pub fn decimal(mut number: u64) -> Vec<u8> {
    let mut digits = Vec::new();
    loop {
        digits.push(b'0' + (number % 10) as u8);
        number /= 10;
        if number == 0 {
            digits.reverse();
            return digits;
        }
    }
}

/// A number as sixteen hexadecimal digits.
pub fn hexadecimal(number: u64) -> Vec<u8> {
    let digit = |shift: u32| b"0123456789abcdef"[(number >> shift & 15) as usize];
    (0..16).rev().map(|place| digit(place * 4)).collect()
}

/// Memory from musl.
struct Malloc;

#[cfg(not(test))]
#[global_allocator]
static ALLOCATOR: Malloc = Malloc;

/// What musl's `malloc` guarantees, on 32-bit machines too.
const MALLOC_ALIGNMENT: usize = 16;

// SAFETY: forwards to the C library, whose blocks have the size asked for and at least the alignment checked here.
unsafe impl GlobalAlloc for Malloc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= MALLOC_ALIGNMENT {
            // SAFETY: has no preconditions.
            return unsafe { libc::malloc(layout.size()) }.cast();
        }
        let mut block: *mut c_void = core::ptr::null_mut();
        // SAFETY: an alignment above 16 is a power of two and a multiple of a pointer's size.
        unsafe { libc::posix_memalign(&mut block, layout.align(), layout.size()) };
        block.cast()
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.align() <= MALLOC_ALIGNMENT {
            // SAFETY: has no preconditions; fresh pages are not cleared twice.
            return unsafe { libc::calloc(1, layout.size()) }.cast();
        }
        // SAFETY: the caller's layout is passed on; the new block is valid for its size.
        unsafe {
            let block = self.alloc(layout);
            if !block.is_null() {
                block.write_bytes(0, layout.size());
            }
            block
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, _: Layout) {
        // SAFETY: the caller got the block from `alloc`.
        unsafe { libc::free(block.cast()) };
    }
}
