//! Image names and tags, as docker and the OCI distribution specification write them.

use std::str::FromStr;

use super::table::Oci;
use crate::format::FormatError;
use crate::model::package::Package;

/// The maximum length of a tag.
const MAX_TAG: usize = 128;

/// Where an image is in a registry: `REGISTRY/NAME[:TAG]`, as docker writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The registry's host, with the port if it is not the usual one.
    pub host: String,
    /// The name of the repository in the registry.
    pub name: String,
    /// The tag, if it was given.
    pub tag: Option<String>,
}

/// Text that is not a reference.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected REGISTRY/NAME or REGISTRY/NAME:TAG in lower case, such as `registry.example.org/team/hello:1.0`"
)]
pub struct InvalidReference;

impl FromStr for Reference {
    type Err = InvalidReference;

    fn from_str(text: &str) -> Result<Self, InvalidReference> {
        let path = text.rfind('/').ok_or(InvalidReference)?;
        let (name, tag) = match text[path..].find(':') {
            Some(colon) => (&text[..path + colon], Some(&text[path + colon + 1..])),
            None => (text, None),
        };
        let (host, rest) = host(name).ok_or(InvalidReference)?;
        if !is_repository(name) || !tag.is_none_or(is_tag) {
            return Err(InvalidReference);
        }
        Ok(Self {
            host: host.to_owned(),
            name: rest.to_owned(),
            tag: tag.map(str::to_owned),
        })
    }
}

/// Whether a tag is one of the OCI distribution specification ("Pulling manifests").
pub(crate) fn is_tag(tag: &str) -> bool {
    let is_inside = |b: u8| b.is_ascii_alphanumeric() || b"_.-".contains(&b);
    let is_first = |b: &u8| b.is_ascii_alphanumeric() || *b == b'_';
    tag.len() <= MAX_TAG
        && tag.as_bytes().first().is_some_and(is_first)
        && tag.bytes().all(is_inside)
}

/// The image's name.
pub(super) fn repository<'a>(oci: &'a Oci, package: &'a Package) -> Result<&'a str, FormatError> {
    match &oci.repository {
        Some(repository) => Ok(repository.as_str()),
        None if is_repository(&package.name) => Ok(&package.name),
        None => Err(FormatError::Invalid(format!(
            "`{}` cannot be the name of an image: its parts must be lower-case letters and digits, with `.`, `_` or \
             `-` between them; set `repository`",
            package.name
        ))),
    }
}

/// The image's tag: the version, with `_` instead of `+`, which a tag cannot contain.
pub(super) fn tag(package: &Package) -> Result<String, FormatError> {
    let tag = package.version.to_string().replace('+', "_");
    match tag.len() <= MAX_TAG {
        true => Ok(tag),
        false => Err(FormatError::Invalid(format!(
            "the version `{tag}` is too long for an image's tag, which has at most {MAX_TAG} characters"
        ))),
    }
}

/// The name with docker's default host and folder if it has none.
pub(super) fn full_name(name: &str) -> String {
    match (host(name), name.contains('/')) {
        (Some(_), _) => name.to_owned(),
        (None, true) => format!("docker.io/{name}"),
        (None, false) => format!("docker.io/library/{name}"),
    }
}

/// Whether an image can have this name.
pub(super) fn is_repository(name: &str) -> bool {
    match host(name) {
        Some((host, rest)) => is_host(host) && rest.split('/').all(is_part),
        None => name.split('/').all(is_part),
    }
}

/// The first of several parts is a host if it has a dot or a port.
fn host(name: &str) -> Option<(&str, &str)> {
    let (first, rest) = name.split_once('/')?;
    let is_host = first.contains(['.', ':']) || first == "localhost";
    is_host.then_some((first, rest))
}

fn is_host(host: &str) -> bool {
    let (name, port) = host.split_once(':').unwrap_or((host, "0"));
    let is_digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
    let is_label = |label: &str| {
        let is_valid = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
        !label.is_empty() && label.bytes().all(is_valid)
    };
    is_digits && name.split('.').all(is_label)
}

/// Letters and digits, with one `.`, one or two `_`, or any number of `-` between them.
fn is_part(part: &str) -> bool {
    let is_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    let is_inside = part.starts_with(is_letter) && part.ends_with(is_letter);
    let mut separators = part.split(is_letter);
    is_inside
        && separators.all(|s| matches!(s, "" | "." | "_" | "__") || s.bytes().all(|b| b == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::package;

    #[test]
    fn names_are_those_that_docker_takes() {
        for good in [
            "hello",
            "a/b",
            "registry.example.org/team/hello",
            "localhost:5000/x",
            "a--b",
            "a__b.c",
        ] {
            assert!(is_repository(good), "{good}");
        }
        for bad in [
            "", "Hello", "g++", "a/", "/a", "a..b", "-a", "a-", "a:5000", "a___b", "x.org:/y",
        ] {
            assert!(!is_repository(bad), "{bad}");
        }
    }

    #[test]
    fn a_place_in_a_registry_has_a_host_a_name_and_perhaps_a_tag() {
        let parts = |text: &str| {
            let found: Reference = text.parse().expect("valid");
            (found.host, found.name, found.tag)
        };
        let tag = |text: &str| Some(text.to_owned());
        assert_eq!(
            parts("localhost:5000/hello"),
            ("localhost:5000".into(), "hello".into(), None)
        );
        assert_eq!(
            parts("registry.example.org/team/hello:1.0_b5"),
            (
                "registry.example.org".into(),
                "team/hello".into(),
                tag("1.0_b5")
            )
        );
        for bad in [
            "hello",
            "team/hello",
            "hello:1",
            "x.org/Hello",
            "x.org/hello:",
            "x.org/hello:.1",
            "x.org/hello:a b",
            "https://x.org/hello",
            "x.org:y/hello",
            "x.org/",
            "x.org/hello:1:2",
            "me@x.org/hello",
        ] {
            assert_eq!(bad.parse::<Reference>(), Err(InvalidReference), "{bad}");
        }
    }

    #[test]
    fn a_name_without_a_host_means_that_of_docker() {
        assert_eq!(full_name("hello:1"), "docker.io/library/hello:1");
        assert_eq!(full_name("team/hello:1"), "docker.io/team/hello:1");
        assert_eq!(full_name("example.org/hello:1"), "example.org/hello:1");
    }

    #[test]
    fn a_name_that_no_image_can_have_is_refused() {
        let mut package = package();
        package.name = "g++".parse().expect("Debian's rule allows it");
        let error = repository(&Oci::default(), &package).expect_err("not valid");
        assert!(
            error
                .to_string()
                .starts_with("`g++` cannot be the name of an image")
        );
    }

    #[test]
    fn build_metadata_is_kept_in_the_tag() {
        let mut package = package();
        package.version = "1.0.0-beta.1+b5".parse().expect("a version");
        assert_eq!(tag(&package).expect("short"), "1.0.0-beta.1_b5");
    }
}
