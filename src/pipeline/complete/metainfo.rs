//! Makes an AppStream file (AppStream 1.0, "Upstream Metadata") of a package's data.

use crate::format::desktop_entry::value;
use crate::model::changelog::releases;
use crate::model::date::rfc3339;
use crate::model::package::Package;
use crate::model::plist::escaped;
use crate::model::tree::{Content, Kind, Tree, TreeFile};
use crate::project::manifest::desktop::{ComponentId, Metainfo};

use super::CompleteError;

/// Where software centers look.
const FOLDERS: [&str; 2] = ["usr/share/metainfo/", "usr/share/appdata/"];
/// Readers show a few releases, and an old program has hundreds.
const MAX_RELEASES: usize = 30;

/// The AppStream file for a tree with a desktop entry and without such a file. `None` if there is nothing to describe, or
/// nothing that says who makes the program.
pub(super) fn file(
    table: &Metainfo,
    package: &Package,
    tree: &Tree,
    date: i64,
) -> Result<Option<TreeFile>, CompleteError> {
    let is_there = |file: &TreeFile| {
        file.kind == Kind::Metainfo || FOLDERS.iter().any(|folder| file.path.starts_with(folder))
    };
    if !table.generate || tree.files().iter().any(is_there) {
        return Ok(None);
    }
    let Some((entry, text)) = entry(package, tree)? else {
        return Ok(None);
    };
    let entry_name = file_name(&entry.path);
    let stem = entry_name.strip_suffix(".desktop").unwrap_or(entry_name);
    let id = table.id.clone().or_else(|| stem.parse().ok());
    let Some(id) = id.or_else(|| derived(package)) else {
        return Ok(None);
    };
    let changelog = tree.files().iter().find(|f| f.kind == Kind::Changelog);
    let changelog = match changelog {
        Some(file) => String::from_utf8_lossy(&super::bytes(file)?).into_owned(),
        None => String::new(),
    };
    let document = Document {
        table,
        package,
        id: &id,
        entry: &text,
        entry_name,
        changelog: &changelog,
        date,
    };
    Ok(Some(super::made(
        format!("usr/share/metainfo/{id}.metainfo.xml"),
        Kind::Metainfo,
        document.to_xml(tree).into_bytes(),
    )))
}

/// The desktop entry of the tree's program: the one with the package's name, or the first.
fn entry<'a>(
    package: &Package,
    tree: &'a Tree,
) -> Result<Option<(&'a TreeFile, String)>, CompleteError> {
    let mut found = Vec::new();
    for file in tree.files() {
        if file.kind == Kind::Desktop && !matches!(file.content, Content::Symlink(_)) {
            let text = String::from_utf8_lossy(&super::bytes(file)?).into_owned();
            let is_shown = value(&text, "NoDisplay") != Some("true");
            if is_shown && value(&text, "Type") == Some("Application") {
                found.push((file, text));
            }
        }
    }
    let own = format!("{}.desktop", package.name);
    Ok(found
        .into_iter()
        .min_by_key(|(file, _)| file_name(&file.path) != own))
}

fn file_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Hosts where many people have their projects, what their own identifiers begin with, and none for hosts whose addresses do
/// not say who a project belongs to.
const SHARED_HOSTS: [(&str, Option<&str>); 8] = [
    ("github.com", Some("io.github")),
    ("gitlab.com", Some("io.gitlab")),
    ("codeberg.org", Some("page.codeberg")),
    ("bitbucket.org", Some("io.bitbucket")),
    ("git.sr.ht", Some("ht.sr")),
    ("sr.ht", Some("ht.sr")),
    ("crates.io", None),
    ("docs.rs", None),
];

/// The identifier that the homepage or the repository gives a program.
fn derived(package: &Package) -> Option<ComponentId> {
    let addresses = [&package.homepage, &package.repository];
    let mut domains = addresses
        .into_iter()
        .flatten()
        .filter_map(|address| domain(address));
    let domain = domains.next()?;
    // The names of D-Bus, which many programs take over, have no `-`.
    let fit = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let name: String = package.name.chars().map(fit).collect();
    format!("{domain}.{name}").parse().ok()
}

/// The domain of an address, with its parts in reverse order.
fn domain(address: &str) -> Option<String> {
    let (_, rest) = address.split_once("://")?;
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let host = host.split([':', '?', '#']).next()?.to_ascii_lowercase();
    let host = host.strip_prefix("www.").unwrap_or(&host);
    let fit = |word: &str| {
        let word = word.to_ascii_lowercase().replace('-', "_");
        // A word of a name begins with a letter.
        match word.starts_with(|c: char| c.is_ascii_digit()) {
            true => format!("_{word}"),
            false => word,
        }
    };
    if let Some((_, prefix)) = SHARED_HOSTS.iter().find(|(shared, _)| *shared == host) {
        let owner = path.split('/').next()?.trim_start_matches('~');
        return prefix
            .filter(|_| !owner.is_empty())
            .map(|prefix| format!("{prefix}.{}", fit(owner)));
    }
    let is_address = host.chars().all(|c| c.is_ascii_digit() || c == '.');
    if is_address || !host.contains('.') {
        return None;
    }
    let words: Vec<_> = host.split('.').rev().map(fit).collect();
    Some(words.join("."))
}

struct Document<'a> {
    table: &'a Metainfo,
    package: &'a Package,
    id: &'a ComponentId,
    /// The text of the desktop entry.
    entry: &'a str,
    entry_name: &'a str,
    changelog: &'a str,
    date: i64,
}

impl Document<'_> {
    fn to_xml(&self, tree: &Tree) -> String {
        let Self {
            package, table, id, ..
        } = self;
        let kind = match value(self.entry, "Terminal") {
            Some("true") => "console-application",
            _ => "desktop-application",
        };
        let name = value(self.entry, "Name").filter(|name| !name.is_empty());
        let developer = table
            .developer
            .as_deref()
            .unwrap_or(package.maintainer.name());
        let mut xml = format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<component type=\"{kind}\">\n  <id>{id}</id>\n  <name>{}</name>\n  \
             <summary>{}</summary>\n  <metadata_license>{}</metadata_license>\n  <project_license>{}</project_license>\n  \
             <developer id=\"{}\">\n    <name>{}</name>\n  </developer>\n  <description>\n",
            escaped(name.unwrap_or(&package.name)),
            escaped(&package.summary),
            table.metadata_license,
            escaped(&package.license),
            id.domain(),
            escaped(developer),
        );
        for paragraph in self.paragraphs() {
            xml += &format!("    <p>{}</p>\n", escaped(&paragraph));
        }
        xml += "  </description>\n";
        xml += &format!(
            "  <launchable type=\"desktop-id\">{}</launchable>\n",
            escaped(self.entry_name)
        );
        for (kind, address) in [
            ("homepage", &package.homepage),
            ("vcs-browser", &package.repository),
        ] {
            let address = address
                .as_ref()
                .filter(|address| address.starts_with("http"));
            if let Some(address) = address {
                xml += &format!("  <url type=\"{kind}\">{}</url>\n", escaped(address));
            }
        }
        let programs = tree.files().iter().filter(|file| file.kind == Kind::Binary);
        let mut names: Vec<_> = programs.map(|file| file_name(&file.path)).collect();
        names.sort_unstable();
        names.dedup();
        if !names.is_empty() {
            xml += "  <provides>\n";
            for name in names {
                xml += &format!("    <binary>{}</binary>\n", escaped(name));
            }
            xml += "  </provides>\n";
        }
        xml += "  <releases>\n";
        for (version, date) in self.releases() {
            let kind = if version.pre.is_empty() {
                "stable"
            } else {
                "development"
            };
            xml +=
                &format!("    <release version=\"{version}\" date=\"{date}\" type=\"{kind}\"/>\n");
        }
        xml + "  </releases>\n</component>\n"
    }

    fn paragraphs(&self) -> Vec<String> {
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        let paragraphs = self.package.description.split("\n\n").map(words);
        let mut paragraphs: Vec<_> = paragraphs.filter(|text| !text.is_empty()).collect();
        if paragraphs.is_empty() {
            paragraphs.push(format!("{}.", self.package.summary.as_str()));
        }
        paragraphs
    }

    /// Those of the list of changes and this one, newest first.
    fn releases(&self) -> Vec<(semver::Version, String)> {
        let mut found = releases(self.changelog);
        let version = &self.package.version;
        // What is planned after this version is not out.
        found.retain(|(other, _)| other <= version);
        if !found.iter().any(|(other, _)| other == version) {
            let day = rfc3339(self.date)[..10].to_owned();
            found.insert(0, (version.clone(), day));
        }
        found.truncate(MAX_RELEASES);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::tree::{DATE, file as tree_file, package, tree};

    const ENTRY: &str = "[Desktop Entry]\nType=Application\nName=Hello & Co\nExec=hello\n";

    fn made(table: &Metainfo, package: &Package, entry: (&str, &str)) -> Option<(String, String)> {
        let tree = tree(vec![
            tree_file("usr/bin/hello", Kind::Binary, "program"),
            tree_file(
                &format!("usr/share/applications/{}", entry.0),
                Kind::Desktop,
                entry.1,
            ),
            tree_file(
                "usr/share/doc/hello/CHANGELOG.md",
                Kind::Changelog,
                "## 2.0.0 - 2027-01-01\n## 1.2.2 - 2025-12-01\n## 1.2.3-rc.1 - 2025-12-31\n",
            ),
        ]);
        let file = file(table, package, &tree, DATE).expect("readable")?;
        let text = String::from_utf8(file.bytes().expect("in memory")).expect("UTF-8");
        Some((file.path, text))
    }

    #[test]
    fn a_file_has_the_package_s_data() {
        let (path, text) =
            made(&Metainfo::default(), &package(), ("hello.desktop", ENTRY)).expect("made");
        assert_eq!(path, "usr/share/metainfo/org.example.hello.metainfo.xml");
        let expected = r#"<?xml version="1.0" encoding="UTF-8"?>
<component type="desktop-application">
  <id>org.example.hello</id>
  <name>Hello &amp; Co</name>
  <summary>greets people</summary>
  <metadata_license>CC0-1.0</metadata_license>
  <project_license>MIT OR Apache-2.0</project_license>
  <developer id="org.example">
    <name>Jo Doe</name>
  </developer>
  <description>
    <p>A program that greets people.</p>
    <p>It does nothing else.</p>
  </description>
  <launchable type="desktop-id">hello.desktop</launchable>
  <url type="homepage">https://example.org/hello</url>
  <url type="vcs-browser">https://example.org/hello.git</url>
  <provides>
    <binary>hello</binary>
  </provides>
  <releases>
    <release version="1.2.3" date="2026-01-02" type="stable"/>
    <release version="1.2.3-rc.1" date="2025-12-31" type="development"/>
    <release version="1.2.2" date="2025-12-01" type="stable"/>
  </releases>
</component>
"#;
        assert_eq!(text, expected);
    }

    #[test]
    fn the_id_is_the_given_one_or_the_entry_s_or_the_homepage_s() {
        let id = |table: &Metainfo, package: &Package, entry| {
            let (path, _) = made(table, package, (entry, ENTRY))?;
            Some(
                path["usr/share/metainfo/".len()..]
                    .trim_end_matches(".metainfo.xml")
                    .to_owned(),
            )
        };
        let plain = Metainfo::default();
        let given = Metainfo {
            id: "com.example.Given".parse().ok(),
            ..Metainfo::default()
        };
        let named = "org.acme.Hello.desktop";
        assert_eq!(
            id(&given, &package(), named).as_deref(),
            Some("com.example.Given")
        );
        assert_eq!(
            id(&plain, &package(), named).as_deref(),
            Some("org.acme.Hello")
        );
        let mut hosted = package();
        hosted.homepage = "https://crates.io/crates/hello".parse().ok();
        hosted.repository = "https://github.com/acme-Org/hello".parse().ok();
        assert_eq!(
            id(&plain, &hosted, "hello.desktop").as_deref(),
            Some("io.github.acme_org.hello")
        );
        hosted.repository = None;
        assert_eq!(id(&plain, &hosted, "hello.desktop"), None);
    }

    #[test]
    fn nothing_is_made_where_it_is_not_wanted_or_there_is_nothing_to_start() {
        let off = Metainfo {
            generate: false,
            ..Metainfo::default()
        };
        assert!(made(&off, &package(), ("hello.desktop", ENTRY)).is_none());
        let hidden = format!("{ENTRY}NoDisplay=true\n");
        assert!(made(&Metainfo::default(), &package(), ("hello.desktop", &hidden)).is_none());
    }

    #[test]
    fn addresses_give_domains() {
        let cases = [
            ("https://www.example.org:8080/x", Some("org.example")),
            ("https://tool.3d-things.org", Some("org._3d_things.tool")),
            ("https://codeberg.org/acme/x", Some("page.codeberg.acme")),
            ("https://git.sr.ht/~acme/x", Some("ht.sr.acme")),
            ("https://github.com", None),
            ("https://192.0.2.1/x", None),
            ("https://localhost/x", None),
            ("example.org", None),
        ];
        for (address, expected) in cases {
            assert_eq!(domain(address).as_deref(), expected, "{address}");
        }
    }

    #[test]
    fn what_is_made_passes_the_check() {
        let source = |text: String| crate::project::manifest::located::Source {
            path: "made".into(),
            text,
        };
        for terminal in ["false", "true"] {
            let entry = format!("{ENTRY}Terminal={terminal}\n");
            let (_, text) =
                made(&Metainfo::default(), &package(), ("hello.desktop", &entry)).expect("made");
            super::super::appstream::check(&source(text)).unwrap_or_else(|error| panic!("{error}"));
        }
    }
}
