//! Who logs in, and docker's file of that.

use std::fmt;

/// Text that is not shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// What is shown to a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Credentials {
    /// A user with a password, or with a token in place of one.
    Password {
        /// The user's name.
        user: String,
        /// The password.
        password: Secret,
    },
    /// An identity token, for which the registry's token server gives others (docker's `identitytoken`).
    Identity(Secret),
}

impl Credentials {
    /// The value of `Authorization` for basic authentication (RFC 7617).
    pub(super) fn basic(&self) -> Option<String> {
        match self {
            Self::Password { user, password } => {
                let pair = format!("{user}:{}", password.reveal());
                Some(format!("Basic {}", base64(pair.as_bytes())))
            }
            Self::Identity(_) => None,
        }
    }
}

/// What docker's `config.json` says of a registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Login {
    /// The credentials themselves.
    Credentials(Credentials),
    /// `docker-credential-NAME get` prints them, if it is given the key on standard input.
    Helper {
        /// The program's name after `docker-credential-`.
        name: String,
    },
}

/// The names that a registry has in docker's file; the first is what a helper is asked for.
pub fn config_keys(host: &str) -> Vec<String> {
    match host {
        "docker.io" => [
            "https://index.docker.io/v1/",
            "index.docker.io",
            "docker.io",
        ]
        .map(str::to_owned)
        .into(),
        host => vec![
            host.to_owned(),
            format!("https://{host}"),
            format!("https://{host}/"),
            format!("http://{host}"),
        ],
    }
}

#[derive(Default, serde::Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Config {
    auths: std::collections::BTreeMap<String, Auth>,
    cred_helpers: std::collections::BTreeMap<String, String>,
    creds_store: Option<String>,
}

#[derive(Default, serde::Deserialize)]
#[serde(default)]
struct Auth {
    auth: String,
    identitytoken: String,
    username: String,
    password: String,
}

/// Finds a registry in docker's `config.json`. The error says what is wrong with the file, without its content.
pub fn in_config(text: &str, host: &str) -> Result<Option<Login>, String> {
    // serde_json's messages may show values, here passwords.
    let config: Config = serde_json::from_str(text).map_err(|error| {
        format!(
            "not docker's configuration in JSON (line {}, column {})",
            error.line(),
            error.column()
        )
    })?;
    let keys = config_keys(host);
    let helper = keys.iter().find_map(|key| config.cred_helpers.get(key));
    if let Some(name) = helper {
        return Ok(Some(Login::Helper { name: name.clone() }));
    }
    let auth = keys.iter().find_map(|key| config.auths.get(key));
    if let Some(found) = auth
        .map(|auth| credentials(auth, host))
        .transpose()?
        .flatten()
    {
        return Ok(Some(Login::Credentials(found)));
    }
    let store = config.creds_store.filter(|name| !name.is_empty());
    Ok(store.map(|name| Login::Helper { name }))
}

fn credentials(auth: &Auth, host: &str) -> Result<Option<Credentials>, String> {
    if !auth.identitytoken.is_empty() {
        let token = Secret::new(auth.identitytoken.clone());
        return Ok(Some(Credentials::Identity(token)));
    }
    if !auth.auth.is_empty() {
        let pair = decode_base64(&auth.auth).and_then(|bytes| String::from_utf8(bytes).ok());
        let pair = pair.as_deref().and_then(|pair| pair.split_once(':'));
        let (user, password) =
            pair.ok_or_else(|| format!("`auth` of `{host}` is not `user:password` in base64"))?;
        return Ok(Some(password_of(user, password)));
    }
    let has_user = !auth.username.is_empty();
    Ok(has_user.then(|| password_of(&auth.username, &auth.password)))
}

fn password_of(user: &str, password: &str) -> Credentials {
    Credentials::Password {
        user: user.to_owned(),
        // docker pads passwords with zero bytes.
        password: Secret::new(password.trim_end_matches('\0')),
    }
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let at = |i: usize| u32::from(group.get(i).copied().unwrap_or(0));
        let number = at(0) << 16 | at(1) << 8 | at(2);
        for i in 0..4 {
            let digit = DIGITS[(number >> (18 - 6 * i)) as usize & 63];
            text.push(if i <= group.len() { digit.into() } else { '=' });
        }
    }
    text
}

fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let digits = text.trim_end_matches('=');
    let mut bytes = Vec::new();
    for group in digits.as_bytes().chunks(4) {
        let mut number = 0_u32;
        for i in 0..4 {
            let value = match group.get(i) {
                Some(digit) => DIGITS.iter().position(|d| d == digit)?,
                None => 0,
            };
            number = number << 6 | value as u32;
        }
        let kept = group.len() * 6 / 8;
        bytes.extend_from_slice(&number.to_be_bytes()[1..=kept]);
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(user: &str, password: &str) -> Login {
        Login::Credentials(password_of(user, password))
    }

    #[test]
    fn base64_is_that_of_the_rfc() {
        // RFC 4648, section 10.
        for (text, expected) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(text.as_bytes()), expected);
            assert_eq!(decode_base64(expected).as_deref(), Some(text.as_bytes()));
        }
        assert_eq!(decode_base64("Zm9v!"), None);
    }

    #[test]
    fn a_registry_is_found_in_docker_s_file_under_each_of_its_names() {
        let config = r#"{
            "auths": {
                "https://index.docker.io/v1/": {"auth": "bWU6c2VjcmV0"},
                "https://r.example:5000": {"username": "you", "password": "p:w"},
                "t.example": {"auth": "MDAwOg==", "identitytoken": "long"},
                "empty.example": {}
            },
            "credHelpers": {"h.example": "ecr-login"},
            "credsStore": "desktop",
            "detachKeys": "ctrl-e"
        }"#;
        let found = |host| in_config(config, host).expect("valid").expect("known");
        assert_eq!(found("docker.io"), user("me", "secret"));
        assert_eq!(found("r.example:5000"), user("you", "p:w"));
        let identity = Credentials::Identity(Secret::new("long"));
        assert_eq!(found("t.example"), Login::Credentials(identity));
        let helper = |name: &str| Login::Helper {
            name: name.to_owned(),
        };
        assert_eq!(found("h.example"), helper("ecr-login"));
        assert_eq!(found("empty.example"), helper("desktop"));
        assert_eq!(in_config("{}", "r.example"), Ok(None));
    }

    #[test]
    fn no_message_shows_a_secret() {
        let text =
            in_config(r#"{"auths": {"r": {"auth": "c2VjcmV0"}}}"#, "r").expect_err("no colon");
        assert_eq!(text, "`auth` of `r` is not `user:password` in base64");
        let text = in_config(r#"{"auths": "hunter2"}"#, "r").expect_err("no table");
        assert_eq!(
            text,
            "not docker's configuration in JSON (line 1, column 19)"
        );
        assert!(!format!("{:?}", password_of("me", "hunter2")).contains("hunter2"));
    }
}
