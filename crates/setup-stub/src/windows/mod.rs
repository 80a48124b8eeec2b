//! What is Windows' own: the registry, shortcuts, known directories, windows.

mod elevation;
mod install;
mod known;
mod message;
mod path;
mod registry;
mod remove;
mod shortcut;
mod text;
mod window;

use std::fs::File;

use windows_sys::Win32::Foundation::{ERROR_ALREADY_EXISTS, GetLastError};
use windows_sys::Win32::System::Environment::GetCommandLineW;
use windows_sys::Win32::System::Threading::CreateMutexW;

use crate::options::{HELP, Options};
use crate::problem::{Code, Problem};
use crate::source::{Kind, Source};
use text::{from_wide, wide};

/// Does what the command line says, and returns the exit code.
pub fn main() -> i32 {
    // SAFETY: the command line is text that ends with a zero, and stays as long as the process.
    let line = unsafe { from_wide(GetCommandLineW()) };
    let options = match Options::parse(&line) {
        Ok(options) => options,
        Err(text) => {
            message::error(true, "Setup", &text);
            return Code::Usage as i32;
        }
    };
    if options.help {
        message::help("Setup", HELP);
        return 0;
    }
    match run(&options) {
        Ok(()) => 0,
        Err(problem) => {
            if problem.code != Code::Canceled {
                message::error(options.silent, "Setup", &problem.text);
            }
            problem.code as i32
        }
    }
}

fn run(options: &Options) -> Result<(), Problem> {
    let own = std::env::current_exe().and_then(|path| Ok((File::open(&path)?, path)));
    let (file, path) = own.map_err(|error| {
        let text = format!("The setup cannot open its own file: {error}");
        Problem::new(Code::Failed, text)
    })?;
    match Source::open(file)? {
        Kind::Setup(source) => {
            let _alone = alone(&source.contents.name)?;
            install::run(*source, options)
        }
        Kind::Uninstaller => remove::run(&path, options),
    }
}

/// Makes sure that no other setup of the program is running. What is returned has to be kept.
fn alone(name: &str) -> Result<isize, Problem> {
    let name = wide(&format!("Local\\sealift-setup-{}", name.replace('\\', "-")));
    // SAFETY: the name ends with a zero.
    let (mutex, error) = unsafe {
        (
            CreateMutexW(std::ptr::null(), 1, name.as_ptr()),
            GetLastError(),
        )
    };
    if !mutex.is_null() && error == ERROR_ALREADY_EXISTS {
        let text = "This setup is running already.";
        return Err(Problem::new(Code::InUse, text));
    }
    Ok(mutex as isize)
}
