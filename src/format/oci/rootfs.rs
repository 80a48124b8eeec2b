//! The layer of an image: the program, and the files that programs expect if no base has them.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::sync::Arc;

use super::table::{Folder, Oci, User};
use crate::container::tar::{Owner, TarWriter};
use crate::format::FormatError;
use crate::format::relocate::{Layout, relocate};
use crate::model::entry::Entry;
use crate::model::steps::{Step, parents, steps};
use crate::model::tree::{Content, Kind, Tree, TreeFile};

/// Where programs look for certificates first.
pub(super) const CA_CERTIFICATES: &str = "etc/ssl/certs/ca-certificates.crt";

/// The name of the user in `/etc/passwd`, and of the folder that is its home.
const USER_NAME: &str = "nonroot";

/// Files that a container does not need are left out; the licenses stay with the program.
struct Image;

impl Layout for Image {
    fn place(&self, file: &TreeFile) -> Option<String> {
        match file.kind {
            Kind::Binary | Kind::Config | Kind::Data | Kind::License => Some(file.path.clone()),
            Kind::Changelog | Kind::Completion | Kind::Desktop | Kind::Doc => None,
            Kind::Icon | Kind::Man | Kind::Metainfo | Kind::SystemdUnit => None,
        }
    }
}

/// The contents of a layer.
pub(super) struct RootFs {
    tree: Tree,
    /// Directories that are in the image even if they are empty, with mode and owner.
    directories: BTreeMap<String, (u32, Owner)>,
}

impl RootFs {
    /// Collects the files and directories.
    pub(super) fn new(oci: &Oci, tree: &Tree) -> Result<Self, FormatError> {
        let mut files = relocate(tree, &Image)?;
        if let Some(path) = &oci.ca_certificates {
            files.push(certificates(tree, path)?);
        }
        let mut add = |path: &str, text: String| {
            // A file in the tree takes precedence.
            if !files.iter().any(|file| file.path == path) {
                files.push(data(path, Content::Bytes(Arc::from(text.as_bytes()))));
            }
        };
        if oci.base.is_none() {
            add("etc/passwd", passwd(oci.user));
            add("etc/group", group(oci.user));
        }
        let tree = Tree::new(files).map_err(|e| FormatError::Invalid(e.to_string()))?;
        let directories = directories(oci)?;
        let files: BTreeSet<&str> = tree.files().iter().map(|f| f.path.as_str()).collect();
        for wanted in directories.keys() {
            let mut above = parents(wanted).chain([wanted.as_str()]);
            if let Some(path) = above.find(|path| files.contains(path)) {
                return Err(FormatError::Invalid(format!(
                    "`/{path}` is a file, but an image needs it to be a directory"
                )));
            }
        }
        Ok(Self { tree, directories })
    }

    /// Writes the layer's tar.
    pub(super) fn write<W: Write>(
        &self,
        mut tar: TarWriter<W>,
    ) -> Result<(W, Vec<Entry>), FormatError> {
        let steps = steps(&self.tree);
        let written: BTreeSet<&str> = steps.iter().map(path).collect();
        let mut added = BTreeSet::new();
        for step in &steps {
            match step {
                Step::Directory(path) => {
                    let (mode, owner) = self.directory(path);
                    tar.directory(path, mode, owner)?;
                }
                Step::File(file) => tar.file(file, Owner::ROOT)?,
            }
        }
        for wanted in self.directories.keys() {
            for path in parents(wanted).chain([wanted.as_str()]) {
                if !written.contains(path) && added.insert(path) {
                    let (mode, owner) = self.directory(path);
                    tar.directory(path, mode, owner)?;
                }
            }
        }
        Ok(tar.finish()?)
    }

    fn directory(&self, path: &str) -> (u32, Owner) {
        let usual = (0o755, Owner::ROOT);
        self.directories.get(path).copied().unwrap_or(usual)
    }
}

fn path<'a>(step: &Step<'a>) -> &'a str {
    match step {
        Step::Directory(path) => path,
        Step::File(file) => &file.path,
    }
}

fn data(path: &str, content: Content) -> TreeFile {
    TreeFile {
        path: path.to_owned(),
        mode: 0o644,
        kind: Kind::Data,
        content,
    }
}

fn certificates(tree: &Tree, path: &str) -> Result<TreeFile, FormatError> {
    let wanted = path.trim_start_matches('/');
    let file = tree.files().iter().find(|file| file.path == wanted);
    let file = file.ok_or_else(|| {
        FormatError::Invalid(format!(
            "the certificates `{path}` are not a file of the tree"
        ))
    })?;
    match &file.content {
        Content::Symlink(_) => {
            let what = format!("the certificates `{path}` are a link; expected a file");
            Err(FormatError::Invalid(what))
        }
        content => Ok(data(CA_CERTIFICATES, content.clone())),
    }
}

fn directories(oci: &Oci) -> Result<BTreeMap<String, (u32, Owner)>, FormatError> {
    let owner = Owner {
        user: oci.user.user,
        group: oci.user.group,
    };
    let mut directories = BTreeMap::new();
    // A base has its own.
    if oci.base.is_none() {
        directories.insert("tmp".to_owned(), (0o1777, Owner::ROOT));
    }
    if oci.base.is_none() && oci.user.user != 0 {
        directories.insert(format!("home/{USER_NAME}"), (0o755, owner));
    }
    if oci
        .volumes
        .iter()
        .any(|volume| volume.below_root().is_empty())
    {
        let what = "the whole image `/` cannot be a volume".to_owned();
        return Err(FormatError::Invalid(what));
    }
    let wanted = oci.volumes.iter().chain(&oci.working_directory);
    for path in wanted
        .map(Folder::below_root)
        .filter(|path| !path.is_empty())
    {
        directories.entry(path.to_owned()).or_insert((0o755, owner));
    }
    Ok(directories)
}

fn passwd(user: User) -> String {
    let root = "root:x:0:0:root:/root:/sbin/nologin\n";
    match user.user {
        0 => root.to_owned(),
        number => format!(
            "{root}{USER_NAME}:x:{number}:{}:{USER_NAME}:/home/{USER_NAME}:/sbin/nologin\n",
            user.group
        ),
    }
}

fn group(user: User) -> String {
    match user.group {
        0 => "root:x:0:\n".to_owned(),
        number => format!("root:x:0:\n{USER_NAME}:x:{number}:\n"),
    }
}
