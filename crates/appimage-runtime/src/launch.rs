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
        if is_writable_directory(&directory) {
            environment::set(variable, &directory)?;
        }
    }
    Ok(())
}

fn is_writable_directory(path: &[u8]) -> bool {
    let Ok(path) = sys::c_string([path, b"/"].concat()) else {
        return false;
    };
    // SAFETY: the path is a valid string; with the slash at its end it exists only as a directory.
    unsafe { libc::access(path.as_ptr(), libc::W_OK) == 0 }
}
