//! Keys and values of the registry.

use windows_sys::Win32::Foundation::ERROR_SUCCESS;
use windows_sys::Win32::System::Registry::{
    HKEY, HKEY_CURRENT_USER, HKEY_LOCAL_MACHINE, KEY_READ, KEY_WRITE, REG_DWORD, REG_EXPAND_SZ,
    REG_SZ, RegCloseKey, RegCreateKeyExW, RegDeleteTreeW, RegDeleteValueW, RegOpenKeyExW,
    RegQueryValueExW, RegSetValueExW,
};

use super::text::wide;
use crate::problem::{Code, Problem};

/// An open key.
pub struct Key(HKEY);

/// A value, of the types that are used here.
#[derive(Clone, Debug)]
pub enum Value {
    Text(String),
    /// Text in which names between `%` stand for variables.
    Expanded(String),
    Number(u32),
}

/// Where what is for everybody or for the user is.
fn root(all_users: bool) -> HKEY {
    if all_users {
        HKEY_LOCAL_MACHINE
    } else {
        HKEY_CURRENT_USER
    }
}

impl Key {
    /// Opens a key for reading, if it is there.
    pub fn open(all_users: bool, path: &str) -> Option<Self> {
        let (path, mut key) = (wide(path), std::ptr::null_mut());
        // SAFETY: the path ends with a zero, and the key is closed by `drop`.
        let result =
            unsafe { RegOpenKeyExW(root(all_users), path.as_ptr(), 0, KEY_READ, &mut key) };
        (result == ERROR_SUCCESS).then_some(Self(key))
    }

    /// Opens a key for writing, and makes it if it is not there.
    pub fn create(all_users: bool, path: &str) -> Result<Self, Problem> {
        let (wide, mut key) = (wide(path), std::ptr::null_mut());
        // SAFETY: the path ends with a zero, everything that is null may be, and the key is closed by `drop`.
        let result = unsafe {
            RegCreateKeyExW(
                root(all_users),
                wide.as_ptr(),
                0,
                std::ptr::null(),
                0,
                KEY_READ | KEY_WRITE,
                std::ptr::null(),
                &mut key,
                std::ptr::null_mut(),
            )
        };
        check(result, path)?;
        Ok(Self(key))
    }

    /// The value of a name.
    pub fn get(&self, name: &str) -> Option<Value> {
        let name = wide(name);
        let (mut kind, mut size) = (0, 0);
        // SAFETY: the name ends with a zero; without a buffer only type and size are written.
        let result = unsafe {
            RegQueryValueExW(
                self.0,
                name.as_ptr(),
                std::ptr::null(),
                &mut kind,
                std::ptr::null_mut(),
                &mut size,
            )
        };
        if result != ERROR_SUCCESS {
            return None;
        }
        let mut bytes = vec![0u8; size as usize];
        // SAFETY: the buffer has the size that is passed, which the function lowers to what it wrote.
        let result = unsafe {
            RegQueryValueExW(
                self.0,
                name.as_ptr(),
                std::ptr::null(),
                &mut kind,
                bytes.as_mut_ptr(),
                &mut size,
            )
        };
        if result != ERROR_SUCCESS {
            return None;
        }
        bytes.truncate(size as usize);
        let units = bytes
            .chunks_exact(2)
            .map(|b| u16::from_le_bytes([b[0], b[1]]));
        let units: Vec<u16> = units.take_while(|unit| *unit != 0).collect();
        match kind {
            REG_SZ => Some(Value::Text(String::from_utf16(&units).ok()?)),
            REG_EXPAND_SZ => Some(Value::Expanded(String::from_utf16(&units).ok()?)),
            REG_DWORD => Some(Value::Number(u32::from_le_bytes(*bytes.first_chunk()?))),
            _ => None,
        }
    }

    /// Whether there is a value of a name, of any type.
    pub fn has(&self, name: &str) -> bool {
        let name = wide(name);
        let null = std::ptr::null_mut();
        // SAFETY: the name ends with a zero, and nothing is written.
        let result = unsafe {
            RegQueryValueExW(
                self.0,
                name.as_ptr(),
                null,
                null.cast(),
                null.cast(),
                null.cast(),
            )
        };
        result == ERROR_SUCCESS
    }

    /// A text that is there.
    pub fn text(&self, name: &str) -> Option<String> {
        match self.get(name)? {
            Value::Text(text) | Value::Expanded(text) => Some(text),
            Value::Number(_) => None,
        }
    }

    pub fn set(&self, name: &str, value: &Value) -> Result<(), Problem> {
        let (kind, bytes) = match value {
            Value::Text(text) => (REG_SZ, bytes(text)),
            Value::Expanded(text) => (REG_EXPAND_SZ, bytes(text)),
            Value::Number(number) => (REG_DWORD, number.to_le_bytes().to_vec()),
        };
        let wide = wide(name);
        // SAFETY: the name ends with a zero, and the bytes have the length that is passed.
        let result = unsafe {
            RegSetValueExW(
                self.0,
                wide.as_ptr(),
                0,
                kind,
                bytes.as_ptr(),
                bytes.len() as u32,
            )
        };
        check(result, name)
    }

    /// Removes a value, if it is there.
    pub fn remove(&self, name: &str) {
        let name = wide(name);
        // SAFETY: the name ends with a zero.
        unsafe { RegDeleteValueW(self.0, name.as_ptr()) };
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        // SAFETY: it is open, and nobody else has it.
        unsafe { RegCloseKey(self.0) };
    }
}

/// Removes a key with all in it, if it is there.
pub fn remove_key(all_users: bool, path: &str) {
    let path = wide(path);
    // SAFETY: the path ends with a zero.
    unsafe { RegDeleteTreeW(root(all_users), path.as_ptr()) };
}

fn bytes(text: &str) -> Vec<u8> {
    wide(text)
        .iter()
        .flat_map(|unit| unit.to_le_bytes())
        .collect()
}

fn check(result: u32, what: &str) -> Result<(), Problem> {
    if result == ERROR_SUCCESS {
        return Ok(());
    }
    let error = std::io::Error::from_raw_os_error(result as i32);
    let text = format!("The setup cannot write `{what}` to the registry: {error}");
    Err(Problem::new(Code::Failed, text))
}
