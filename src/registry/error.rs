//! Why an image could not be sent.

use std::io;

use crate::http::{HttpError, Url};
use crate::model::digest::Sha256Sum;
use crate::model::hint::Hint;

/// Why an image could not be sent.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// There was no answer.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The registry wants a login, and there is none.
    #[error("the registry `{host}` wants a login")]
    NoLogin {
        /// The registry.
        host: String,
    },
    /// The login is wrong.
    #[error("the registry `{host}` refused the login{}{}", of_user(user.as_deref()), detailed(detail))]
    LoginRefused {
        /// The registry.
        host: String,
        /// Who logged in.
        user: Option<String>,
        /// What the server says.
        detail: String,
    },
    /// The login is right, but not for this.
    #[error(
        "the registry `{host}` does not allow to push `{name}`{}",
        detailed(detail)
    )]
    Denied {
        /// The registry.
        host: String,
        /// The repository.
        name: String,
        /// What the server says.
        detail: String,
    },
    /// There is no such repository, and pushing does not make one.
    #[error("the registry `{host}` has no repository `{name}`{}", detailed(detail))]
    UnknownRepository {
        /// The registry.
        host: String,
        /// The repository.
        name: String,
        /// What the server says.
        detail: String,
    },
    /// The registry answered something else than the specification has.
    #[error(
        "the registry answered {status} to {what}{}; expected {expected}",
        detailed(detail)
    )]
    Answer {
        /// The status.
        status: u16,
        /// The request.
        what: String,
        /// The statuses of the specification.
        expected: &'static str,
        /// What the server says.
        detail: String,
    },
    /// The registry has an address that is none, or lacks one.
    #[error("the registry's answer to {what} has no valid {header}")]
    Header {
        /// The request.
        what: String,
        /// The header's name.
        header: &'static str,
    },
    /// The server of tokens gave none.
    #[error("`{url}` gave no token")]
    NoToken {
        /// The server.
        url: Url,
    },
    /// A blob was begun again and again.
    #[error(
        "sending the blob `sha256:{digest}` was interrupted {times} times, the last time after {sent} of {size} bytes{}",
        detailed(detail)
    )]
    Interrupted {
        /// The blob.
        digest: Sha256Sum,
        /// Its size.
        size: u64,
        /// How often.
        times: u32,
        /// How many bytes the registry had.
        sent: u64,
        /// What happened last.
        detail: String,
    },
    /// The registry stored something else.
    #[error("the registry stored the manifest as `{found}`; expected `sha256:{expected}`")]
    OtherDigest {
        /// What was sent.
        expected: Sha256Sum,
        /// What the registry says.
        found: String,
    },
    /// A blob could not be read.
    #[error("the blob `sha256:{digest}` cannot be read")]
    Blob {
        /// The blob.
        digest: Sha256Sum,
        /// Why.
        source: io::Error,
    },
}

fn of_user(user: Option<&str>) -> String {
    user.map_or_else(String::new, |user| format!(" of `{user}`"))
}

fn detailed(detail: &str) -> String {
    match detail {
        "" => String::new(),
        detail => format!(" ({detail})"),
    }
}

impl Hint for RegistryError {
    fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::NoLogin { .. } => {
                "set SEALIFT_REGISTRY_USER and SEALIFT_REGISTRY_PASSWORD, or run `docker login` or `podman login --authfile \
                 ~/.docker/config.json`"
            }
            Self::LoginRefused { .. } => {
                "check the user and the password or token; many registries want a token in place of the password"
            }
            Self::Denied { .. } => "use a login or token that may write to this repository",
            Self::UnknownRepository { .. } => {
                "check the name; some registries want a repository to be created before the first push"
            }
            Self::Http(HttpError::Plain(_)) => {
                "to send without encryption nevertheless, use `--plain-http`"
            }
            Self::Http(HttpError::Connection { .. }) | Self::Interrupted { .. } => {
                "push again when the connection works; what the registry has is not sent twice"
            }
            _ => return None,
        };
        Some(hint.to_owned())
    }
}

/// The largest answer that is read.
pub(super) const MAX_ANSWER_BYTES: u64 = 1 << 20;

#[derive(serde::Deserialize)]
struct Answer {
    errors: Vec<Problem>,
}

#[derive(serde::Deserialize)]
struct Problem {
    code: String,
    #[serde(default)]
    message: String,
}

/// The codes and messages of an answer (distribution specification, "Error Codes"), on one line.
pub(super) fn details(content: &[u8]) -> (Vec<String>, String) {
    let Ok(answer) = serde_json::from_slice::<Answer>(content) else {
        return (Vec::new(), String::new());
    };
    let shown = answer.errors.iter().map(|problem| {
        let text = match problem.message.as_str() {
            "" => problem.code.clone(),
            message => format!("{}: {message}", problem.code),
        };
        text.chars()
            .filter(|c| !c.is_control())
            .take(200)
            .collect::<String>()
    });
    let shown: Vec<_> = shown.take(3).collect();
    let codes = answer.errors.into_iter().map(|problem| problem.code);
    (codes.collect(), shown.join(", "))
}
