//! Info.plist: what a bundle says of itself.

use super::Identifier;
use crate::format::desktop_entry::value;
use crate::model::package::Package;
use crate::model::plist::Plist;

/// The oldest macOS that Rust's programs run on for both processors.
pub(in crate::format) const OLDEST: &str = "11.0";

/// Categories of desktop entries, the first of which that an entry has counts, and those of macOS.
const CATEGORIES: &[(&str, &str)] = &[
    ("Game", "games"),
    ("Development", "developer-tools"),
    ("Graphics", "graphics-design"),
    ("Video", "video"),
    ("Audio", "music"),
    ("AudioVideo", "entertainment"),
    ("Education", "education"),
    ("Science", "education"),
    ("Finance", "finance"),
    ("Office", "productivity"),
    ("Network", "social-networking"),
    ("Utility", "utilities"),
    ("System", "utilities"),
    ("Settings", "utilities"),
];

/// What the list says.
pub(super) struct Info<'a> {
    pub(super) package: &'a Package,
    pub(super) name: &'a str,
    pub(super) identifier: &'a Identifier,
    pub(super) program: &'a str,
    pub(super) icon: Option<&'a str>,
    pub(super) entry: &'a str,
}

impl Info<'_> {
    pub(super) fn to_xml(&self) -> String {
        let version = &self.package.version;
        // macOS compares three numbers, and shows any text.
        let numbers = format!("{}.{}.{}", version.major, version.minor, version.patch);
        let shown = match &*version.pre {
            "" => numbers.clone(),
            pre => format!("{numbers}-{pre}"),
        };
        let mut keys = vec![
            ("CFBundleDevelopmentRegion", Plist::text("en")),
            ("CFBundleDisplayName", Plist::text(self.name)),
            ("CFBundleExecutable", Plist::text(self.program)),
        ];
        keys.extend(
            self.icon
                .map(|icon| ("CFBundleIconFile", Plist::text(icon))),
        );
        keys.extend([
            ("CFBundleIdentifier", Plist::text(self.identifier.as_str())),
            ("CFBundleInfoDictionaryVersion", Plist::text("6.0")),
            ("CFBundleName", Plist::text(self.name)),
            ("CFBundlePackageType", Plist::text("APPL")),
            ("CFBundleShortVersionString", Plist::text(shown)),
            ("CFBundleVersion", Plist::text(numbers)),
        ]);
        keys.extend(category(self.entry).map(|category| {
            let name = format!("public.app-category.{category}");
            ("LSApplicationCategoryType", Plist::text(name))
        }));
        keys.extend([
            ("LSMinimumSystemVersion", Plist::text(OLDEST)),
            ("NSHighResolutionCapable", Plist::Flag(true)),
        ]);
        Plist::dictionary(keys).to_xml()
    }
}

fn category(entry: &str) -> Option<&'static str> {
    let categories = value(entry, "Categories")?;
    let has = |name: &str| categories.split(';').any(|found| found == name);
    let found = CATEGORIES.iter().find(|(name, _)| has(name));
    found.map(|(_, category)| *category)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_category_is_the_first_that_macos_has() {
        let of = |text: &str| category(&format!("[Desktop Entry]\nCategories={text}\n"));
        assert_eq!(of("Utility;Development;Qt;"), Some("developer-tools"));
        assert_eq!(of("Audio;AudioVideo;"), Some("music"));
        assert_eq!(of("Qt;"), None);
        assert_eq!(category("[Desktop Entry]\n"), None);
    }
}
