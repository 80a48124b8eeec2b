//! What platform a program is for, and what runs it here.

use std::io::Read;
use std::path::{Path, PathBuf};

use sealift::model::target::{Os, Target};
use sealift::output::path_error::PathError;
use sealift::program::kind;

use crate::cli::exit::Advised;

/// How much of a file is read to know what kind of program it is.
const START: u64 = 1 << 20;

/// Whether this machine runs the programs of a target by itself.
pub fn runs_here(target: Target) -> bool {
    let machine = match target.machine {
        "armv7l" => "arm",
        machine => machine,
    };
    target.os.name() == std::env::consts::OS
        && (machine == std::env::consts::ARCH || !target.members.is_empty())
}

/// The platform of a program: the one that is given, which its headers must not deny, or the one that they tell. A script has
/// that of this machine.
pub fn target_of(program: &Path, given: Option<Target>) -> anyhow::Result<Target> {
    let mut start = Vec::new();
    let file = std::fs::File::open(program).map_err(PathError::reading(program))?;
    file.take(START)
        .read_to_end(&mut start)
        .map_err(PathError::reading(program))?;
    // What cannot be read is no program of those kinds, or one that does not start.
    let found = kind::read(&start).ok();
    if let Some(target) = given {
        if let Some(found) = found {
            kind::expect(found, target)?;
        }
        return Ok(target);
    }
    let fits = |target: &Target| match &found {
        Some(found) => target.program == found,
        None => runs_here(*target),
    };
    let fitting = || Target::all().filter(fits);
    // The loader is a part of the machine's C library.
    let is_dynamic = kind::needs_loader(&start);
    let by_library = fitting().find(|target| target.has_glibc() == is_dynamic);
    by_library.or_else(|| fitting().next()).ok_or_else(|| {
        let message = format!(
            "`{}` is for a platform that is not in the table of targets",
            program.display()
        );
        let hint = "`sealift targets` lists them".to_owned();
        Advised { message, hint }.into()
    })
}

/// What runs a program that this machine does not run by itself: the emulator that is given, or the first one that is installed.
pub fn emulator(target: Target, given: Option<PathBuf>) -> anyhow::Result<Option<PathBuf>> {
    if let Some(given) = given {
        return found(&given).map(Some);
    }
    if runs_here(target) {
        return Ok(None);
    }
    let names = match target.os {
        Os::Linux => {
            let machine = match target.machine {
                "armv7l" => "arm",
                machine => machine,
            };
            vec![format!("qemu-{machine}-static"), format!("qemu-{machine}")]
        }
        Os::Windows if target.machine == std::env::consts::ARCH => vec!["wine".to_owned()],
        Os::Windows | Os::MacOs => Vec::new(),
    };
    let first = names.iter().find_map(|name| in_path(Path::new(name)));
    let missing = || {
        let hint = match names.last() {
            Some(name) => format!("install `{name}`, or name another emulator with `--emulator`"),
            None => {
                "measure it on such a machine, or name an emulator with `--emulator`".to_owned()
            }
        };
        let message = format!("this machine does not run programs for {target}");
        Advised { message, hint }.into()
    };
    first.map(Some).ok_or_else(missing)
}

/// A program by its path, or by its name in `PATH`.
pub fn found(program: &Path) -> anyhow::Result<PathBuf> {
    let found = if program.components().count() > 1 || program.is_absolute() {
        Some(program.to_owned()).filter(|path| path.is_file())
    } else {
        in_path(program)
    };
    let path = found.ok_or_else(|| Advised {
        message: format!("there is no program `{}`", program.display()),
        hint: "name its file, such as `./hello`, or a program in PATH".to_owned(),
    })?;
    std::path::absolute(&path).map_err(|error| PathError::reading(&path)(error).into())
}

fn in_path(name: &Path) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let mut candidates = std::env::split_paths(&path).map(|directory| directory.join(name));
    candidates.find(|candidate| candidate.is_file())
}
