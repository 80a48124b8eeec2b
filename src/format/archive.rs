//! A compressed tar to unpack anywhere: one folder with the program at its top.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use super::relocate::{Layout, relocate};
use super::shell::{Shell, file_name};
use super::{Format, FormatError, Registration, Unsupported};
use crate::container::compress::decode;
use crate::container::compress::gzip::{GzipWriter, Level};
use crate::container::members::{list, show};
use crate::container::tar::{TarReader, TarWriter};
use crate::container::{Output, Visit};
use crate::model::digest::Sha256Sum;
use crate::model::entry::Entry;
use crate::model::package::{Context, Package};
use crate::model::steps::steps;
use crate::model::target::Target;
use crate::model::tree::{Kind, Tree, TreeFile};

/// The format's entry in the table.
pub(super) const REGISTRATION: Registration = Registration {
    name: "archive",
    summary: "a .tar.gz with one folder, to unpack anywhere",
    new: |tables, _| Box::new(tables.archive.clone()),
    read,
};

/// The format and its table of the manifest, which has no keys.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Archive {}

impl Format for Archive {
    fn supports(&self, _: Target) -> Result<(), Unsupported> {
        Ok(())
    }

    fn file_name(&self, package: &Package, target: Target) -> String {
        format!("{}.tar.gz", stem(package, target))
    }

    fn write(
        &self,
        package: &Package,
        context: &Context<'_>,
        out: &mut dyn Output,
    ) -> Result<Vec<Entry>, FormatError> {
        let folder = Folder(stem(package, context.target));
        let files = relocate(context.tree, &folder)?;
        let tree = Tree::new(files).map_err(|e| FormatError::Invalid(e.to_string()))?;
        let gzip = GzipWriter::new(out, Level::Best, context.threads);
        let mut tar = TarWriter::new(gzip, context.date, "");
        for step in steps(&tree) {
            tar.step(&step)?;
        }
        let (gzip, entries) = tar.finish()?;
        gzip.finish()?.flush()?;
        Ok(entries)
    }
}

fn stem(package: &Package, target: Target) -> String {
    format!("{}-{}-{target}", package.name, package.version)
}

/// The layout: everything in one folder, with the files that a user looks for at its top.
struct Folder(String);

impl Layout for Folder {
    fn place(&self, file: &TreeFile) -> Option<String> {
        let name = file_name(&file.path);
        let place = match file.kind {
            Kind::Binary | Kind::License | Kind::Changelog => name.to_owned(),
            Kind::Doc => match file.path.split_once("share/doc/") {
                // Files in subfolders stay in them.
                Some((_, below)) if below.matches('/').count() > 1 => format!("doc/{below}"),
                _ => name.to_owned(),
            },
            // Below `man`, as on an installed system, so that `MANPATH` can point there.
            Kind::Man => match file.path.split_once("share/man/") {
                Some((_, below)) => format!("man/{below}"),
                None => format!("man/{name}"),
            },
            // On an installed system the folder identifies the shell; here the file name must.
            Kind::Completion if Shell::of(name) == Shell::of(&file.path) => {
                format!("completions/{name}")
            }
            Kind::Completion => match Shell::of(&file.path) {
                Shell::Bash => format!("completions/{name}.bash"),
                _ => format!("completions/{name}"),
            },
            _ => without_usr(&file.path).to_owned(),
        };
        Some(format!("{}/{place}", self.0))
    }

    fn place_other(&self, path: &str) -> String {
        format!("{}/{}", self.0, without_usr(path))
    }
}

fn without_usr(path: &str) -> &str {
    path.strip_prefix("usr/").unwrap_or(path)
}

/// Opens an archive and visits its entries, after one pass over all of it.
fn read(artifact: &Path, visit: &mut Visit<'_>) -> Result<(), FormatError> {
    let open = || -> Result<TarReader<'static>, FormatError> {
        let gzip = decode::gzip(BufReader::new(File::open(artifact)?));
        Ok(TarReader::new(gzip, "the archive's tar", ""))
    };
    let entries = list(open()?, &mut |_, content| Sha256Sum::of_reader(content))?;
    Ok(show(open()?, &entries, visit)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::{full_tree, package, target, write};

    #[test]
    fn the_name_says_what_is_in_it() {
        assert_eq!(
            Archive {}.file_name(&package(), target()),
            "hello-1.2.3-x86_64-unknown-linux-musl.tar.gz"
        );
    }

    #[test]
    fn what_a_user_looks_for_is_at_the_top() {
        let (_, entries) = write(&Archive {}, &package(), &full_tree(), 1).expect("valid");
        let top = "hello-1.2.3-x86_64-unknown-linux-musl";
        let paths: Vec<_> = entries
            .iter()
            .map(|e| e.path.strip_prefix(top).expect("one folder"))
            .filter(|path| !path.contains("directory"))
            .collect();
        assert_eq!(
            paths,
            [
                "",
                "/CHANGELOG.md",
                "/LICENSE-APACHE",
                "/LICENSE-MIT",
                "/README.md",
                "/completions",
                "/completions/_hello",
                "/completions/hello.bash",
                "/completions/hello.fish",
                "/etc",
                "/etc/hello",
                "/etc/hello/config.toml",
                "/hello",
                "/hi",
                "/lib",
                "/lib/systemd",
                "/lib/systemd/system",
                "/lib/systemd/system/hello.service",
                "/man",
                "/man/man1",
                "/man/man1/hello.1",
                "/man/man1/hi.1",
                "/share",
                "/share/applications",
                "/share/applications/hello.desktop",
                "/share/hello",
                "/share/hello/big",
                "/share/hello/empty",
                "/share/hello/far",
                "/share/icons",
                "/share/icons/hicolor",
                "/share/icons/hicolor/scalable",
                "/share/icons/hicolor/scalable/apps",
                "/share/icons/hicolor/scalable/apps/hello.svg",
            ]
        );
    }
}
