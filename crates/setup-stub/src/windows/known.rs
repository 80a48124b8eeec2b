//! The directories that Windows has for everybody and for each user.

use std::path::PathBuf;

use windows_sys::Win32::System::Com::CoTaskMemFree;
use windows_sys::Win32::UI::Shell::{
    FOLDERID_CommonPrograms, FOLDERID_Desktop, FOLDERID_LocalAppData, FOLDERID_ProgramFiles,
    FOLDERID_Programs, FOLDERID_PublicDesktop, KF_FLAG_CREATE, SHGetKnownFolderPath,
};
use windows_sys::core::GUID;

use super::text::from_wide;
use crate::problem::{Code, Problem};

/// Where programs are installed.
pub fn programs(all_users: bool) -> Result<PathBuf, Problem> {
    if all_users {
        known(&FOLDERID_ProgramFiles)
    } else {
        Ok(known(&FOLDERID_LocalAppData)?.join("Programs"))
    }
}

/// The start menu.
pub fn start_menu(all_users: bool) -> Result<PathBuf, Problem> {
    known(if all_users {
        &FOLDERID_CommonPrograms
    } else {
        &FOLDERID_Programs
    })
}

/// The desktop.
pub fn desktop(all_users: bool) -> Result<PathBuf, Problem> {
    known(if all_users {
        &FOLDERID_PublicDesktop
    } else {
        &FOLDERID_Desktop
    })
}

fn known(id: &GUID) -> Result<PathBuf, Problem> {
    let mut path = std::ptr::null_mut();
    // SAFETY: the path is made by the function, ends with a zero, and is freed once, also after an error.
    let found = unsafe {
        let result =
            SHGetKnownFolderPath(id, KF_FLAG_CREATE as u32, std::ptr::null_mut(), &mut path);
        let text = (result >= 0).then(|| from_wide(path));
        CoTaskMemFree(path.cast());
        text
    };
    let missing = || Problem::new(Code::Failed, "A directory of Windows is not there.");
    found.map(PathBuf::from).ok_or_else(missing)
}
