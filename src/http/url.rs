//! Addresses.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// An `http` or `https` address without a user and a fragment. Displays without its query, in which servers keep secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Url {
    text: String,
    /// The end of `https://host:port`.
    origin: usize,
}

/// Text that is not such an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an `http` or `https` address")]
pub struct NotAUrl;

impl FromStr for Url {
    type Err = NotAUrl;

    fn from_str(text: &str) -> Result<Self, NotAUrl> {
        let rest = text
            .strip_prefix("https://")
            .or_else(|| text.strip_prefix("http://"))
            .ok_or(NotAUrl)?;
        let authority = rest.find(['/', '?']).map_or(rest, |end| &rest[..end]);
        let is_visible = |b: u8| b.is_ascii_graphic() && b != b'#';
        if authority.is_empty() || authority.contains('@') || !text.bytes().all(is_visible) {
            return Err(NotAUrl);
        }
        Ok(Self {
            text: text.to_owned(),
            origin: text.len() - rest.len() + authority.len(),
        })
    }
}

impl Url {
    /// The address as it is sent.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> &str {
        &self.text[..self.origin]
    }

    /// Whether both addresses are of one server.
    pub fn is_same_origin(&self, other: &Self) -> bool {
        self.origin().eq_ignore_ascii_case(other.origin())
    }

    /// Whether nobody on the way can read or change what is sent.
    pub fn is_https(&self) -> bool {
        self.text.starts_with("https:")
    }

    /// Whether the server is this machine.
    pub fn is_loopback(&self) -> bool {
        let authority = self.origin().split("://").nth(1).unwrap_or_default();
        is_loopback(authority)
    }

    /// The address that a `Location` of this one's answer leads to (RFC 9110, section 10.2.2).
    pub fn join(&self, location: &str) -> Result<Self, NotAUrl> {
        if location.contains("://") {
            return location.parse();
        }
        let scheme = if self.is_https() { "https:" } else { "http:" };
        match location {
            _ if location.starts_with("//") => format!("{scheme}{location}"),
            _ if location.starts_with('/') => format!("{}{location}", self.origin()),
            _ => {
                let path = self.without_query();
                let folder = path.rfind('/').filter(|end| *end >= self.origin);
                format!("{}/{location}", &path[..folder.unwrap_or(self.origin)])
            }
        }
        .parse()
    }

    /// The address with more parameters in its query.
    pub fn with_query(&self, parameters: &[(&str, &str)]) -> Self {
        let separator = if self.text.contains('?') { '&' } else { '?' };
        Self {
            text: format!("{}{separator}{}", self.text, query(parameters)),
            origin: self.origin,
        }
    }

    fn without_query(&self) -> &str {
        self.text.split('?').next().unwrap_or_default()
    }
}

/// Whether `host`, `host:port` or `[address]:port` is this machine.
fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host.eq_ignore_ascii_case("localhost") || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
}

/// Parameters as a query or a form has them; values are escaped.
pub fn query(parameters: &[(&str, &str)]) -> String {
    let pairs = parameters.iter();
    let pairs = pairs.map(|(name, value)| format!("{name}={}", escaped(value)));
    pairs.collect::<Vec<_>>().join("&")
}

/// Escapes all but the unreserved characters (RFC 3986, section 2.3).
fn escaped(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                text.push(byte.into());
            }
            _ => text += &format!("%{byte:02X}"),
        }
    }
    text
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.without_query())
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().expect("an address")
    }

    #[test]
    fn only_addresses_of_the_web_without_a_user_are_taken() {
        for text in [
            "",
            "ftp://a/",
            "https://",
            "https://me:secret@a/",
            "https://a/ b",
            "http://a/#b",
            "/v2/",
        ] {
            assert_eq!(text.parse::<Url>(), Err(NotAUrl), "{text}");
        }
        assert_eq!(
            url("https://a.example:5000").origin(),
            "https://a.example:5000"
        );
    }

    #[test]
    fn a_location_is_found_from_the_address_that_answered() {
        let base = url("https://a.example:5000/v2/x/uploads/?state=1");
        for (location, expected) in [
            ("/v2/y?z=/", "https://a.example:5000/v2/y?z=/"),
            ("id", "https://a.example:5000/v2/x/uploads/id"),
            ("https://b.example/y", "https://b.example/y"),
            ("//b.example/y", "https://b.example/y"),
        ] {
            assert_eq!(base.join(location).expect("valid").as_str(), expected);
        }
        assert_eq!(
            url("http://a").join("b").expect("valid").as_str(),
            "http://a/b"
        );
        assert!(base.join("ftp://b/").is_err());
    }

    #[test]
    fn a_parameter_is_escaped_and_no_query_is_shown() {
        let found = url("https://a/t?x=1").with_query(&[("scope", "repository:a/b:pull,push")]);
        assert_eq!(
            found.as_str(),
            "https://a/t?x=1&scope=repository%3Aa%2Fb%3Apull%2Cpush"
        );
        assert_eq!(found.to_string(), "https://a/t");
        assert_eq!(format!("{found:?}"), "Url(https://a/t)");
    }

    #[test]
    fn this_machine_is_known_by_its_names() {
        for host in [
            "localhost",
            "LOCALHOST:5000",
            "127.0.0.1:1",
            "127.9.9.9",
            "[::1]:5000",
        ] {
            assert!(url(&format!("http://{host}/")).is_loopback(), "{host}");
        }
        for host in [
            "localhost.example",
            "127.0.0.1.example",
            "10.0.0.1",
            "[::2]",
        ] {
            assert!(!url(&format!("http://{host}/")).is_loopback(), "{host}");
        }
    }
}
