//! Shortcuts (.lnk), which the shell writes.

use std::ffi::c_void;
use std::path::Path;

use windows_sys::Win32::System::Com::{
    CLSCTX_INPROC_SERVER, COINIT_APARTMENTTHREADED, CoCreateInstance, CoInitializeEx,
};
use windows_sys::core::{GUID, HRESULT};

use super::text::wide;
use crate::problem::{Code, Problem};

/// What a shortcut starts.
pub struct Shortcut<'a> {
    pub program: &'a Path,
    pub arguments: &'a str,
    pub comment: &'a str,
    pub directory: &'a Path,
    /// Whose first icon is shown, if it is not the program.
    pub icon: Option<&'a Path>,
}

const SHELL_LINK: GUID = GUID::from_u128(0x00021401_0000_0000_c000_000000000046);
const I_SHELL_LINK: GUID = GUID::from_u128(0x000214f9_0000_0000_c000_000000000046);
const I_PERSIST_FILE: GUID = GUID::from_u128(0x0000010b_0000_0000_c000_000000000046);

type SetText = unsafe extern "system" fn(*mut c_void, *const u16) -> HRESULT;

/// The functions of `IShellLinkW` (shobjidl_core.h), in their order. Those that are not called have a place only.
#[repr(C)]
struct ShellLink {
    query: unsafe extern "system" fn(*mut c_void, *const GUID, *mut *mut c_void) -> HRESULT,
    add_ref: usize,
    release: unsafe extern "system" fn(*mut c_void) -> u32,
    getters: [usize; 4],
    set_description: SetText,
    get_working_directory: usize,
    set_working_directory: SetText,
    get_arguments: usize,
    set_arguments: SetText,
    hotkey_and_show: [usize; 4],
    get_icon: usize,
    set_icon: unsafe extern "system" fn(*mut c_void, *const u16, i32) -> HRESULT,
    relative_and_resolve: [usize; 2],
    set_path: SetText,
}

/// The functions of `IPersistFile` (objidl.h).
#[repr(C)]
struct PersistFile {
    query_and_add_ref: [usize; 2],
    release: unsafe extern "system" fn(*mut c_void) -> u32,
    before: [usize; 3],
    save: unsafe extern "system" fn(*mut c_void, *const u16, i32) -> HRESULT,
}

/// Writes a shortcut.
pub fn write(place: &Path, shortcut: &Shortcut<'_>) -> Result<(), Problem> {
    let path = |path: &Path| wide(&path.to_string_lossy());
    let result = (|| {
        let mut link = std::ptr::null_mut();
        // SAFETY: the interface is the one of the table above, all texts end with a zero, and what is made is released.
        unsafe {
            CoInitializeEx(std::ptr::null(), COINIT_APARTMENTTHREADED as u32);
            let null = std::ptr::null_mut();
            check(CoCreateInstance(
                &SHELL_LINK,
                null,
                CLSCTX_INPROC_SERVER,
                &I_SHELL_LINK,
                &mut link,
            ))?;
            let table = &**link.cast::<*const ShellLink>();
            let written = (|| {
                check((table.set_path)(link, path(shortcut.program).as_ptr()))?;
                check((table.set_arguments)(
                    link,
                    wide(shortcut.arguments).as_ptr(),
                ))?;
                check((table.set_description)(
                    link,
                    wide(shortcut.comment).as_ptr(),
                ))?;
                check((table.set_working_directory)(
                    link,
                    path(shortcut.directory).as_ptr(),
                ))?;
                if let Some(icon) = shortcut.icon {
                    check((table.set_icon)(link, path(icon).as_ptr(), 0))?;
                }
                let mut file = std::ptr::null_mut();
                check((table.query)(link, &I_PERSIST_FILE, &mut file))?;
                let files = &**file.cast::<*const PersistFile>();
                let saved = check((files.save)(file, path(place).as_ptr(), 1));
                (files.release)(file);
                saved
            })();
            (table.release)(link);
            written
        }
    })();
    result.map_err(|code| {
        let place = place.display();
        Problem::new(
            Code::Failed,
            format!("The setup cannot write {place}: error {code:#x}"),
        )
    })
}

fn check(result: HRESULT) -> Result<(), HRESULT> {
    if result < 0 { Err(result) } else { Ok(()) }
}
