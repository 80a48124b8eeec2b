//! The variable `PATH` of the user or the machine.

use windows_sys::Win32::System::Environment::ExpandEnvironmentStringsW;
use windows_sys::Win32::UI::WindowsAndMessaging::{
    HWND_BROADCAST, SMTO_ABORTIFHUNG, SendMessageTimeoutW, WM_SETTINGCHANGE,
};

use super::registry::{Key, Value};
use super::text::wide;
use crate::path_variable;
use crate::problem::{Code, Problem};

const NAME: &str = "Path";

fn key(all_users: bool) -> &'static str {
    if all_users {
        "SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Environment"
    } else {
        "Environment"
    }
}

/// Refuses a directory that the variable cannot hold.
pub fn check(directory: &str) -> Result<(), Problem> {
    if !directory.contains(';') && expanded(directory) == directory {
        return Ok(());
    }
    Err(Problem::new(
        Code::Usage,
        format!(
            "PATH cannot hold {directory}: it has a `;`, or the name of a variable between `%`. Choose another directory, or add the option /NOPATH."
        ),
    ))
}

/// Adds a directory, unless it is there. Returns whether it was added.
pub fn add(all_users: bool, directory: &str) -> Result<bool, Problem> {
    let key = Key::create(all_users, key(all_users))?;
    let new = |old: &str| path_variable::with(old, directory);
    change(&key, new)
}

/// Removes a directory, and the variable with it if there is nothing else in it.
pub fn remove(all_users: bool, directory: &str) -> Result<(), Problem> {
    let key = Key::create(all_users, key(all_users))?;
    change(&key, |old| path_variable::without(old, directory))?;
    if matches!(key.text(NAME), Some(text) if text.is_empty()) {
        key.remove(NAME);
    }
    Ok(())
}

fn change(key: &Key, new: impl Fn(&str) -> Option<String>) -> Result<bool, Problem> {
    let old = key.get(NAME);
    // The type stays, as other entries depend on it.
    let value = match &old {
        None if key.has(NAME) => {
            return Err(Problem::new(
                Code::Failed,
                "PATH in the registry is not text.",
            ));
        }
        None => new("").map(Value::Expanded),
        Some(Value::Text(text)) => new(text).map(Value::Text),
        Some(Value::Expanded(text)) => new(text).map(Value::Expanded),
        Some(Value::Number(_)) => None,
    };
    let Some(value) = value else {
        return Ok(false);
    };
    key.set(NAME, &value)?;
    tell();
    Ok(true)
}

/// Tells the desktop, so that what is started from now on has the new variable.
fn tell() {
    let what = wide("Environment");
    // SAFETY: the text ends with a zero and lives longer than the call, and no result is asked for.
    unsafe {
        SendMessageTimeoutW(
            HWND_BROADCAST,
            WM_SETTINGCHANGE,
            0,
            what.as_ptr() as isize,
            SMTO_ABORTIFHUNG,
            1000,
            std::ptr::null_mut(),
        );
    }
}

fn expanded(text: &str) -> String {
    let text = wide(text);
    // SAFETY: the text ends with a zero; without a buffer only the length is returned.
    let length = unsafe { ExpandEnvironmentStringsW(text.as_ptr(), std::ptr::null_mut(), 0) };
    let mut buffer = vec![0; length as usize];
    // SAFETY: the buffer has the length that is passed.
    unsafe { ExpandEnvironmentStringsW(text.as_ptr(), buffer.as_mut_ptr(), length) };
    let units: Vec<u16> = buffer.into_iter().take_while(|unit| *unit != 0).collect();
    String::from_utf16_lossy(&units)
}
