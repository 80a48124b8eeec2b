//! Environment variables: those that are read, and those that the program inside is given.

use core::ffi::CStr;

use crate::sys::{self, Errno};

/// The value of a variable; nothing where it is unset or empty.
pub fn get(name: &CStr) -> Option<&'static [u8]> {
    // SAFETY: the environment is only changed by `set`, and no value that was read before is used after that.
    let value = unsafe { libc::getenv(name.as_ptr()) };
    if value.is_null() {
        return None;
    }
    // SAFETY: the C library hands out a string inside the environment.
    let value = unsafe { CStr::from_ptr(value) }.to_bytes();
    (!value.is_empty()).then_some(value)
}

pub fn is_set(name: &CStr) -> bool {
    get(name).is_some()
}

pub fn set(name: &CStr, value: &[u8]) -> Result<(), Errno> {
    let value = sys::c_string(value)?;
    // SAFETY: both are valid strings, which the C library copies.
    sys::check(unsafe { libc::setenv(name.as_ptr(), value.as_ptr(), 1) })?;
    Ok(())
}

/// Says what is being done where `VERBOSE` is set.
pub fn explain(parts: &[&[u8]]) {
    if is_set(c"VERBOSE") {
        sys::complain(parts);
    }
}
