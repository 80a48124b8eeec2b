//! The program at the head of an AppImage.
//!
//! It finds the squashfs image that is appended to its own file, makes the image's files visible (by FUSE, or by
//! extracting them), and replaces itself by the `AppRun` inside. It links musl and nothing of std, because it is
//! copied into every AppImage.
#![cfg_attr(not(test), no_std)]
#![cfg_attr(not(test), no_main)]
#![cfg_attr(
    test,
    expect(
        dead_code,
        reason = "the test program does not start where the runtime does"
    )
)]

extern crate alloc;

mod copy;
mod elf;
mod environment;
mod error;
mod extract;
mod fuse;
mod helper;
mod image;
mod keepalive;
mod launch;
mod mount;
mod options;
mod sections;
mod sums;
mod sync;
mod sys;
mod target;
mod tempdir;

#[cfg(not(test))]
mod entry {
    use core::ffi::{CStr, c_char, c_int};

    /// What musl's start-up code calls.
    #[unsafe(no_mangle)]
    extern "C" fn main(argc: c_int, argv: *const *const c_char) -> c_int {
        let count = usize::try_from(argc).unwrap_or(0);
        // SAFETY: the kernel and musl hand over `argc` pointers to strings that live as long as the process.
        let arguments = unsafe { core::slice::from_raw_parts(argv, count) }
            .iter()
            .map(|argument| unsafe { CStr::from_ptr(*argument) })
            .collect();
        crate::launch::run(arguments)
    }

    /// What the unwind tables of a `core` that was compiled to unwind name, as rustc's own build of it for musl is.
    #[unsafe(no_mangle)]
    extern "C" fn rust_eh_personality() {}

    #[panic_handler]
    fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
        // Formatting the message would double the size of the program; a core dump tells the place.
        // SAFETY: has no preconditions.
        unsafe { libc::abort() }
    }
}
