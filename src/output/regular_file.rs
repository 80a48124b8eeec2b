//! Opens untrusted files, such as those of a release from somewhere else.

use std::fs::{File, FileType, Metadata, OpenOptions};
use std::io;
use std::path::Path;

/// Something that exists but is not a regular file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{found}; expected a regular file")]
pub struct NotRegular {
    /// Its kind, with an article.
    pub found: &'static str,
}

/// Opens a regular file for reading.
///
/// A link is refused, because it may lead anywhere. Pipes and devices are refused, because they may have no end or
/// block on opening. The error then contains a [`NotRegular`].
pub fn open_regular(path: &Path) -> io::Result<(File, Metadata)> {
    check(path.symlink_metadata()?.file_type())?;
    let mut options = OpenOptions::new();
    options.read(true);
    follow_and_wait_for_nothing(&mut options);
    let file = options.open(path)?;
    // Checked again after opening, because the file may have been replaced in between.
    let metadata = file.metadata()?;
    check(metadata.file_type())?;
    Ok((file, metadata))
}

fn check(found: FileType) -> io::Result<()> {
    if found.is_file() {
        return Ok(());
    }
    let found = describe(found);
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        NotRegular { found },
    ))
}

/// The kind of a file, with an article.
pub fn describe(found: FileType) -> &'static str {
    if found.is_file() {
        "a regular file"
    } else if found.is_dir() {
        "a directory"
    } else if found.is_symlink() {
        "a symbolic link"
    } else {
        "a pipe, socket or device"
    }
}

#[cfg(unix)]
fn follow_and_wait_for_nothing(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;
    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK);
}

#[cfg(not(unix))]
fn follow_and_wait_for_nothing(_: &mut OpenOptions) {}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn error_of(path: &Path) -> String {
        open_regular(path)
            .expect_err("it is not regular")
            .to_string()
    }

    #[test]
    fn a_regular_file_is_opened() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("file");
        std::fs::write(&path, "text").expect("writable");
        let (_, metadata) = open_regular(&path).expect("regular");
        assert_eq!(metadata.len(), 4);
    }

    #[test]
    fn nothing_is_followed_or_waited_for() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = |name: &str| directory.path().join(name);
        symlink("/dev/zero", path("link")).expect("writable");
        let expected = "a symbolic link; expected a regular file";
        assert_eq!(error_of(&path("link")), expected);
        let made = std::process::Command::new("mkfifo")
            .arg(path("pipe"))
            .status();
        assert!(made.expect("mkfifo is there").success());
        let expected = "a pipe, socket or device; expected a regular file";
        assert_eq!(error_of(&path("pipe")), expected);
        assert_eq!(error_of(Path::new("/dev/zero")), expected);
        assert_eq!(
            error_of(directory.path()),
            "a directory; expected a regular file"
        );
    }
}
