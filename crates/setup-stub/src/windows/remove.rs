//! Removing what was installed.

use std::fs;
use std::os::windows::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use windows_sys::Win32::Storage::FileSystem::{MOVEFILE_DELAY_UNTIL_REBOOT, MoveFileExW};
use windows_sys::Win32::System::Threading::CREATE_NO_WINDOW;

use super::registry::{Key, remove_key};
use super::text::wide;
use super::{alone, elevation, install, message, path};
use crate::files::Place;
use crate::options::Options;
use crate::problem::{Code, Problem};

/// Removes the program beside which this one lies.
pub fn run(own: &Path, options: &Options) -> Result<(), Problem> {
    let directory = own.parent().unwrap_or(own);
    let place = Place::new(directory);
    let Some(record) = place.record()? else {
        let shown = directory.display();
        return Err(Problem::new(
            Code::Failed,
            format!("Nothing is installed in {shown}."),
        ));
    };
    let (name, version) = (&record.name, &record.version);
    if record.all_users && !elevation::is_administrator() {
        if options.silent {
            return Err(elevation::refusal());
        }
        return match elevation::as_administrator(if options.purge { "/PURGE" } else { "" })? {
            0 => Ok(()),
            _ => Err(Problem::new(Code::Canceled, "")),
        };
    }
    let _alone = alone(name)?;
    if !options.silent
        && !message::asks(
            name,
            &format!("Remove {name} {version} from this computer?"),
        )
    {
        return Err(Problem::new(Code::Canceled, ""));
    }
    if let Some(program) = place.in_use(&record.files) {
        let program = program.display();
        return Err(Problem::new(
            Code::InUse,
            format!("{program} is running. Close it, and try again. Nothing was removed."),
        ));
    }
    for link in &record.links {
        let _ = fs::remove_file(link);
    }
    if record.path {
        path::remove(record.all_users, &directory.to_string_lossy())?;
    }
    place.remove(&record.files, options.purge)?;
    let key = install::key(name);
    let location = Key::open(record.all_users, &key).and_then(|key| key.text("InstallLocation"));
    // Another installation may have taken its place in the list.
    if location.is_none_or(|location| Path::new(&location) == directory) {
        remove_key(record.all_users, &key);
    }
    place.remove_own();
    remove_self(own, directory);
    if !options.silent {
        message::done(name, &format!("{name} {version} was removed."));
    }
    Ok(())
}

/// A program that runs cannot be removed, but it can be moved: out of the directory, which is removed then, and removed by a
/// command that waits for its end.
fn remove_self(own: &Path, directory: &Path) {
    let moved = std::env::temp_dir().join(format!("uninstall-{}.exe", std::process::id()));
    let rest = match fs::rename(own, &moved) {
        Ok(()) => moved,
        // Not the same volume.
        Err(_) => own.to_owned(),
    };
    let _ = fs::remove_dir(directory);
    let shell = std::env::var_os("SystemRoot").unwrap_or_else(|| "C:\\Windows".into());
    let shell = Path::new(&shell).join("System32\\cmd.exe");
    // The paths are variables, so that no character of theirs is one of the shell's. Each `ping` waits, as nothing else does
    // without a console.
    let script = "/d /c \"ping -n 2 127.0.0.1 >nul & del /f /q \"%OWN%\" & rd \"%DIRECTORY%\" \
                  & if exist \"%OWN%\" ping -n 10 127.0.0.1 >nul & if exist \"%OWN%\" del /f /q \"%OWN%\"\"";
    let started = Command::new(shell)
        .raw_arg(script)
        .env("OWN", &rest)
        .env("DIRECTORY", directory)
        .current_dir(std::env::temp_dir())
        .creation_flags(CREATE_NO_WINDOW)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if started.is_err() {
        let rest = wide(&rest.to_string_lossy());
        // SAFETY: the path ends with a zero. No other place is for removal.
        unsafe { MoveFileExW(rest.as_ptr(), std::ptr::null(), MOVEFILE_DELAY_UNTIL_REBOOT) };
    }
}
