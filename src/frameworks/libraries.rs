//! The libraries of macOS by the names that linkers are given.

/// Libraries that are not frameworks: the name behind `-l`, and the path by which programs load it.
pub const LIBRARIES: [(&str, &str); 7] = [
    ("curl", "/usr/lib/libcurl.4.dylib"),
    ("iconv", "/usr/lib/libiconv.2.dylib"),
    ("objc", "/usr/lib/libobjc.A.dylib"),
    ("resolv", "/usr/lib/libresolv.9.dylib"),
    ("sqlite3", "/usr/lib/libsqlite3.dylib"),
    ("xml2", "/usr/lib/libxml2.2.dylib"),
    ("z", "/usr/lib/libz.1.dylib"),
];

/// Frameworks whose current version is not `A`.
const VERSION_C: [&str; 2] = ["AppKit", "Foundation"];

/// Frameworks that were part of another one in the oldest macOS that programs are made for: the symbols are still found there.
pub const FORMER_PARTS: [(&str, &str); 1] = [("AVFAudio", "AVFoundation")];

/// What a framework brings along: what Apple's linker finds through it and binds to its real owner.
pub const IMPLIED: [(&str, &[&str]); 9] = [
    ("AppKit", &["Foundation", "CoreFoundation", "libobjc"]),
    (
        "ApplicationServices",
        &["ColorSync", "CoreGraphics", "CoreText", "ImageIO"],
    ),
    ("AudioUnit", &["AudioToolbox"]),
    (
        "Carbon",
        &[
            "ApplicationServices",
            "ColorSync",
            "CoreGraphics",
            "CoreServices",
            "CoreText",
        ],
    ),
    (
        "Cocoa",
        &[
            "AppKit",
            "CoreData",
            "CoreFoundation",
            "Foundation",
            "libobjc",
        ],
    ),
    ("CoreServices", &["CFNetwork", "CoreFoundation"]),
    ("Foundation", &["CoreFoundation", "libobjc"]),
    ("IOKit", &["SystemConfiguration"]),
    ("Quartz", &["PDFKit", "QuartzCore", "QuickLookUI"]),
];

/// The name of a framework or library, as lists are called: `lib` comes before that of a library.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Library(String);

impl Library {
    /// The framework of this name, or the one that it was part of.
    pub fn framework(name: &str) -> Self {
        let whole = FORMER_PARTS.iter().find(|(part, _)| *part == name);
        Self(whole.map_or(name, |(_, whole)| whole).to_owned())
    }

    /// The library behind `-l`; `None` for one that no Mac has, or that has no list.
    pub fn of_system(name: &str) -> Option<Self> {
        let known = LIBRARIES.iter().any(|(known, _)| *known == name);
        known.then(|| Self(format!("lib{name}")))
    }

    /// The library that a list with this name is of.
    pub fn named(name: &str) -> Option<Self> {
        match name.strip_prefix("lib") {
            Some(library) => Self::of_system(library),
            None => Some(Self::framework(name)),
        }
    }

    /// As lists are called.
    pub fn name(&self) -> &str {
        &self.0
    }

    /// The name behind `-l`, if it is not a framework.
    pub fn behind_l(&self) -> Option<&str> {
        self.0.strip_prefix("lib")
    }

    /// The path by which programs load it.
    pub fn install_name(&self) -> String {
        let name = &self.0;
        let known = self
            .behind_l()
            .and_then(|name| LIBRARIES.iter().find(|(known, _)| *known == name));
        if let Some((_, path)) = known {
            return (*path).to_owned();
        }
        let version = if VERSION_C.contains(&name.as_str()) {
            "C"
        } else {
            "A"
        };
        format!("/System/Library/Frameworks/{name}.framework/Versions/{version}/{name}")
    }
}
