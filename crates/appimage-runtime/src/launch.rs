//! What happens from the start of the process to the start of the program inside.

use alloc::boxed::Box;
use alloc::vec::Vec;
use core::ffi::{CStr, c_int};

use crate::environment::{self, explain};
use crate::error::{During, Result};
use crate::extract::Extraction;
use crate::fuse::Server;
use crate::image::Image;
use crate::keepalive::Keepalive;
use crate::mount::{self, Mount, Visibility};
use crate::options::{self, Request};
use crate::sys::{self, Errno, File};
use crate::target::Target;
use crate::{copy, sections, tempdir};

type Arguments = Vec<&'static CStr>;

/// Exit codes of the runtime itself; all others are those of the program inside.
const DONE: c_int = 0;
const REFUSED: c_int = 1;
/// As a shell's for a command that it cannot run.
const CANNOT_RUN: c_int = 127;

const VERSION: &str = concat!("Sealift AppImage runtime ", env!("CARGO_PKG_VERSION"), "\n");

/// Does what the arguments ask for, and returns the exit code. Does not return where the program inside is started.
pub fn run(arguments: Arguments) -> c_int {
    let first = arguments.get(1).map(|argument| argument.to_bytes());
    let request = options::parse(first);
    let outcome = match request {
        Request::Help => {
            sys::print(&[options::HELP.as_bytes()]);
            Ok(DONE)
        }
        Request::Version => {
            sys::print(&[VERSION.as_bytes()]);
            Ok(DONE)
        }
        Request::Unknown => {
            let option = first.unwrap_or_default();
            sys::complain(&[
                option,
                b" is not implemented; --appimage-help lists the options",
            ]);
            Ok(REFUSED)
        }
        _ => Target::find().and_then(|target| act(request, target, arguments)),
    };
    outcome.unwrap_or_else(|error| {
        error.report();
        match request {
            Request::Run | Request::ExtractAndRun | Request::Mount => CANNOT_RUN,
            _ => REFUSED,
        }
    })
}

fn act(request: Request, target: Target, arguments: Arguments) -> Result<c_int> {
    match request {
        Request::Offset => sys::print(&[&sys::decimal(target.offset), b"\n"]),
        Request::UpdateInformation => sections::print(&target.file, &target.path, b".upd_info")?,
        Request::Signature => sections::print(&target.file, &target.path, b".sha256_sig")?,
        Request::PortableHome => target.make_portable(b".home")?,
        Request::PortableConfig => target.make_portable(b".config")?,
        Request::Extract => extract(target, arguments.get(2).copied())?,
        Request::Mount => mount_and_wait(target)?,
        Request::ExtractAndRun => extract_and_run(target, without_option(arguments))?,
        _ if environment::is_set(c"APPIMAGE_EXTRACT_AND_RUN") => {
            extract_and_run(target, arguments)?
        }
        _ => mount_and_run(target, arguments)?,
    }
    Ok(DONE)
}

/// The arguments without the one that was for the runtime.
fn without_option(mut arguments: Arguments) -> Arguments {
    arguments.remove(1);
    arguments
}

fn extract(target: Target, pattern: Option<&CStr>) -> Result<()> {
    const ROOT: &CStr = c"squashfs-root";
    let (image, _) = target.image()?;
    // SAFETY: the name is a valid string. Where it exists, opening it tells more.
    unsafe { libc::mkdir(ROOT.as_ptr(), 0o755) };
    let flags = libc::O_RDONLY | libc::O_DIRECTORY | libc::O_NOFOLLOW;
    let root = File::open(ROOT, flags).during("open the directory", ROOT.to_bytes())?;
    let report = |path: &[u8]| sys::print(&[ROOT.to_bytes(), b"/", path, b"\n"]);
    Extraction::new(&image, pattern, report).run(&root)
}

fn mount_and_wait(target: Target) -> Result<()> {
    let (image, path) = target.image()?;
    let mount = mount::mount(&mount::plain_name(&path), Visibility::Everyone)?;
    let line = [&mount.path[..], b"\n"].concat();
    serve(image, mount)?;
    sys::print(&[&line]);
    loop {
        // SAFETY: waits for a signal; the guard unmounts when this process has ended.
        unsafe { libc::pause() };
    }
}

fn mount_and_run(target: Target, arguments: Arguments) -> Result<()> {
    let (image, path) = target.image()?;
    match mount::mount(&mount::plain_name(&path), Visibility::Program) {
        Ok(mount) => {
            let root = mount.path.clone();
            serve(image, mount)?;
            execute(&path, &root, arguments)
        }
        Err(error) => {
            explain(&[
                b"no way to mount works (",
                error.errno().text(),
                b"): extracting",
            ]);
            run_copy(image, &path, arguments)
        }
    }
}

/// Answers the mount's requests in the background until the program has ended.
fn serve(image: Image, mount: Mount) -> Result<()> {
    let path = mount.path.clone();
    let start = || {
        let keepalive = Keepalive::new()?;
        let files = [mount.device.raw(), image.backend().file().raw()];
        keepalive.guard(&files, |watch| {
            let (device, unmount) = mount.split();
            let server: &'static Server = Box::leak(Box::new(Server::new(image, device)));
            if let Ok(threads) = server.start() {
                watch.wait();
                unmount.run();
                // Until the last user of an open file is gone as well.
                server.join(threads);
            }
        })
    };
    start().during("serve the files on", &path)
}

fn extract_and_run(target: Target, arguments: Arguments) -> Result<()> {
    let (image, path) = target.image()?;
    run_copy(image, &path, arguments)
}

fn run_copy(image: Image, path: &[u8], arguments: Arguments) -> Result<()> {
    let root = if environment::is_set(c"NO_CLEANUP") {
        copy::reusable(&image)?
    } else {
        copy::temporary(&image)?
    };
    drop(image);
    execute(path, &root, arguments)
}

/// Replaces this process by the program inside; returns only with an error.
fn execute(path: &[u8], root: &[u8], arguments: Arguments) -> Result<()> {
    let program = [root, b"/AppRun"].concat();
    explain(&[b"starting ", &program]);
    prepare(path, root, &arguments).during("set the environment for", &program)?;
    let file = sys::c_string(&program[..]).during("run", &program)?;
    let mut vector: Vec<_> = arguments.iter().map(|argument| argument.as_ptr()).collect();
    vector.push(core::ptr::null());
    // SAFETY: the vector holds valid strings and ends with null.
    unsafe { libc::execv(file.as_ptr(), vector.as_ptr()) };
    Err(Errno::last()).during("run", &program)
}

fn prepare(path: &[u8], root: &[u8], arguments: &Arguments) -> core::result::Result<(), Errno> {
    environment::set(c"APPIMAGE", path)?;
    environment::set(c"APPDIR", root)?;
    if let Some(name) = arguments.first() {
        environment::set(c"ARGV0", name.to_bytes())?;
    }
    let current = tempdir::absolute(b".");
    if current.starts_with(b"/") {
        environment::set(c"OWD", &current)?;
    }
    for (suffix, variable) in [(&b".home"[..], c"HOME"), (b".config", c"XDG_CONFIG_HOME")] {
        let directory = [path, suffix].concat();
        if is_own_directory(&directory) {
            environment::set(variable, &directory)?;
        }
    }
    Ok(())
}

/// Whether a directory, and the link that leads to it if there is one, is this user's and nobody else can write there.
/// An AppImage may lie where others can write, and what they put beside it must not become this user's home.
fn is_own_directory(path: &[u8]) -> bool {
    // SAFETY: cannot fail.
    let user = unsafe { libc::geteuid() };
    let status = |flags| {
        sys::c_string(path)
            .and_then(|path| File::open(&path, flags))
            .and_then(|file| file.status())
    };
    let link = status(libc::O_PATH | libc::O_NOFOLLOW);
    let directory = status(libc::O_PATH | libc::O_DIRECTORY);
    link.is_ok_and(|link| link.st_uid == user)
        && directory.is_ok_and(|directory| is_only_for(&directory, user))
}

fn is_only_for(directory: &libc::stat, user: libc::uid_t) -> bool {
    const FOR_OTHERS: u32 = libc::S_IWGRP | libc::S_IWOTH;
    directory.st_uid == user
        && directory.st_mode & FOR_OTHERS == 0
        && directory.st_mode & libc::S_IWUSR != 0
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn what_others_own_or_can_write_to_is_no_home() {
        let name = format!("appimage-runtime-{}-home", std::process::id());
        let place = std::env::temp_dir().join(name);
        let home = place.join("x.home");
        std::fs::create_dir_all(&home).expect("the temporary directory is writable");
        let is_home =
            |path: &std::path::Path| is_own_directory(path.as_os_str().as_encoded_bytes());
        let set = |mode| {
            let mode = std::fs::Permissions::from_mode(mode);
            std::fs::set_permissions(&home, mode).expect("the directory is ours");
        };
        set(0o755);
        assert!(is_home(&home));
        symlink(&home, place.join("link")).expect("the place is ours");
        assert!(is_home(&place.join("link")));
        for mode in [0o775, 0o757, 0o555] {
            set(mode);
            assert!(!is_home(&home), "{mode:o}");
        }
        std::fs::write(place.join("file"), b"").expect("the place is ours");
        assert!(!is_home(&place.join("file")) && !is_home(&place.join("none")));
        std::fs::remove_dir_all(&place).expect("the place is ours");
        let path = sys::c_string(&b"/proc/self"[..]).expect("a path");
        let own = File::open(&path, libc::O_PATH).and_then(|file| file.status());
        let mut status = own.expect("Linux has it");
        status.st_mode = libc::S_IFDIR | 0o700;
        assert!(is_only_for(&status, status.st_uid));
        assert!(!is_only_for(&status, status.st_uid + 1));
    }
}
