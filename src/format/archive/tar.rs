//! The tar in a compressed archive.

use std::fs::File;
use std::io::{self, BufReader, Write};
use std::path::Path;

use crate::container::Visit;
use crate::container::compress::decode::Decoder;
use crate::container::members::{list, show};
use crate::container::tar::{TarReader, TarWriter};
use crate::format::FormatError;
use crate::model::digest::Sha256Sum;
use crate::model::entry::Entry;
use crate::model::steps::steps;
use crate::model::tree::Tree;

/// Writes a tar into a compressor, and returns that with the entries.
pub(super) fn write<W: Write>(tree: &Tree, date: i64, out: W) -> io::Result<(W, Vec<Entry>)> {
    let mut tar = TarWriter::new(out, date, "");
    for step in steps(tree) {
        tar.step(&step)?;
    }
    tar.finish()
}

/// Opens an archive and visits its entries, after one pass over all of it.
pub(super) fn read(
    artifact: &Path,
    decode: &dyn Fn(BufReader<File>) -> io::Result<Decoder<'static>>,
    visit: &mut Visit<'_>,
) -> Result<(), FormatError> {
    let open = || -> Result<TarReader<'static>, FormatError> {
        let decoder = decode(BufReader::new(File::open(artifact)?))?;
        Ok(TarReader::new(decoder, "the archive's tar", ""))
    };
    let entries = list(open()?, &mut |_, content| Sha256Sum::of_reader(content))?;
    Ok(show(open()?, &entries, visit)?)
}
