//! The default install paths of files.

use crate::model::path::RelativePath;
use crate::model::tree::Kind;

/// A file whose name does not determine a default path.
#[derive(Debug, thiserror::Error)]
#[error("`{file}` has no default place: {expected}")]
pub struct NoDefault {
    /// The file's name.
    pub file: String,
    /// The expected form of the name.
    pub expected: &'static str,
}

/// The default destination of a file. `relative` is the file's name, or its path below the directory that a rule
/// names. Paths follow the Filesystem Hierarchy Standard 3.0 and, for shells and desktops, their own documentation.
pub fn default_destination(
    kind: Kind,
    package: &str,
    relative: &RelativePath,
) -> Result<RelativePath, NoDefault> {
    let name = relative.file_name();
    let place = match kind {
        Kind::Binary => format!("usr/bin/{name}"),
        Kind::Config => format!("etc/{package}/{relative}"),
        Kind::Doc => format!("usr/share/doc/{package}/{relative}"),
        Kind::Man => format!("usr/share/man/man{}/{name}", section(name)?),
        Kind::Completion => completion(name)?,
        Kind::License => format!("usr/share/licenses/{package}/{relative}"),
        Kind::Changelog => format!("usr/share/doc/{package}/{name}"),
        Kind::Desktop => format!("usr/share/applications/{name}"),
        Kind::Icon => icon(name)?,
        Kind::Metainfo => metainfo(name)?,
        Kind::SystemdUnit => format!("usr/lib/systemd/system/{name}"),
        Kind::Data => format!("usr/share/{package}/{relative}"),
    };
    Ok(place
        .parse()
        .expect("a valid path below a fixed directory is valid"))
}

fn no_default(name: &str, expected: &'static str) -> NoDefault {
    NoDefault {
        file: name.to_owned(),
        expected,
    }
}

fn section(name: &str) -> Result<char, NoDefault> {
    name.rsplit_once('.')
        .and_then(|(_, extension)| extension.chars().next())
        .filter(|section| ('1'..='9').contains(section))
        .ok_or_else(|| no_default(name, "expected a manual page's name such as `hello.1`"))
}

/// Bash, zsh and fish each have their own directory and identify completions by file name.
fn completion(name: &str) -> Result<String, NoDefault> {
    if let Some(name) = name.strip_suffix(".bash") {
        return Ok(format!("usr/share/bash-completion/completions/{name}"));
    }
    if name.ends_with(".fish") {
        return Ok(format!("usr/share/fish/vendor_completions.d/{name}"));
    }
    if name.contains('.') {
        let expected =
            "expected `hello.bash`, `_hello` (zsh) or `hello.fish`; others need a `destination`";
        return Err(no_default(name, expected));
    }
    if name.starts_with('_') {
        return Ok(format!("usr/share/zsh/site-functions/{name}"));
    }
    Ok(format!("usr/share/bash-completion/completions/{name}"))
}

fn icon(name: &str) -> Result<String, NoDefault> {
    match name.rsplit_once('.') {
        Some((_, "svg")) => Ok(format!("usr/share/icons/hicolor/scalable/apps/{name}")),
        Some((_, "png" | "xpm")) => Ok(format!("usr/share/pixmaps/{name}")),
        _ => Err(no_default(
            name,
            "expected an icon's name such as `hello.svg` or `hello.png`",
        )),
    }
}

/// Other names are not looked at (AppStream, "Upstream Metadata").
fn metainfo(name: &str) -> Result<String, NoDefault> {
    if name.ends_with(".metainfo.xml") || name.ends_with(".appdata.xml") {
        return Ok(format!("usr/share/metainfo/{name}"));
    }
    let expected = "expected a name such as `org.example.Hello.metainfo.xml`";
    Err(no_default(name, expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(kind: Kind, relative: &str) -> Result<String, String> {
        let relative = relative.parse().expect("a valid path");
        default_destination(kind, "hello", &relative)
            .map(|path| path.to_string())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn every_kind_has_a_place() {
        let table = [
            (Kind::Binary, "hello", "usr/bin/hello"),
            (Kind::Config, "hello.toml", "etc/hello/hello.toml"),
            (
                Kind::Doc,
                "guide/README",
                "usr/share/doc/hello/guide/README",
            ),
            (Kind::Man, "hello.1", "usr/share/man/man1/hello.1"),
            (
                Kind::Completion,
                "hello",
                "usr/share/bash-completion/completions/hello",
            ),
            (
                Kind::Completion,
                "hello.bash",
                "usr/share/bash-completion/completions/hello",
            ),
            (
                Kind::Completion,
                "_hello",
                "usr/share/zsh/site-functions/_hello",
            ),
            (
                Kind::Completion,
                "hello.fish",
                "usr/share/fish/vendor_completions.d/hello.fish",
            ),
            (Kind::License, "LICENSE", "usr/share/licenses/hello/LICENSE"),
            (
                Kind::Changelog,
                "CHANGELOG.md",
                "usr/share/doc/hello/CHANGELOG.md",
            ),
            (
                Kind::Desktop,
                "hello.desktop",
                "usr/share/applications/hello.desktop",
            ),
            (
                Kind::Icon,
                "hello.svg",
                "usr/share/icons/hicolor/scalable/apps/hello.svg",
            ),
            (Kind::Icon, "hello.png", "usr/share/pixmaps/hello.png"),
            (
                Kind::Metainfo,
                "org.example.Hello.metainfo.xml",
                "usr/share/metainfo/org.example.Hello.metainfo.xml",
            ),
            (
                Kind::SystemdUnit,
                "hello.service",
                "usr/lib/systemd/system/hello.service",
            ),
            (Kind::Data, "a/b", "usr/share/hello/a/b"),
        ];
        for (kind, relative, expected) in table {
            assert_eq!(place(kind, relative).as_deref(), Ok(expected), "{kind:?}");
        }
    }

    #[test]
    fn a_name_that_does_not_tell_the_place_is_refused() {
        assert_eq!(
            place(Kind::Man, "hello"),
            Err(
                "`hello` has no default place: expected a manual page's name such as `hello.1`"
                    .into()
            )
        );
        assert!(place(Kind::Completion, "_hello.ps1").is_err());
        assert!(place(Kind::Icon, "hello.ico").is_err());
        assert!(place(Kind::Metainfo, "hello.xml").is_err());
    }
}
