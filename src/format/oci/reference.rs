//! Image names and tags, as docker and the OCI distribution specification write them.

use super::table::Oci;
use crate::format::FormatError;
use crate::model::package::Package;

/// The maximum length of a tag.
const MAX_TAG: usize = 128;

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
