//! The AppImage that is acted on: this program's own file, or the one that `TARGET_APPIMAGE` names.

use alloc::vec::Vec;

use crate::error::{During, Result};
use crate::image::{self, Image};
use crate::sys::{self, Errno, File};
use crate::{elf, environment, tempdir};

pub struct Target {
    /// Absolute, without symbolic links.
    pub path: Vec<u8>,
    pub file: File,
    /// Where the image begins.
    pub offset: u64,
}

impl Target {
    pub fn find() -> Result<Self> {
        let (path, file) = match environment::get(c"TARGET_APPIMAGE") {
            Some(path) => (tempdir::absolute(path), open(path)?),
            None => own_file()?,
        };
        let offset = elf::size(&file).during("read", &path)?;
        Ok(Self { path, file, offset })
    }

    /// Opens the image, and returns the path beside it.
    pub fn image(self) -> Result<(Image, Vec<u8>)> {
        let image = image::open(self.file, self.offset).during("read", &self.path)?;
        Ok((image, self.path))
    }

    /// Makes a directory beside the AppImage, which the program is given at its next start.
    pub fn make_portable(&self, suffix: &[u8]) -> Result<()> {
        let directory = [&self.path, suffix].concat();
        let made = sys::c_string(&directory[..]).and_then(|path| {
            // SAFETY: the path is a valid string.
            sys::check(unsafe { libc::mkdir(path.as_ptr(), 0o700) })
        });
        made.during("make the directory", &directory)?;
        sys::print(&[b"made ", &directory, b"\n"]);
        Ok(())
    }
}

fn open(path: &[u8]) -> Result<File> {
    sys::c_string(path)
        .and_then(|path| File::open(&path, libc::O_RDONLY))
        .during("open", path)
}

fn own_file() -> Result<(Vec<u8>, File)> {
    const OWN: &[u8] = b"/proc/self/exe";
    if let Ok(file) = open(OWN) {
        return Ok((tempdir::absolute(OWN), file));
    }
    // Without /proc, the kernel has left the path as it was started by.
    // SAFETY: the auxiliary vector holds a valid string there, or zero.
    let started = unsafe { libc::getauxval(libc::AT_EXECFN) } as *const core::ffi::c_char;
    if started.is_null() {
        return Err(Errno(libc::ENOENT)).during("open", OWN);
    }
    // SAFETY: as above.
    let started = unsafe { core::ffi::CStr::from_ptr(started) }.to_bytes();
    Ok((tempdir::absolute(started), open(started)?))
}
