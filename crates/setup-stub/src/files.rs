//! Files: put in place beside the old ones and renamed, and removed again.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use ruzstd::decoding::StreamingDecoder;
use sha2::{Digest, Sha256};

use crate::payload::{File, Kind, OWN_NAMES};
use crate::plan::{Plan, is_edited};
use crate::problem::{Code, Problem};
use crate::record::{Record, folded};

/// What is told after each piece: how many bytes it had.
pub type Progress<'a> = dyn FnMut(u64) + 'a;

/// The program's directory.
pub struct Place {
    directory: PathBuf,
}

impl Place {
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        let directory = directory.into();
        Self { directory }
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    pub fn uninstaller(&self) -> PathBuf {
        self.directory.join(OWN_NAMES[0])
    }

    fn record_file(&self) -> PathBuf {
        self.directory.join(OWN_NAMES[1])
    }

    fn staging(&self) -> PathBuf {
        self.directory.join(OWN_NAMES[2])
    }

    /// What is installed here; `None` if nothing is.
    pub fn record(&self) -> Result<Option<Record>, Problem> {
        let path = self.record_file();
        match fs::read_to_string(&path) {
            Ok(text) => {
                let record = Record::parse(&text);
                let damaged = || {
                    let path = path.display();
                    Problem::new(Code::Failed, format!("{path} is damaged"))
                };
                record.ok_or_else(damaged).map(Some)
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Problem::of("read", &path, &error)),
        }
    }

    /// Writes the record whole.
    pub fn write_record(&self, record: &Record) -> Result<(), Problem> {
        let (path, new) = (self.record_file(), self.staging().join("record"));
        let written = self
            .make_staging()
            .and_then(|()| fs::write(&new, record.to_text()))
            .and_then(|()| fs::rename(&new, &path));
        written.map_err(|error| Problem::of("write", &path, &error))
    }

    /// Writes the program that removes the rest.
    pub fn write_uninstaller(&self, program: &[u8]) -> Result<(), Problem> {
        let (path, new) = (self.uninstaller(), self.staging().join("uninstaller"));
        let written = self
            .make_staging()
            .and_then(|()| fs::write(&new, program))
            .and_then(|()| self.replace(&new, &path));
        written.map_err(|error| Problem::of("write", &path, &error))
    }

    fn make_staging(&self) -> io::Result<()> {
        fs::create_dir_all(self.staging())
    }

    /// Decompresses the files that the plan writes, each to a place of its own, and compares all with their sums.
    pub fn unpack(
        &self,
        data: impl Read,
        files: &[File],
        plan: &Plan,
        progress: &mut Progress<'_>,
    ) -> Result<(), Problem> {
        let staging = self.staging();
        let failed = |error: io::Error| Problem::of("write to", &staging, &error);
        // An interrupted installation has left something.
        self.clean();
        self.make_staging().map_err(failed)?;
        let mut data = StreamingDecoder::new(data)
            .map_err(|error| failed(io::Error::other(error.to_string())))?;
        for (index, (file, is_written)) in files.iter().zip(&plan.writes).enumerate() {
            let mut out = match is_written {
                true => Some(fs::File::create(self.staged(index)).map_err(failed)?),
                false => None,
            };
            let found = copy(&mut data, file.size, out.as_mut(), progress).map_err(failed)?;
            if found != file.sum {
                let path = &file.path;
                return Err(Problem::new(
                    Code::Damaged,
                    format!("This setup is damaged: {path} has another content than it should."),
                ));
            }
        }
        Ok(())
    }

    fn staged(&self, index: usize) -> PathBuf {
        self.staging().join(index.to_string())
    }

    /// Moves what was unpacked to its places, and removes what is gone.
    pub fn put(&self, files: &[File], plan: &Plan) -> Result<(), Problem> {
        for (index, (file, is_written)) in files.iter().zip(&plan.writes).enumerate() {
            if !is_written {
                continue;
            }
            let place = self.directory.join(&file.path);
            let parent = place.parent().unwrap_or(&self.directory);
            let put =
                fs::create_dir_all(parent).and_then(|()| self.replace(&self.staged(index), &place));
            put.map_err(|error| Problem::of("write", &place, &error))?;
        }
        self.remove(&plan.removes, false)
    }

    /// Renames a file to a place. A program that is running is moved away first, which Windows allows.
    fn replace(&self, new: &Path, place: &Path) -> io::Result<()> {
        let Err(error) = fs::rename(new, place) else {
            return Ok(());
        };
        let aside = self.aside(place);
        if !place.is_file() || fs::rename(place, &aside).is_err() {
            return Err(error);
        }
        fs::rename(new, place).inspect_err(|_| {
            let _ = fs::rename(&aside, place);
        })
    }

    /// A free name among what is removed when it can be.
    fn aside(&self, place: &Path) -> PathBuf {
        let name = place.file_name().unwrap_or_default().to_string_lossy();
        let mut names = (0u32..).map(|n| self.staging().join(format!("old-{n}-{name}")));
        names.find(|path| !path.exists()).unwrap_or_default()
    }

    /// The programs that are running: Windows lets nobody write to them.
    pub fn in_use(&self, files: &[File]) -> Option<PathBuf> {
        let mut programs = files.iter().filter(|file| file.kind == Kind::Program);
        programs.find_map(|file| {
            let path = self.directory.join(&file.path);
            let is_busy = path.is_file() && fs::OpenOptions::new().write(true).open(&path).is_err();
            is_busy.then_some(path)
        })
    }

    /// Removes files, except configuration that was edited, and the directories that are empty then.
    pub fn remove(&self, files: &[File], purge: bool) -> Result<(), Problem> {
        let mut directories = BTreeSet::new();
        for file in files {
            let path = self.directory.join(&file.path);
            let same: Vec<_> = files
                .iter()
                .filter(|other| {
                    file.kind == Kind::Config && folded(&other.path) == folded(&file.path)
                })
                .collect();
            let is_kept =
                file.kind == Kind::Config && !purge && is_edited(&path, &same).unwrap_or(false);
            if !is_kept {
                self.remove_file(&path)?;
            }
            for (end, _) in file.path.match_indices('/') {
                directories.insert(file.path[..end].to_owned());
            }
        }
        // What is in a directory comes after it.
        for directory in directories.iter().rev() {
            // It stays if there is something in it.
            let _ = fs::remove_dir(self.directory.join(directory));
        }
        Ok(())
    }

    fn remove_file(&self, path: &Path) -> Result<(), Problem> {
        let removed = match fs::remove_file(path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound && path.is_file() => self
                .make_staging()
                .and_then(|()| fs::rename(path, self.aside(path)))
                .map_err(|_| error),
            _ => Ok(()),
        };
        removed.map_err(|error| Problem::of("remove", path, &error))
    }

    /// Removes the record and, unless foreign files are there, the directory.
    pub fn remove_own(&self) {
        self.clean();
        let _ = fs::remove_file(self.record_file());
    }

    /// Removes what an installation works with. What is running stays until the next time.
    pub fn clean(&self) {
        let _ = fs::remove_dir_all(self.staging());
    }
}

/// Copies a content, and sums it.
fn copy(
    data: &mut impl Read,
    size: u64,
    mut out: Option<&mut fs::File>,
    progress: &mut Progress<'_>,
) -> io::Result<[u8; 32]> {
    let mut buffer = vec![0; 1 << 16];
    let (mut left, mut hash) = (size, Sha256::new());
    while left > 0 {
        let length = buffer
            .len()
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        let n = data.read(&mut buffer[..length])?;
        if n == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        hash.update(&buffer[..n]);
        if let Some(out) = &mut out {
            out.write_all(&buffer[..n])?;
        }
        left -= n as u64;
        progress(n as u64);
    }
    Ok(hash.finalize().into())
}

#[cfg(test)]
mod tests {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};

    use super::*;

    type Given<'a> = (&'a str, Kind, &'a str);

    fn files(given: &[Given<'_>]) -> (Vec<File>, Vec<u8>) {
        let mut data = Vec::new();
        let files = given.iter().map(|(path, kind, content)| {
            data.extend(content.as_bytes());
            File {
                sum: Sha256::digest(content).into(),
                size: content.len() as u64,
                kind: *kind,
                path: (*path).to_owned(),
            }
        });
        let files = files.collect();
        let data = compress_to_vec(&data[..], CompressionLevel::Fastest);
        (files, data)
    }

    /// Installs a version as the program does, and returns its record.
    fn install(place: &Place, given: &[Given<'_>]) -> Record {
        let (files, data) = files(given);
        let old = place.record().expect("readable");
        let plan = Plan::new(place.directory(), &files, old.as_ref()).expect("nothing foreign");
        place
            .unpack(&data[..], &files, &plan, &mut |_| {})
            .expect("whole");
        let record = Record {
            files,
            ..Record::default()
        };
        let before = record.clone().with(&old.unwrap_or_default());
        place.write_record(&before).expect("written");
        place.put(&record.files, &plan).expect("written");
        place.write_record(&record).expect("written");
        place.clean();
        record
    }

    fn listed(directory: &Path) -> Vec<String> {
        let mut found = Vec::new();
        let mut left = vec![directory.to_owned()];
        while let Some(next) = left.pop() {
            for entry in fs::read_dir(next).expect("a directory") {
                let path = entry.expect("an entry").path();
                let below = path.strip_prefix(directory).expect("below");
                found.push(below.to_string_lossy().into_owned());
                if path.is_dir() {
                    left.push(path);
                }
            }
        }
        found.sort();
        found
    }

    const OLD: &[Given<'_>] = &[
        ("hello.exe", Kind::Program, "program of 1"),
        ("etc/hello.toml", Kind::Config, "config of 1"),
        ("share/only in 1/x", Kind::Other, ""),
    ];
    const NEW: &[Given<'_>] = &[
        ("hello.exe", Kind::Program, "program of 2"),
        ("etc/hello.toml", Kind::Config, "config of 2"),
    ];

    #[test]
    fn an_upgrade_leaves_the_files_of_the_new_version() {
        let temporary = tempfile::tempdir().expect("a temporary directory");
        let place = Place::new(temporary.path().join("Größe $ % x"));
        install(&place, OLD);
        install(&place, NEW);
        assert_eq!(
            listed(place.directory()),
            ["etc", "etc/hello.toml", "hello.exe", "uninstall.dat"]
        );
        let read = |name: &str| fs::read_to_string(place.directory().join(name)).expect("there");
        assert_eq!(read("hello.exe"), "program of 2");
        assert_eq!(read("etc/hello.toml"), "config of 2");
    }

    #[test]
    fn removing_leaves_what_others_have_put_there_and_what_was_edited() {
        let temporary = tempfile::tempdir().expect("a temporary directory");
        let place = Place::new(temporary.path());
        let record = install(&place, OLD);
        fs::write(temporary.path().join("share/foreign"), "x").expect("written");
        fs::write(temporary.path().join("etc/hello.toml"), "edited").expect("written");
        place.remove(&record.files, false).expect("removed");
        place.remove_own();
        assert_eq!(
            listed(temporary.path()),
            ["etc", "etc/hello.toml", "share", "share/foreign"]
        );
        place.remove(&record.files, true).expect("removed");
        assert_eq!(listed(temporary.path()), ["share", "share/foreign"]);
    }

    #[test]
    fn an_installation_that_ended_early_is_repeated_or_removed() {
        let temporary = tempfile::tempdir().expect("a temporary directory");
        let place = Place::new(temporary.path());
        install(&place, OLD);
        // As it is after the first of the files was moved.
        let (files, data) = files(NEW);
        let old = place.record().expect("readable").expect("installed");
        let plan = Plan::new(place.directory(), &files, Some(&old)).expect("nothing foreign");
        place
            .unpack(&data[..], &files, &plan, &mut |_| {})
            .expect("whole");
        let pending = Record {
            files,
            ..Record::default()
        };
        let pending = pending.with(&old);
        place.write_record(&pending).expect("written");
        fs::rename(place.staged(0), temporary.path().join("hello.exe")).expect("moved");
        let found = place.record().expect("readable").expect("installed");
        assert_eq!(found, pending);
        let before = listed(temporary.path());
        install(&place, NEW);
        assert_ne!(listed(temporary.path()), before);
        assert_eq!(
            listed(temporary.path()),
            ["etc", "etc/hello.toml", "hello.exe", "uninstall.dat"]
        );
        place.remove(&found.files, false).expect("removed");
        place.remove_own();
        assert_eq!(listed(temporary.path()), Vec::<String>::new());
    }

    #[test]
    fn another_content_than_announced_is_refused_before_a_file_is_replaced() {
        let temporary = tempfile::tempdir().expect("a temporary directory");
        let place = Place::new(temporary.path());
        install(&place, OLD);
        let (mut files, data) = files(NEW);
        files[1].sum[0] ^= 1;
        let old = place.record().expect("readable");
        let plan = Plan::new(place.directory(), &files, old.as_ref()).expect("nothing foreign");
        let problem = place
            .unpack(&data[..], &files, &plan, &mut |_| {})
            .expect_err("another content");
        assert_eq!(problem.code, Code::Damaged);
        let program = fs::read_to_string(temporary.path().join("hello.exe"));
        assert_eq!(program.expect("there"), "program of 1");
    }
}
