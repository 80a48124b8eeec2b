//! The scripts of a package, which the Installer runs from a directory of their own.

use std::io;

use super::Scripts;
use super::layout::DEFAULT;
use crate::container::compress::gzip::{Level, compress};
use crate::container::cpio::odc::OdcWriter;

pub(super) const PREINSTALL: &str = "preinstall";
pub(super) const POSTINSTALL: &str = "postinstall";
/// The manifest's own script beside the one that places configuration files.
const AFTER_DEFAULTS: &str = "package-postinstall";

/// Each script with its name, sorted. The third argument of a script is the volume.
pub(super) fn files(scripts: &Scripts, defaults: &[String]) -> Vec<(&'static str, String)> {
    let mut files = Vec::new();
    let own = scripts.postinstall.as_ref();
    let text = |script: &super::Script| script.as_str().to_owned();
    if defaults.is_empty() {
        files.extend(own.map(|script| (POSTINSTALL, text(script))));
    } else {
        files.extend(own.map(|script| (AFTER_DEFAULTS, text(script))));
        files.push((POSTINSTALL, place_defaults(defaults, own.is_some())));
    }
    let before = scripts.preinstall.as_ref();
    files.extend(before.map(|script| (PREINSTALL, text(script))));
    files
}

fn place_defaults(defaults: &[String], has_own: bool) -> String {
    let mut script = format!(
        "#!/bin/sh\n# Places the configuration files that are not there yet.\nset -e\nroot=${{3%/}}/usr/local\n\
         place() {{\n    [ -e \"$root/$1\" ] || [ -L \"$root/$1\" ] || cp -p \"$root/$1{DEFAULT}\" \"$root/$1\"\n}}\n"
    );
    for path in defaults {
        script += &format!("place '{}'\n", path.replace('\'', "'\\''"));
    }
    if has_own {
        script += &format!("exec \"${{0%/*}}/{AFTER_DEFAULTS}\" \"$@\"\n");
    }
    script
}

/// The archive of the scripts.
pub(super) fn archive(scripts: &[(&str, String)], date: u32) -> io::Result<Vec<u8>> {
    let mut cpio = OdcWriter::new(Vec::new(), u64::from(date))?;
    for (name, text) in scripts {
        let (size, mut content) = (text.len() as u64, text.as_bytes());
        cpio.file(name, 0o755, size, &mut content)?;
    }
    Ok(compress(&cpio.finish()?, Level::Best))
}
