//! Words for the user: on the console that a silent setup was started from, else in a box.

use std::io::Write;

use windows_sys::Win32::System::Console::{
    ATTACH_PARENT_PROCESS, AttachConsole, GetStdHandle, STD_ERROR_HANDLE, STD_OUTPUT_HANDLE,
};
use windows_sys::Win32::UI::WindowsAndMessaging::{
    IDYES, MB_ICONERROR, MB_ICONINFORMATION, MB_ICONQUESTION, MB_OK, MB_YESNO, MessageBoxW,
};

use super::text::wide;

/// Says why something was not done.
pub fn error(silent: bool, title: &str, text: &str) {
    if has_console(STD_ERROR_HANDLE) {
        let _ = writeln!(std::io::stderr(), "error: {text}");
    }
    if !silent {
        show(title, text, MB_OK | MB_ICONERROR);
    }
}

/// Says that something is done.
pub fn done(title: &str, text: &str) {
    show(title, text, MB_OK | MB_ICONINFORMATION);
}

/// Shows the options.
pub fn help(title: &str, text: &str) {
    if has_console(STD_OUTPUT_HANDLE) {
        let _ = writeln!(std::io::stdout(), "{text}");
    } else {
        show(title, text, MB_OK | MB_ICONINFORMATION);
    }
}

/// Whether the user says yes.
pub fn asks(title: &str, text: &str) -> bool {
    show(title, text, MB_YESNO | MB_ICONQUESTION) == IDYES
}

fn show(title: &str, text: &str, style: u32) -> i32 {
    let (title, text) = (wide(title), wide(text));
    // SAFETY: both texts end with a zero, and no window owns the box.
    unsafe { MessageBoxW(std::ptr::null_mut(), text.as_ptr(), title.as_ptr(), style) }
}

/// Whether there is somebody to read what is written: a file, a pipe, or the console of the caller. Programs with windows
/// are given none of their own.
fn has_console(which: u32) -> bool {
    // SAFETY: neither call has conditions.
    unsafe {
        let has = |which| !GetStdHandle(which).is_null();
        has(which) || (AttachConsole(ATTACH_PARENT_PROCESS) != 0 && has(which))
    }
}
