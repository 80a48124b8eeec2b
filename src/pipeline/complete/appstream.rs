//! Checks AppStream files (AppStream 1.0, "Upstream Metadata"): what `appstreamcli validate` calls an error.

use roxmltree::{Document, Node};

use crate::project::manifest::desktop::{ComponentId, METADATA_LICENSES};
use crate::project::manifest::located::{Located, Source};

/// The kinds of components.
const TYPES: [&str; 15] = [
    "addon",
    "codec",
    "console-application",
    "desktop",
    "desktop-application",
    "driver",
    "firmware",
    "font",
    "generic",
    "icon-theme",
    "inputmethod",
    "localization",
    "operating-system",
    "runtime",
    "web-application",
];
/// What an element of a description can hold besides text.
const MARKUP: [(&str, &[&str]); 6] = [
    ("description", &["p", "ol", "ul"]),
    ("p", &["em", "code"]),
    ("ol", &["li"]),
    ("ul", &["li"]),
    ("li", &["em", "code"]),
    ("em", &["code"]),
];

/// Refuses a file that software centers would not take.
pub(super) fn check(source: &Source) -> Result<(), Box<Located>> {
    let document = Document::parse(&source.text).map_err(|error| {
        let place = place_of(&source.text, &error);
        source.error_at(place..place, format!("not well-formed XML: {error}"))
    })?;
    Checked { source }.component(document.root_element())
}

/// Where in a text an error is.
pub(super) fn place_of(text: &str, error: &roxmltree::Error) -> usize {
    if let roxmltree::Error::UnclosedRootNode = error {
        return text.trim_end().len();
    }
    let at = error.pos();
    let lines = text.split_inclusive('\n').take(at.row as usize - 1);
    let start: usize = lines.map(str::len).sum();
    let line = text[start..].lines().next().unwrap_or_default();
    let column = line.char_indices().nth(at.col as usize - 1);
    start + column.map_or(line.len(), |(column, _)| column)
}

struct Checked<'a> {
    source: &'a Source,
}

impl Checked<'_> {
    fn refuse<T>(&self, node: Node<'_, '_>, message: impl Into<String>) -> Result<T, Box<Located>> {
        let range = node.range();
        // The tag alone: an element may have many lines.
        let tag = self.source.text[range.clone()].find('>').map(|end| end + 1);
        let end = tag.map_or(range.end, |length| range.start + length);
        Err(self.source.error_at(range.start..end, message))
    }

    fn component(&self, root: Node<'_, '_>) -> Result<(), Box<Located>> {
        if root.tag_name().name() != "component" {
            let message = format!(
                "the file has `<{}>`; expected `<component>`",
                root.tag_name().name()
            );
            return self.refuse(root, message);
        }
        let kind = root.attribute("type").unwrap_or("generic");
        if !TYPES.contains(&kind) {
            let message = format!(
                "the type `{kind}` is unknown; expected one of `{}`",
                TYPES.join("`, `")
            );
            return self.refuse(root, message);
        }
        self.id(root, kind)?;
        self.text_of(root, "name")?;
        let summary = self.text_of(root, "summary")?;
        if text(summary).contains(['\n', '\t']) {
            return self.refuse(
                summary,
                "the summary has a line break or a tab; expected one line",
            );
        }
        let license = self.text_of(root, "metadata_license")?;
        self.metadata_license(license)?;
        let is_application = kind.starts_with("desktop") && kind != "desktop";
        for node in root.descendants().filter(Node::is_element) {
            match node.tag_name().name() {
                "description" => self.description(node)?,
                "release" if parent_is(node, "releases") => self.release(node)?,
                "url" if parent_is(node, "component") => self.url(node)?,
                _ => {}
            }
        }
        if is_application {
            let has = |name: &str| children(root, name).next().is_some();
            if !has("description") {
                return self.refuse(root, "the application has no `<description>`");
            }
            if !has("launchable") {
                let expected =
                    "expected `<launchable type=\"desktop-id\">NAME.desktop</launchable>`";
                return self.refuse(
                    root,
                    format!("the application has no `<launchable>`; {expected}"),
                );
            }
        }
        Ok(())
    }

    fn id(&self, root: Node<'_, '_>, kind: &str) -> Result<(), Box<Located>> {
        let id = self.text_of(root, "id")?;
        // Applications may have the name of their desktop entry, as they had before there were identifiers.
        let is_old = kind.starts_with("desktop") && text(id).ends_with(".desktop");
        if is_old {
            return Ok(());
        }
        match text(id).parse::<ComponentId>() {
            Ok(_) => Ok(()),
            Err(error) => self.refuse(id, error.to_string()),
        }
    }

    /// The only untranslated child with a name, which has text.
    fn text_of<'a>(&self, parent: Node<'a, 'a>, name: &str) -> Result<Node<'a, 'a>, Box<Located>> {
        let is_own = |node: &Node<'_, '_>| {
            let xml = "http://www.w3.org/XML/1998/namespace";
            node.attribute((xml, "lang")).is_none()
        };
        let mut found = children(parent, name).filter(is_own);
        let Some(node) = found.next().filter(|node| !text(*node).is_empty()) else {
            return self.refuse(parent, format!("the component has no `<{name}>`"));
        };
        match found.next() {
            Some(other) => self.refuse(other, format!("`<{name}>` is there twice")),
            None => Ok(node),
        }
    }

    fn metadata_license(&self, node: Node<'_, '_>) -> Result<(), Box<Located>> {
        let parts = text(node).split_whitespace();
        let is_free = |part: &str| {
            let part = part.trim_matches(['(', ')']);
            let is_gfdl = part.starts_with("GFDL-1.") && part.ends_with("no-invariants-or-later");
            METADATA_LICENSES.contains(&part)
                || is_gfdl
                || ["AND", "OR", "and", "or"].contains(&part)
        };
        if parts.clone().all(is_free) {
            return Ok(());
        }
        let message = format!(
            "the metadata license `{}` does not let everybody copy the file; expected one of `{}`",
            text(node),
            METADATA_LICENSES.join("`, `")
        );
        self.refuse(node, message)
    }

    fn description(&self, node: Node<'_, '_>) -> Result<(), Box<Located>> {
        for element in node.descendants().filter(Node::is_element).skip(1) {
            let name = element.tag_name().name();
            let parent = element
                .parent_element()
                .map_or("", |parent| parent.tag_name().name());
            let allowed = MARKUP.iter().find(|(known, _)| *known == parent);
            let allowed = allowed.map_or(&[][..], |(_, allowed)| *allowed);
            if !allowed.contains(&name) {
                let expected = match allowed {
                    [] => "text alone".to_owned(),
                    allowed => format!("text or `<{}>`", allowed.join(">`, `<")),
                };
                return self.refuse(
                    element,
                    format!("`<{parent}>` has `<{name}>`; expected {expected}"),
                );
            }
        }
        Ok(())
    }

    fn release(&self, node: Node<'_, '_>) -> Result<(), Box<Located>> {
        if node.attribute("version").is_none_or(str::is_empty) {
            return self.refuse(node, "the release has no `version`");
        }
        if node
            .attribute("date")
            .or(node.attribute("timestamp"))
            .is_none()
        {
            return self.refuse(
                node,
                "the release has no `date`; expected one such as `2026-01-31`",
            );
        }
        Ok(())
    }

    fn url(&self, node: Node<'_, '_>) -> Result<(), Box<Located>> {
        let address = text(node);
        if ["https://", "http://", "ftp://"]
            .iter()
            .any(|scheme| address.starts_with(scheme))
        {
            return Ok(());
        }
        if node.attribute("type") == Some("contact") && address.starts_with("mailto:") {
            return Ok(());
        }
        self.refuse(
            node,
            format!("`{address}` is no address; expected one that begins with `https://`"),
        )
    }
}

fn children<'a>(parent: Node<'a, 'a>, name: &str) -> impl Iterator<Item = Node<'a, 'a>> {
    parent
        .children()
        .filter(move |node| node.has_tag_name(name))
}

fn parent_is(node: Node<'_, '_>, name: &str) -> bool {
    node.parent_element()
        .is_some_and(|parent| parent.has_tag_name(name))
}

fn text<'a>(node: Node<'a, '_>) -> &'a str {
    node.text().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<component type="desktop-application">
  <id>org.example.Hello</id>
  <name>Hello</name>
  <name xml:lang="de">Hallo</name>
  <summary>Greets people</summary>
  <metadata_license>CC0-1.0 OR MIT</metadata_license>
  <description>
    <p>Greets <em>people</em> with <code>hello</code>.</p>
    <ul><li>Loudly</li></ul>
  </description>
  <launchable type="desktop-id">hello.desktop</launchable>
  <url type="homepage">https://example.org</url>
  <releases>
    <release version="1.2.3" date="2026-01-02"><description><p>Louder.</p></description></release>
  </releases>
</component>
"#;

    fn error(text: &str) -> String {
        let (path, text) = ("hello.metainfo.xml".into(), text.to_owned());
        let error = check(&Source { path, text })
            .expect_err("it is wrong")
            .to_string();
        error.lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn a_good_file_passes() {
        let source = |text: &str| Source {
            path: "x".into(),
            text: text.to_owned(),
        };
        check(&source(GOOD)).unwrap_or_else(|error| panic!("{error}"));
        let old = GOOD.replace("org.example.Hello", "hello.desktop");
        check(&source(&old)).expect("the name of its desktop entry");
    }

    #[test]
    fn every_mistake_is_refused_with_its_place() {
        let cases = [
            (
                "<component type",
                "<application type",
                "17:1: not well-formed XML: expected 'application' tag, not 'component' at 17:1",
            ),
            (
                "desktop-application",
                "program",
                "2:1: the type `program` is unknown; expected one of `addon`, ",
            ),
            (
                "  <id>org.example.Hello</id>\n",
                "",
                "2:1: the component has no `<id>`",
            ),
            (
                "org.example.Hello",
                "hello",
                "3:3: component ID `hello` is not valid; expected at least three words",
            ),
            (
                "<name>Hello</name>",
                "",
                "2:1: the component has no `<name>`",
            ),
            (
                "<name xml:lang=\"de\">",
                "<name>",
                "5:3: `<name>` is there twice",
            ),
            (
                "<summary>Greets people</summary>",
                "<summary/>",
                "2:1: the component has no `<summary>`",
            ),
            (
                "Greets people<",
                "Greets\n people<",
                "6:3: the summary has a line break or a tab; expected one line",
            ),
            (
                "<metadata_license>CC0-1.0 OR MIT</metadata_license>",
                "",
                "2:1: the component has no `<metadata_license>`",
            ),
            (
                "CC0-1.0 OR MIT",
                "GPL-3.0",
                "7:3: the metadata license `GPL-3.0` does not let everybody copy the file; expected one of `0BSD`",
            ),
            (
                "<em>people</em>",
                "<b>people</b>",
                "9:15: `<p>` has `<b>`; expected text or `<em>`, `<code>`",
            ),
            (
                "<li>Loudly</li>",
                "<p>Loudly</p>",
                "10:9: `<ul>` has `<p>`; expected text or `<li>`",
            ),
            (
                "  <launchable type=\"desktop-id\">hello.desktop</launchable>\n",
                "",
                "2:1: the application has no `<launchable>`",
            ),
            (
                "https://example.org",
                "example.org",
                "13:3: `example.org` is no address; expected one that begins with `https://`",
            ),
            (
                " version=\"1.2.3\"",
                "",
                "15:5: the release has no `version`",
            ),
            (
                " date=\"2026-01-02\"",
                "",
                "15:5: the release has no `date`; expected one such as `2026-01-31`",
            ),
            ("</component>", "", "16:14: not well-formed XML: "),
        ];
        for (good, bad, expected) in cases {
            let changed = GOOD.replacen(good, bad, 1);
            assert_ne!(changed, GOOD, "{good}");
            let found = error(&changed);
            assert!(
                found.starts_with(&format!("hello.metainfo.xml:{expected}")),
                "{found}"
            );
        }
    }
}
