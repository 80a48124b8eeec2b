//! Why a request has no answer.

use super::request::Method;
use super::url::Url;

/// Why a request has no answer.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The connection failed each time.
    #[error("`{}` cannot be reached{}", url.origin(), times(*attempts))]
    Connection {
        /// What was asked for.
        url: Url,
        /// How often it was tried.
        attempts: u32,
        /// The last failure.
        source: Box<ureq::Error>,
    },
    /// The answer ended early, was too long, or was no HTTP.
    #[error("the answer of `{url}` cannot be read")]
    Content {
        /// What was asked for.
        url: Url,
        /// The failure.
        source: Box<ureq::Error>,
    },
    /// Everybody on the way could read and change what is sent.
    #[error("`{0}` is neither https nor on this machine")]
    Plain(Url),
    /// The server sends every request elsewhere.
    #[error("{method} `{url}` was redirected {count} times", method = method.name())]
    Redirects {
        /// The method.
        method: Method,
        /// The first address.
        url: Url,
        /// How often.
        count: u32,
    },
    /// The server redirects to something that is no address.
    #[error("{method} `{url}` was redirected to no valid address", method = method.name())]
    Location {
        /// The method.
        method: Method,
        /// The address that answered.
        url: Url,
    },
    /// The request has a header that cannot be sent.
    #[error("`{url}` cannot be asked: a header has characters that HTTP does not allow")]
    Header {
        /// What was to be asked for.
        url: Url,
    },
}

fn times(attempts: u32) -> String {
    match attempts {
        0 | 1 => String::new(),
        count => format!(", tried {count} times"),
    }
}
