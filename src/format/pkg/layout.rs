//! Where files are below /usr/local.

use crate::format::FormatError;
use crate::format::archive::layout::without_usr;
use crate::format::installed;
use crate::format::relocate::{Layout, relocate};
use crate::format::shell::file_name;
use crate::model::file_names::refuse_unholdable;
use crate::model::package::Package;
use crate::model::target::Os;
use crate::model::tree::{Content, Kind, Tree, TreeFile};

/// What the name of a configuration file ends with, beside which a script puts the one that people edit.
pub(super) const DEFAULT: &str = ".default";

/// The longest path and target of a link in bytes, as in Linux, from where programs read packages, too.
const MAX_PATH: usize = 4096 - "./\0".len();

/// The files at their places.
pub(super) struct Arranged {
    pub(super) tree: Tree,
    /// The paths of configuration files without their suffix.
    pub(super) defaults: Vec<String>,
}

impl Arranged {
    pub(super) fn new(package: &Package, tree: &Tree) -> Result<Self, FormatError> {
        let doc = format!("share/doc/{}", package.name);
        let mut files = relocate(tree, &Local { doc: &doc })?;
        let mut defaults = Vec::new();
        // The Installer would replace what somebody has edited.
        for file in &mut files {
            if file.kind == Kind::Config && !matches!(file.content, Content::Symlink(_)) {
                defaults.push(file.path.clone());
                file.path += DEFAULT;
            }
        }
        let invalid = |what: String| FormatError::Invalid(what);
        let tree = Tree::new(files).map_err(|clash| invalid(clash.to_string()))?;
        let paths = tree.files().iter().map(|file| file.path.as_str());
        refuse_unholdable(paths, Os::MacOs).map_err(|e| invalid(e.to_string()))?;
        for file in tree.files() {
            let path = &file.path;
            let target = match &file.content {
                Content::Symlink(target) => target.len(),
                _ => 0,
            };
            if path.len().max(target) > MAX_PATH {
                return Err(invalid(format!(
                    "a pkg cannot hold `{path}`: a path or target of a link of more than {MAX_PATH} bytes"
                )));
            }
        }
        Ok(Self { tree, defaults })
    }
}

/// The layout of /usr/local, which has what other systems have in /usr and /etc. What only a Linux desktop reads is left
/// out.
struct Local<'a> {
    doc: &'a str,
}

impl Layout for Local<'_> {
    fn place(&self, file: &TreeFile) -> Option<String> {
        let path = &file.path;
        let name = file_name(path);
        let below = |folder: &str| installed::below_package(path, folder);
        match file.kind {
            Kind::Desktop | Kind::Icon | Kind::Metainfo | Kind::SystemdUnit => None,
            Kind::License => {
                let below = below("usr/share/licenses/").or_else(|| below("usr/share/doc/"));
                Some(format!("{}/{}", self.doc, below.unwrap_or(name)))
            }
            Kind::Doc | Kind::Changelog => {
                let below = below("usr/share/doc/");
                Some(format!("{}/{}", self.doc, below.unwrap_or(name)))
            }
            Kind::Man => {
                let place = installed::man_page(path);
                // Here pages are as they are in the tree.
                let place = match name.ends_with(".gz") {
                    true => &place,
                    false => place.trim_end_matches(".gz"),
                };
                Some(without_usr(place).to_owned())
            }
            Kind::Completion => {
                let place = installed::completion(path, "site-functions");
                Some(without_usr(&place).to_owned())
            }
            Kind::Binary | Kind::Config | Kind::Data => Some(self.place_other(path)),
        }
    }

    fn place_other(&self, path: &str) -> String {
        without_usr(path).to_owned()
    }
}
