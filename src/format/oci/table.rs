//! The format's table of the manifest.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use super::reference::is_repository;

/// The format and its table of the manifest.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub struct Oci {
    /// The image's name where it is not the package's, such as `registry.example.org/team/hello`.
    pub repository: Option<Repository>,
    /// Who runs the program.
    pub user: User,
    /// What is run; the program itself where it is empty.
    pub entrypoint: Vec<String>,
    /// Arguments where the user of the image gives none.
    pub command: Vec<String>,
    /// Where the program starts; `/` by default, since that is readable to any user.
    pub working_directory: Option<Folder>,
    /// Ports that the program listens on.
    pub ports: Vec<Port>,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
    /// Folders for data that outlives the container; they belong to the user.
    pub volumes: Vec<Folder>,
    /// Labels beside those that are made from the package's metadata.
    pub labels: BTreeMap<String, String>,
    /// How an engine finds out whether the program works.
    pub healthcheck: Option<HealthCheck>,
    /// A file of the tree with certificates in PEM, which becomes the image's `/etc/ssl/certs/ca-certificates.crt`.
    pub ca_certificates: Option<String>,
    /// The signal that asks the program to end, such as `SIGINT`.
    pub stop_signal: Option<String>,
}

/// How an engine finds out whether the program works. docker and podman know it, Kubernetes has probes instead.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct HealthCheck {
    /// The command to run inside the container, with its arguments; there is no shell.
    pub command: Command,
    /// The time between two runs.
    #[serde(default = "HealthCheck::default_interval")]
    pub interval_seconds: u32,
    /// How long a run may take.
    #[serde(default = "HealthCheck::default_timeout")]
    pub timeout_seconds: u32,
    /// How long the program may take to start, during which failures do not count.
    #[serde(default)]
    pub start_period_seconds: u32,
    /// How many failures in a row make the container unhealthy.
    #[serde(default = "HealthCheck::default_retries")]
    pub retries: u32,
}

/// Docker's own defaults, written down so that every engine has the same.
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

/// A text that is not what its key needs.
#[derive(Debug, thiserror::Error)]
#[error("`{found}` is not valid; expected {expected}")]
pub struct NotValid {
    found: String,
    expected: &'static str,
}

/// A program and its arguments.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "Vec<String>")]
pub struct Command(Vec<String>);

impl TryFrom<Vec<String>> for Command {
    type Error = NotValid;

    fn try_from(words: Vec<String>) -> Result<Self, NotValid> {
        match words.first().is_some_and(|program| !program.is_empty()) {
            true => Ok(Self(words)),
            false => Err(NotValid {
                found: words.join(" "),
                expected: "a list of a program and its arguments",
            }),
        }
    }
}

impl Command {
    /// The program and its arguments.
    pub fn words(&self) -> &[String] {
        &self.0
    }
}

/// An image's name without a tag.
#[derive(Clone, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String")]
pub struct Repository(String);

impl TryFrom<String> for Repository {
    type Error = NotValid;

    fn try_from(found: String) -> Result<Self, NotValid> {
        match is_repository(&found) {
            true => Ok(Self(found)),
            false => Err(NotValid {
                found,
                expected: "an image's name without a tag, such as `registry.example.org/team/hello`",
            }),
        }
    }
}

impl Repository {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An absolute path in an image.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String")]
pub struct Folder(String);

impl TryFrom<String> for Folder {
    type Error = NotValid;

    fn try_from(found: String) -> Result<Self, NotValid> {
        let is_plain = |part: &str| !matches!(part, "" | "." | "..");
        let rest = found.strip_prefix('/');
        match rest.is_some_and(|rest| rest.is_empty() || rest.split('/').all(is_plain)) {
            true => Ok(Self(found)),
            false => Err(NotValid {
                found,
                expected: "an absolute path without `.`, `..` and double slashes, such as `/var/lib/hello`",
            }),
        }
    }
}

impl Folder {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path from the root; empty for the root itself.
    pub fn below_root(&self) -> &str {
        &self.0[1..]
    }
}

/// A user and a group by their numbers: Kubernetes can tell only from a number that a user is not root.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize, serde::Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct User {
    /// The user's number.
    pub user: u32,
    /// The group's number.
    pub group: u32,
}

impl Default for User {
    /// The number that images without a base system have for "not root" by convention.
    fn default() -> Self {
        let (user, group) = (65532, 65532);
        Self { user, group }
    }
}

impl TryFrom<String> for User {
    type Error = NotValid;

    fn try_from(found: String) -> Result<Self, NotValid> {
        let parse = || {
            let (user, group) = found.split_once(':').unwrap_or((&found, &found));
            Some((number(user)?, number(group)?))
        };
        match parse() {
            Some((user, group)) => Ok(Self { user, group }),
            None => Err(NotValid {
                found,
                expected: "the numbers of a user and a group, as in `65532:65532`",
            }),
        }
    }
}

impl fmt::Display for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.user, self.group)
    }
}

impl From<User> for String {
    fn from(user: User) -> String {
        user.to_string()
    }
}

/// A port and its protocol.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, serde::Serialize,
)]
#[serde(try_from = "String", into = "String")]
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

impl TryFrom<String> for Port {
    type Error = NotValid;

    fn try_from(found: String) -> Result<Self, NotValid> {
        let parse = || {
            let (number_text, protocol) = found.split_once('/').unwrap_or((&found, "tcp"));
            let protocol = Protocol::ALL.into_iter().find(|p| p.name() == protocol)?;
            let number = number(number_text).filter(|n| *n > 0)?;
            Some(Self { number, protocol })
        };
        match parse() {
            Some(port) => Ok(port),
            None => Err(NotValid {
                found,
                expected: "a port, as in `8080`, `8080/tcp` or `53/udp`",
            }),
        }
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.protocol.name())
    }
}

impl From<Port> for String {
    fn from(port: Port) -> String {
        port.to_string()
    }
}

/// Digits alone: `parse` would take a sign, too.
fn number<T: FromStr>(text: &str) -> Option<T> {
    let is_number = text.bytes().all(|b| b.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_numbers() {
        let user = |text: &str| User::try_from(text.to_owned()).map(|u| u.to_string());
        assert_eq!(user("1000:100").expect("valid"), "1000:100");
        assert_eq!(user("1000").expect("valid"), "1000:1000");
        assert_eq!(
            user("app").expect_err("a name").to_string(),
            "`app` is not valid; expected the numbers of a user and a group, as in `65532:65532`"
        );
        assert!(user("+1:1").is_err());
    }

    #[test]
    fn ports_have_a_protocol() {
        let port = |text: &str| Port::try_from(text.to_owned()).map(|p| p.to_string());
        assert_eq!(port("8080").expect("valid"), "8080/tcp");
        assert_eq!(port("53/udp").expect("valid"), "53/udp");
        for bad in ["0", "65536", "80/http", "", "/tcp", "-1"] {
            assert!(port(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn folders_are_absolute_and_plain() {
        let folder = |text: &str| Folder::try_from(text.to_owned());
        assert_eq!(folder("/var/lib").expect("valid").below_root(), "var/lib");
        assert_eq!(folder("/").expect("valid").below_root(), "");
        for bad in ["data", "/a/../b", "/a//b", "/a/", "", "//"] {
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
        let error = Repository::try_from("hello:1".to_owned()).expect_err("a tag");
        assert_eq!(
            error.to_string(),
            "`hello:1` is not valid; expected an image's name without a tag, such as `registry.example.org/team/hello`"
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
