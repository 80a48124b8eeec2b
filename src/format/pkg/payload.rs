//! The files of a package, and the list of them.

use std::io::Write;

use super::LOCATION;
use crate::container::bom::{self, Cksum};
use crate::container::compress::gzip_member::GzipMember;
use crate::container::cpio::odc::OdcWriter;
use crate::format::FormatError;
use crate::model::entry::{Entry, EntryContent};
use crate::model::steps::Step;
use crate::model::threads::Threads;
use crate::model::tree::{Content, TreeFile};

/// What was written: the entries, and the paths of the bill of materials.
pub(super) type Written = (Vec<Entry>, Vec<bom::Path>);

/// Writes the archive of all files.
pub(super) fn write(
    steps: &[Step<'_>],
    date: u32,
    threads: &Threads,
    out: &mut dyn Write,
) -> Result<Written, FormatError> {
    let mut cpio = OdcWriter::new(GzipMember::new(out, threads)?, u64::from(date))?;
    let mut entries = Vec::with_capacity(steps.len());
    let mut paths = vec![bom::Path {
        path: String::new(),
        mode: 0o755,
        kind: bom::Kind::Directory,
    }];
    for step in steps {
        let (path, mode, content, kind) = match step {
            Step::Directory(path) => {
                cpio.directory(path)?;
                (*path, 0o755, EntryContent::Directory, bom::Kind::Directory)
            }
            Step::File(file) => {
                let (content, kind) = put(&mut cpio, file)?;
                let mode = match kind {
                    bom::Kind::Symlink(_) => 0o777,
                    _ => file.mode,
                };
                (file.path.as_str(), mode, content, kind)
            }
        };
        entries.push(Entry {
            path: format!("{LOCATION}/{path}"),
            mode,
            content,
        });
        let path = path.to_owned();
        paths.push(bom::Path { path, mode, kind });
    }
    cpio.finish()?.finish()?;
    Ok((entries, paths))
}

fn put(
    cpio: &mut OdcWriter<impl Write>,
    file: &TreeFile,
) -> Result<(EntryContent, bom::Kind), FormatError> {
    let path = &file.path;
    if let Content::Symlink(target) = &file.content {
        cpio.symlink(path, target)?;
        let target = || target.clone();
        return Ok((
            EntryContent::Symlink(target()),
            bom::Kind::Symlink(target()),
        ));
    }
    let Ok(size) = u32::try_from(file.size()) else {
        return Err(FormatError::Invalid(format!(
            "a pkg cannot hold `{path}`: {} bytes; expected less than 4 GiB",
            file.size()
        )));
    };
    let mut content = Cksum::new(file.open()?);
    cpio.file(path, file.mode, u64::from(size), &mut content)?;
    let sum = content.finish();
    let sha256 = file.sha256()?;
    let content = EntryContent::File {
        size: u64::from(size),
        sha256,
    };
    Ok((content, bom::Kind::File { size, sum }))
}
