//! What a package says of itself, in the XML that `productbuild` and `pkgbuild` write (Apple's "Distribution Definition
//! XML Schema Reference").

use super::scripts::{POSTINSTALL, PREINSTALL};
use super::{LICENSE, LOCATION};
use crate::format::dmg::{Identifier, OLDEST_MACOS};
use crate::model::package::Package;
use crate::model::target::Target;

/// What the documents tell besides the package.
pub(super) struct Contents<'a> {
    pub(super) identifier: &'a Identifier,
    /// The name of the component.
    pub(super) component: &'a str,
    /// The size of all files.
    pub(super) bytes: u64,
    pub(super) files: usize,
    pub(super) scripts: &'a [(&'static str, String)],
    pub(super) has_license: bool,
}

impl Contents<'_> {
    fn kilobytes(&self) -> u64 {
        self.bytes.div_ceil(1024)
    }
}

const HEAD: &str = "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n";

/// What the Installer shows, and where it installs.
pub(super) fn distribution(package: &Package, target: Target, contents: &Contents<'_>) -> String {
    let title = attribute(&format!("{} {}", package.name, package.version));
    let license = match LICENSE.split_once('/') {
        Some((_, name)) if contents.has_license => {
            format!("    <license file=\"{name}\" mime-type=\"text/rtf\"/>\n")
        }
        _ => String::new(),
    };
    let machines = match target.machine {
        "aarch64" => "arm64",
        "universal2" => "arm64,x86_64",
        machine => machine,
    };
    let (identifier, version) = (contents.identifier.as_str(), numbers(package));
    let component = attribute(contents.component);
    let kilobytes = contents.kilobytes();
    format!(
        "{HEAD}<installer-gui-script minSpecVersion=\"2\">\n    <title>{title}</title>\n{license}    \
         <options customize=\"never\" require-scripts=\"false\" rootVolumeOnly=\"true\" \
         hostArchitectures=\"{machines}\" allow-external-scripts=\"no\"/>\n    \
         <domains enable_anywhere=\"false\" enable_currentUserHome=\"false\" enable_localSystem=\"true\"/>\n    \
         <volume-check>\n        <allowed-os-versions>\n            <os-version min=\"{OLDEST_MACOS}\"/>\n        \
         </allowed-os-versions>\n    </volume-check>\n    \
         <choices-outline>\n        <line choice=\"default\"/>\n    </choices-outline>\n    \
         <choice id=\"default\" title=\"{title}\" visible=\"false\">\n        <pkg-ref id=\"{identifier}\"/>\n    \
         </choice>\n    \
         <pkg-ref id=\"{identifier}\" version=\"{version}\" installKBytes=\"{kilobytes}\" auth=\"root\" \
         onConclusion=\"none\">#{component}</pkg-ref>\n    \
         <product id=\"{identifier}\" version=\"{version}\"/>\n</installer-gui-script>\n"
    )
}

/// How the files are installed. Directories that are there keep their owner and mode.
pub(super) fn package_info(package: &Package, contents: &Contents<'_>) -> String {
    let (identifier, version) = (contents.identifier.as_str(), numbers(package));
    let (files, kilobytes) = (contents.files, contents.kilobytes());
    let of_installer =
        |(name, _): &&(&'static str, String)| [PREINSTALL, POSTINSTALL].contains(name);
    let mut scripts = String::new();
    // The Installer's own order.
    for (name, _) in contents.scripts.iter().filter(of_installer).rev() {
        scripts += &format!("        <{name} file=\"./{name}\"/>\n");
    }
    if !scripts.is_empty() {
        scripts = format!("    <scripts>\n{scripts}    </scripts>\n");
    }
    format!(
        "{HEAD}<pkg-info overwrite-permissions=\"false\" relocatable=\"false\" identifier=\"{identifier}\" \
         postinstall-action=\"none\" version=\"{version}\" format-version=\"2\" install-location=\"/{LOCATION}\" \
         auth=\"root\">\n    <payload numberOfFiles=\"{files}\" installKBytes=\"{kilobytes}\"/>\n{scripts}</pkg-info>\n"
    )
}

/// The version as macOS compares it: three numbers.
fn numbers(package: &Package) -> String {
    let version = &package.version;
    format!("{}.{}.{}", version.major, version.minor, version.patch)
}

/// A text in XML.
fn attribute(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('"', "&quot;");
    text.replace('<', "&lt;").replace('>', "&gt;")
}
