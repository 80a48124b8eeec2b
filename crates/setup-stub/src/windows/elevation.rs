//! Whether the process may change what is for everybody.

use windows_sys::Win32::Foundation::{CloseHandle, HANDLE};
use windows_sys::Win32::Security::{
    GetTokenInformation, TOKEN_ELEVATION, TOKEN_QUERY, TokenElevation,
};
use windows_sys::Win32::System::Threading::{
    GetCurrentProcess, GetExitCodeProcess, INFINITE, OpenProcessToken, WaitForSingleObject,
};
use windows_sys::Win32::UI::Shell::{SEE_MASK_NOCLOSEPROCESS, SHELLEXECUTEINFOW, ShellExecuteExW};
use windows_sys::Win32::UI::WindowsAndMessaging::SW_SHOWNORMAL;

use super::text::wide;
use crate::problem::{Code, Problem};

pub fn is_administrator() -> bool {
    let mut token: HANDLE = std::ptr::null_mut();
    let mut elevation = TOKEN_ELEVATION::default();
    let mut size = size_of::<TOKEN_ELEVATION>() as u32;
    // SAFETY: the structure has the size that is passed, and the token is closed once.
    unsafe {
        if OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &mut token) == 0 {
            return false;
        }
        let place = (&raw mut elevation).cast();
        let result = GetTokenInformation(token, TokenElevation, place, size, &mut size);
        CloseHandle(token);
        result != 0 && elevation.TokenIsElevated != 0
    }
}

/// Starts the program again as an administrator, which Windows asks the user about, and waits for it.
pub fn as_administrator(arguments: &str) -> Result<i32, Problem> {
    let own = std::env::current_exe().unwrap_or_default();
    let (verb, file, arguments) = (wide("runas"), wide(&own.to_string_lossy()), wide(arguments));
    let mut call = SHELLEXECUTEINFOW {
        cbSize: size_of::<SHELLEXECUTEINFOW>() as u32,
        fMask: SEE_MASK_NOCLOSEPROCESS,
        lpVerb: verb.as_ptr(),
        lpFile: file.as_ptr(),
        lpParameters: arguments.as_ptr(),
        nShow: SW_SHOWNORMAL,
        ..Default::default()
    };
    let mut code = 0;
    // SAFETY: all texts end with a zero and live longer than the call; the process is closed once.
    unsafe {
        if ShellExecuteExW(&mut call) == 0 || call.hProcess.is_null() {
            return Err(refusal());
        }
        WaitForSingleObject(call.hProcess, INFINITE);
        GetExitCodeProcess(call.hProcess, &mut code);
        CloseHandle(call.hProcess);
    }
    Ok(code as i32)
}

pub fn refusal() -> Problem {
    Problem::new(
        Code::Administrator,
        "Only an administrator can do this for everybody who uses the machine. Start it as an administrator.",
    )
}
