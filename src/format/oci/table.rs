//! The format's table of the manifest.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::reference::is_repository;
use super::values::{Argument, BasePath, LabelName, Signal, Text, VariableName};
use crate::format::Resources;
use crate::model::text::{InvalidText, typed_text};

/// The format and its table of the manifest.
#[derive(
    Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Oci {
    /// The image's name, if it is not the package's, such as `registry.example.org/team/hello`.
    pub repository: Option<Repository>,
    /// Whether an archive with the images for all targets is made as well; by default it is.
    pub index: Option<bool>,
    /// The image to build on: an OCI layout as a directory or a tar, by its path from the project's directory. Images for
    /// glibc need one.
    pub base: Option<BasePath>,
    /// The user that runs the program.
    pub user: User,
    /// The command to run; if empty, the program itself.
    pub entrypoint: Vec<Argument>,
    /// Default arguments, used if the user of the image gives none.
    pub command: Vec<Argument>,
    /// The working directory; `/` by default, because every user can read it.
    pub working_directory: Option<Folder>,
    /// Ports that the program listens on.
    pub ports: Vec<Port>,
    /// Environment variables.
    pub environment: BTreeMap<VariableName, Text>,
    /// Folders for data that outlives the container; they belong to the user.
    pub volumes: Vec<Folder>,
    /// Labels besides those that are made from the package's metadata.
    pub labels: BTreeMap<LabelName, Text>,
    /// How an engine checks whether the program works.
    pub healthcheck: Option<HealthCheck>,
    /// A file of the tree with certificates in PEM, which becomes the image's `/etc/ssl/certs/ca-certificates.crt`.
    pub ca_certificates: Option<Text>,
    /// The signal that asks the program to exit, such as `SIGINT`.
    pub stop_signal: Option<Signal>,
}

impl Oci {
    /// The table with the base where it is: the one that was given, or the manifest's below the project's directory.
    pub(super) fn with(&self, resources: &Resources) -> Self {
        let path = match (&resources.oci_base, &self.base) {
            (Some(given), _) => Some(given.clone()),
            (None, Some(base)) => Some(resources.directory.join(base.path())),
            (None, None) => None,
        };
        Self {
            base: path.map(BasePath::new),
            ..self.clone()
        }
    }
}

/// How an engine checks whether the program works. docker and podman support it; Kubernetes has probes instead.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HealthCheck {
    /// The command to run inside the container, with its arguments; there is no shell.
    pub command: Command,
    /// The time between two runs.
    #[serde(default = "HealthCheck::default_interval")]
    pub interval_seconds: u32,
    /// The maximum time of a run.
    #[serde(default = "HealthCheck::default_timeout")]
    pub timeout_seconds: u32,
    /// The time after the start in which failures do not count.
    #[serde(default)]
    pub start_period_seconds: u32,
    /// The number of consecutive failures that make the container unhealthy.
    #[serde(default = "HealthCheck::default_retries")]
    pub retries: u32,
}

/// Docker's defaults, written explicitly so that every engine uses the same.
impl HealthCheck {
    fn default_interval() -> u32 {
        30
    }

    fn default_timeout() -> u32 {
        30
    }

    fn default_retries() -> u32 {
        3
    }
}

/// A program and its arguments.
#[derive(
    Clone, Debug, PartialEq, Eq, serde::Deserialize, schemars::JsonSchema, serde::Serialize,
)]
#[serde(try_from = "Vec<String>")]
pub struct Command(Vec<String>);

impl TryFrom<Vec<String>> for Command {
    type Error = InvalidText;

    fn try_from(words: Vec<String>) -> Result<Self, InvalidText> {
        let is_argument = |word: &String| word.parse::<Argument>().is_ok();
        let has_program = words.first().is_some_and(|program| !program.is_empty());
        if has_program && words.iter().all(is_argument) {
            return Ok(Self(words));
        }
        let expected = "a list of a program and its arguments, without zero bytes";
        Err(InvalidText::new("command", &words.join(" "), expected))
    }
}

impl Command {
    /// The program and its arguments.
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

/// An image's name without a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository(String);

impl FromStr for Repository {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if is_repository(text) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "an image's name without a tag, such as `registry.example.org/team/hello`";
        Err(InvalidText::new("repository", text, expected))
    }
}

typed_text!(Repository(String));

/// An absolute path in an image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Folder(String);

impl FromStr for Folder {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let is_plain = |part: &str| !matches!(part, "" | "." | "..");
        let rest = text.strip_prefix('/');
        let is_path = |rest: &str| rest.is_empty() || rest.split('/').all(is_plain);
        if rest.is_some_and(is_path) && !text.contains(char::is_control) {
            return Ok(Self(text.to_owned()));
        }
        let expected = "an absolute path without `.`, `..`, double slashes and control characters, such as `/var/lib/hello`";
        Err(InvalidText::new("folder", text, expected))
    }
}

typed_text!(Folder(String));

impl Folder {
    /// The path from the root; empty for the root itself.
    pub fn below_root(&self) -> &str {
        &self.0[1..]
    }
}

/// A user and a group by numeric IDs: only with an ID can Kubernetes tell that a user is not root.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct User {
    /// The user ID.
    pub user: u32,
    /// The group ID.
    pub group: u32,
}

impl Default for User {
    /// The conventional ID of "nonroot" in images without a base system.
    fn default() -> Self {
        let (user, group) = (65532, 65532);
        Self { user, group }
    }
}

impl FromStr for User {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let parse = || {
            let (user, group) = text.split_once(':').unwrap_or((text, text));
            Some((number(user)?, number(group)?))
        };
        match parse() {
            Some((user, group)) => Ok(Self { user, group }),
            None => {
                let expected = "the numbers of a user and a group, as in `65532:65532`";
                Err(InvalidText::new("user", text, expected))
            }
        }
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.user, self.group)
    }
}

typed_text!(User);

/// A port and its protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Port {
    number: u16,
    protocol: Protocol,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Protocol {
    Tcp,
    Udp,
    Sctp,
}

impl Protocol {
    const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    fn name(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

impl FromStr for Port {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let parse = || {
            let (number_text, protocol) = text.split_once('/').unwrap_or((text, "tcp"));
            let protocol = Protocol::ALL.into_iter().find(|p| p.name() == protocol)?;
            let number = number(number_text).filter(|n| *n > 0)?;
            Some(Self { number, protocol })
        };
        let expected = "a port, as in `8080`, `8080/tcp` or `53/udp`";
        parse().ok_or_else(|| InvalidText::new("port", text, expected))
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.protocol.name())
    }
}

typed_text!(Port);

/// Only digits: `parse` would also accept a sign.
fn number<T: FromStr>(text: &str) -> Option<T> {
    let is_number = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_numbers() {
        let user = |text: &str| text.parse::<User>().map(|u| u.to_string());
        assert_eq!(user("1000:100").expect("valid"), "1000:100");
        assert_eq!(user("1000").expect("valid"), "1000:1000");
        assert_eq!(
            user("app").expect_err("a name").to_string(),
            "user `app` is not valid; expected the numbers of a user and a group, as in `65532:65532`"
        );
        assert!(user("+1:1").is_err());
    }

    #[test]
    fn ports_have_a_protocol() {
        let port = |text: &str| text.parse::<Port>().map(|p| p.to_string());
        assert_eq!(port("8080").expect("valid"), "8080/tcp");
        assert_eq!(port("53/udp").expect("valid"), "53/udp");
        for bad in ["0", "65536", "80/http", "", "/tcp", "-1"] {
            assert!(port(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn folders_are_absolute_and_plain() {
        let folder = |text: &str| text.parse::<Folder>();
        assert_eq!(folder("/var/lib").expect("valid").below_root(), "var/lib");
        assert_eq!(folder("/").expect("valid").below_root(), "");
        for bad in ["data", "/a/../b", "/a//b", "/a/", "", "//", "/a\nb", "/a\0"] {
            assert!(folder(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_command_has_a_program() {
        assert!(Command::try_from(vec![]).is_err());
        assert!(Command::try_from(vec![String::new()]).is_err());
        assert!(Command::try_from(vec!["/hello".to_owned()]).is_ok());
    }

    #[test]
    fn a_name_with_a_tag_is_no_repository() {
        let error = "hello:1".parse::<Repository>().expect_err("a tag");
        assert_eq!(
            error.to_string(),
            "repository `hello:1` is not valid; expected an image's name without a tag, such as `registry.example.org/team/hello`"
        );
    }

    #[test]
    fn keys_are_spelled_with_hyphens_and_unknown_ones_are_refused() {
        let table: Oci = serde_json::from_str(
            r#"{"ports": ["80"], "healthcheck": {"command": ["/usr/bin/hello"], "interval-seconds": 5}}"#,
        )
        .expect("valid");
        assert_eq!(table.healthcheck.expect("given").retries, 3);
        assert!(serde_json::from_str::<Oci>(r#"{"port": 80}"#).is_err());
    }
}
