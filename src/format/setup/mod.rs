//! Setups for Windows: one program that installs the files behind it, without Windows Installer.
//!
//! The program is `crates/setup-stub`; `payload` is what stands behind it, in the words of both sides.

mod payload;
mod program;
mod read;
pub mod stubs;
#[cfg(test)]
mod tests;

use std::io::{self, Write};
use std::sync::Arc;

use payload::{Contents, File, Footer, OWN_NAMES};

use super::windows::layout::{self, Placed};
use super::windows::license::license;
use super::windows::shortcut::{icon, shortcuts};
use super::{Format, FormatError, Registration, Resources, Tables, Unsupported};
use crate::container::Output;
use crate::container::compress::zstd;
use crate::container::hash::HashWriter;
use crate::model::digest::Sha256Sum;
use crate::model::entry::{Entry, EntryContent};
use crate::model::line::Line;
use crate::model::package::{Context, Package};
use crate::model::target::{Os, Target};
use crate::model::tree::{Kind, Tree};
use crate::program::pe::Icon;

/// The format's line in the table.
pub(super) const REGISTRATION: Registration = Registration {
    name: "setup",
    summary: "a setup program for Windows",
    new: |tables, resources| Box::new(Writer::new(tables, resources)),
    read: read::read,
};

/// The format's table of the manifest.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Setup {
    /// Whether the program's directory is added to `PATH`.
    pub path: bool,
    /// Whether what is in the start menu is on the desktop, too.
    pub desktop_shortcut: bool,
    /// Whether the user is shown the license files and asked to agree.
    pub license: bool,
    /// The publisher, if it is not the maintainer.
    pub publisher: Option<Line>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            path: true,
            desktop_shortcut: true,
            license: true,
            publisher: None,
        }
    }
}

/// The format: its table, and the stub where it is not the embedded one.
struct Writer {
    table: Setup,
    stub: Option<Arc<[u8]>>,
}

/// What file names call a machine.
fn machine(target: Target) -> Option<&'static str> {
    match (target.os, target.machine) {
        (Os::Windows, "x86_64") => Some("x64"),
        (Os::Windows, "aarch64") => Some("arm64"),
        _ => None,
    }
}

impl Writer {
    fn new(tables: &Tables, resources: &Resources) -> Self {
        Self {
            table: tables.setup.clone(),
            stub: resources.setup_stub.clone(),
        }
    }

    fn stub(&self, target: Target) -> Result<&[u8], FormatError> {
        let embedded = || stubs::stub(target.machine);
        let stub = self.stub.as_deref().or_else(embedded);
        stub.ok_or_else(|| {
            FormatError::Invalid(format!(
                "this sealift has no setup stub for `{target}`; give one with `--setup-stub FILE`, or name a directory of \
                 them in SEALIFT_SETUP_STUBS"
            ))
        })
    }
}

impl Format for Writer {
    fn supports(&self, target: Target) -> Result<(), Unsupported> {
        if machine(target).is_some() {
            return Ok(());
        }
        Err(Unsupported {
            format: REGISTRATION.name,
            target: target.triple,
            reason: "a setup is a program for Windows",
        })
    }

    fn check(&self, package: &Package) -> Result<(), FormatError> {
        program::check(package)
    }

    fn ready(&self, target: Target) -> Result<(), FormatError> {
        self.stub(target).map(|_| ())
    }

    fn effort(&self) -> u32 {
        zstd::EFFORT
    }

    fn file_name(&self, package: &Package, target: Target) -> String {
        let machine = machine(target).expect("`supports` refuses other systems");
        format!("{}-{}-{machine}-setup.exe", package.name, package.version)
    }

    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        let files = layout::arranged(context)?;
        refuse_own_names(&files)?;
        let icon = icon(context.tree)?.and_then(|ico| Icon::read(&ico).ok());
        let mut contents = self.contents(package, context.tree, &files)?;
        contents.icon = icon.is_some();
        let name = self.file_name(package, context.target);
        let stub = self.stub(context.target)?;
        let program = program::prepare(stub, package, icon.as_ref(), context.target, &name)?;
        let mut out = HashWriter::new(out);
        out.write_all(&program)?;
        let size = files.iter().map(|placed| placed.file.size()).sum();
        let mut data = zstd::writer(Counter::new(&mut out), size, context.threads)?;
        for placed in &files {
            io::copy(&mut placed.file.open()?, &mut data)?;
        }
        let data = data.finish()?.count;
        let entries = layout::entries(&files)?;
        contents.files = files.iter().zip(&entries).map(file).collect();
        let text = contents.to_text();
        refuse_too_much(&text)?;
        out.write_all(text.as_bytes())?;
        let mut footer = Footer {
            start: program.len() as u64,
            data,
            contents: text.len() as u64,
            sum: [0; 32],
        };
        out.write_all(&vec![0; footer.padding() as usize])?;
        let before_sum = Footer::BYTES - Footer::SUM;
        out.write_all(&footer.to_bytes()[..before_sum as usize])?;
        let (out, Sha256Sum(sum), _) = out.finish();
        footer.sum = sum;
        out.write_all(&footer.sum)?;
        out.flush()?;
        Ok(entries)
    }
}

impl Writer {
    /// Everything but the files.
    fn contents(
        &self,
        package: &Package,
        tree: &Tree,
        files: &[Placed],
    ) -> Result<Contents, FormatError> {
        let text = |line: Option<&Line>| line.map(Line::to_string).unwrap_or_default();
        let publisher = self.table.publisher.as_ref();
        let help = package.repository.as_ref().or(package.homepage.as_ref());
        let has_program = files.iter().any(|placed| placed.file.kind == Kind::Binary);
        let license = match self.table.license {
            true => license(tree)?.unwrap_or_default(),
            false => String::new(),
        };
        let shortcuts = shortcuts(tree, files)?.into_iter();
        let shortcuts = shortcuts.map(|shortcut| payload::contents::Shortcut {
            name: shortcut.name,
            comment: shortcut.comment,
            program: files[shortcut.program].file.path.clone(),
            arguments: shortcut.arguments,
        });
        Ok(Contents {
            name: package.name.to_string(),
            version: package.version.to_string(),
            publisher: match publisher {
                Some(publisher) => publisher.to_string(),
                None => package.maintainer.name().to_owned(),
            },
            summary: package.summary.to_string(),
            homepage: text(package.homepage.as_ref()),
            help: text(help),
            path: self.table.path && has_program,
            desktop: self.table.desktop_shortcut,
            icon: false,
            license,
            shortcuts: shortcuts.collect(),
            files: Vec::new(),
        })
    }
}

/// Refuses files where the setup has its own.
fn refuse_own_names(files: &[Placed]) -> Result<(), FormatError> {
    let is_own = |placed: &&Placed| {
        let top = placed.file.path.split('/').next().unwrap_or_default();
        OWN_NAMES.iter().any(|own| own.eq_ignore_ascii_case(top))
    };
    match files.iter().find(is_own) {
        None => Ok(()),
        Some(placed) => Err(FormatError::Invalid(format!(
            "`{}` would be where a setup has a file of its own; expected a path that begins with none of `{}`",
            placed.file.path,
            OWN_NAMES.join("`, `")
        ))),
    }
}

/// Refuses a list that the setup would not read.
fn refuse_too_much(text: &str) -> Result<(), FormatError> {
    if text.len() as u64 <= payload::MAX_CONTENTS {
        return Ok(());
    }
    let found = text.len();
    let most = payload::MAX_CONTENTS;
    Err(FormatError::Invalid(format!(
        "the list of files takes {found} bytes; a setup has at most {most}"
    )))
}

/// A file as the setup knows it.
fn file((placed, entry): (&Placed, &Entry)) -> File {
    let sum = match &entry.content {
        EntryContent::File { sha256, .. } => sha256.0,
        _ => unreachable!("all entries are files"),
    };
    File {
        sum,
        size: placed.file.size(),
        kind: match placed.file.kind {
            Kind::Binary => payload::Kind::Program,
            Kind::Config => payload::Kind::Config,
            _ => payload::Kind::Other,
        },
        path: entry.path.clone(),
    }
}

/// Counts what is written.
struct Counter<W> {
    out: W,
    count: u64,
}

impl<W: Write> Counter<W> {
    fn new(out: W) -> Self {
        Self { out, count: 0 }
    }
}

impl<W: Write> Write for Counter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let n = self.out.write(bytes)?;
        self.count += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}
