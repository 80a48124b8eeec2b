//! What an rpm installs, and where.

use super::Rpm;
use crate::format::FormatError;
use crate::format::installed;
use crate::format::relocate::{Layout, relocate};
use crate::format::shell::file_name;
use crate::model::package::{Context, Package};
use crate::model::steps::{Step, steps};
use crate::model::tree::{Content, Kind, Tree, TreeFile};

/// Where Fedora, openSUSE and their derivatives have a package's files.
struct Places<'a> {
    name: &'a str,
}

impl Layout for Places<'_> {
    fn place(&self, file: &TreeFile) -> Option<String> {
        let (path, own) = (&file.path, self.name);
        let below = |folder| installed::below_package(path, folder);
        Some(match file.kind {
            Kind::Man => installed::man_page(path),
            Kind::Completion => installed::completion(path, "site-functions"),
            Kind::SystemdUnit => installed::systemd_unit(path),
            Kind::License => {
                let known = below("usr/share/licenses/").or_else(|| below("usr/share/doc/"));
                let name = known.unwrap_or_else(|| file_name(path));
                format!("usr/share/licenses/{own}/{name}")
            }
            Kind::Doc | Kind::Changelog => match below("usr/share/doc/") {
                Some(below) => format!("usr/share/doc/{own}/{below}"),
                None => path.clone(),
            },
            _ => path.clone(),
        })
    }
}

/// The tree as installed on the user's machine.
pub(super) fn install(package: &Package, context: &Context<'_>) -> Result<Tree, FormatError> {
    let name = package.name.as_str();
    let mut files = relocate(context.tree, &Places { name })?;
    installed::compress_man_pages(&mut files, package, context.tree)?;
    Tree::new(files).map_err(|e| FormatError::Invalid(e.to_string()))
}

/// The files and the directories that belong to the package, sorted by path as rpm looks for them.
pub(super) fn owned<'a>(rpm: &Rpm, tree: &'a Tree) -> Vec<Step<'a>> {
    let mut owned = steps(tree);
    owned.retain(|step| match step {
        Step::Directory(path) => {
            let is_shared = |other: &String| other.trim_matches('/') == *path;
            !belongs_to_system(path) && !rpm.shared_directories.iter().any(is_shared)
        }
        Step::File(_) => true,
    });
    owned.sort_by(|a, b| path_of(a).cmp(path_of(b)));
    owned
}

/// The path of a step.
pub(super) fn path_of<'a>(step: &Step<'a>) -> &'a str {
    match step {
        Step::Directory(path) => path,
        Step::File(file) => &file.path,
    }
}

/// Directories whose subdirectories are others', too.
const SHARED: [&str; 15] = [
    "etc/dbus-1",
    "etc/systemd",
    "etc/xdg",
    "usr/lib/systemd",
    "usr/lib/udev",
    "usr/share/bash-completion",
    "usr/share/dbus-1",
    "usr/share/fish",
    "usr/share/icons",
    "usr/share/locale",
    "usr/share/man",
    "usr/share/mime",
    "usr/share/polkit-1",
    "usr/share/systemd",
    "usr/share/zsh",
];

/// Directories that belong to the package `filesystem`, or to no package of a program. Those of the first two levels (`usr`,
/// `usr/share`, `etc`, `var/lib`) are known by that, except below `etc` and `opt`.
const SYSTEM: [&str; 46] = [
    "etc/NetworkManager",
    "etc/X11",
    "etc/bash_completion.d",
    "etc/cron.d",
    "etc/cron.daily",
    "etc/cron.hourly",
    "etc/cron.monthly",
    "etc/cron.weekly",
    "etc/default",
    "etc/logrotate.d",
    "etc/modprobe.d",
    "etc/modules-load.d",
    "etc/opt",
    "etc/pam.d",
    "etc/profile.d",
    "etc/security",
    "etc/skel",
    "etc/ssl",
    "etc/sudoers.d",
    "etc/sysconfig",
    "etc/sysctl.d",
    "etc/tmpfiles.d",
    "etc/udev",
    "usr/lib/binfmt.d",
    "usr/lib/environment.d",
    "usr/lib/firewalld",
    "usr/lib/modprobe.d",
    "usr/lib/modules-load.d",
    "usr/lib/sysctl.d",
    "usr/lib/sysusers.d",
    "usr/lib/tmpfiles.d",
    "usr/share/appdata",
    "usr/share/applications",
    "usr/share/dict",
    "usr/share/doc",
    "usr/share/fonts",
    "usr/share/games",
    "usr/share/glib-2.0/schemas",
    "usr/share/info",
    "usr/share/licenses",
    "usr/share/metainfo",
    "usr/share/misc",
    "usr/share/pixmaps",
    "usr/share/pkgconfig",
    "usr/share/sounds",
    "usr/share/glib-2.0",
];

fn belongs_to_system(path: &str) -> bool {
    let is_below = |shared: &&str| {
        path.strip_prefix(*shared)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let (top, rest) = path.split_once('/').unwrap_or((path, ""));
    let is_high = match top {
        "etc" | "opt" => rest.is_empty(),
        _ => !rest.contains('/'),
    };
    is_high || SYSTEM.contains(&path) || SHARED.iter().any(is_below)
}

// What rpm does with a file (rpm's `rpmfi.h`).
const CONFIG: u32 = 1;
const DOC: u32 = 1 << 1;
const NO_REPLACE: u32 = 1 << 4;
const LICENSE: u32 = 1 << 7;

/// The flags of a file. What a user changed in a configuration file, an upgrade keeps.
pub(super) fn flags(step: &Step<'_>) -> u32 {
    let Step::File(file) = step else { return 0 };
    let is_link = matches!(file.content, Content::Symlink(_));
    match file.kind {
        _ if !is_link && is_config(file) => CONFIG | NO_REPLACE,
        Kind::License => LICENSE,
        Kind::Doc | Kind::Man | Kind::Changelog => DOC,
        _ => 0,
    }
}

fn is_config(file: &TreeFile) -> bool {
    file.kind == Kind::Config || file.path.starts_with("etc/")
}

/// Whether there is a file that a user may change.
pub(super) fn has_config(steps: &[Step<'_>]) -> bool {
    steps.iter().any(|step| flags(step) & CONFIG != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_owns_no_directory_of_the_system() {
        for path in [
            "usr",
            "usr/bin",
            "usr/share",
            "usr/share/man/man1",
            "usr/share/man/de/man1",
            "usr/share/icons/hicolor/scalable/apps",
            "usr/share/zsh/site-functions",
            "usr/share/doc",
            "usr/share/licenses",
            "usr/lib/systemd/system",
            "usr/lib/systemd/system/hello.service.d",
            "usr/lib/sysusers.d",
            "etc",
            "etc/profile.d",
            "var/lib",
            "opt",
        ] {
            assert!(belongs_to_system(path), "{path}");
        }
        for path in [
            "usr/share/hello",
            "usr/share/doc/hello",
            "usr/share/licenses/hello",
            "usr/lib/hello/plugins",
            "usr/share/manual",
            "etc/hello",
            "var/lib/hello",
            "opt/hello",
        ] {
            assert!(!belongs_to_system(path), "{path}");
        }
    }
}
