//! What a registry wants to see: `WWW-Authenticate` (RFC 9110, section 11.6.1).

/// A challenge that can be answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Challenge {
    /// User and password with every request.
    Basic,
    /// A token of another server.
    Bearer {
        /// That server's address.
        realm: String,
        /// The registry's name there.
        service: Option<String>,
    },
}

impl Challenge {
    /// The best of the values of the header: a token rather than a password.
    pub(super) fn of<'a>(values: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut found = None;
        for value in values {
            match parse(value) {
                bearer @ Some(Self::Bearer { .. }) => return bearer,
                other => found = found.or(other),
            }
        }
        found
    }
}

fn parse(value: &str) -> Option<Challenge> {
    let (scheme, rest) = value.trim().split_once(' ').unwrap_or((value.trim(), ""));
    if scheme.eq_ignore_ascii_case("basic") {
        return Some(Challenge::Basic);
    }
    if !scheme.eq_ignore_ascii_case("bearer") {
        return None;
    }
    let (mut realm, mut service) = (None, None);
    let mut rest = rest;
    while let Some((name, after)) = rest.split_once('=') {
        let (text, after) = parameter(after)?;
        match name
            .trim_matches([' ', ',', '\t'])
            .to_ascii_lowercase()
            .as_str()
        {
            "realm" => realm = Some(text),
            "service" => service = Some(text),
            _ => {}
        }
        rest = after;
    }
    realm.map(|realm| Challenge::Bearer { realm, service })
}

/// A quoted string, or a token up to the next comma; and what follows.
fn parameter(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (token, rest) = text.split_once(',').unwrap_or((text, ""));
        return Some((token.trim().to_owned(), rest));
    };
    let mut value = String::new();
    let mut chars = quoted.char_indices();
    while let Some((place, c)) = chars.next() {
        match c {
            '"' => return Some((value, &quoted[place + 1..])),
            '\\' => value.push(chars.next()?.1),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bearer(realm: &str, service: Option<&str>) -> Option<Challenge> {
        let service = service.map(str::to_owned);
        let realm = realm.to_owned();
        Some(Challenge::Bearer { realm, service })
    }

    #[test]
    fn challenges_are_read_as_registries_write_them() {
        for (value, expected) in [
            ("Basic realm=\"x\"", Some(Challenge::Basic)),
            (
                "Bearer realm=\"https://a/token\",service=\"r.example\",scope=\"repository:a/b:pull,push\"",
                bearer("https://a/token", Some("r.example")),
            ),
            (
                "bearer service=r, realm=\"https://a/\\\"t\"",
                bearer("https://a/\"t", Some("r")),
            ),
            ("Bearer service=\"r\"", None),
            ("Bearer realm=\"never closed", None),
            ("Negotiate", None),
            ("", None),
        ] {
            assert_eq!(Challenge::of([value].into_iter()), expected, "{value}");
        }
    }

    #[test]
    fn a_token_is_preferred() {
        let values = ["Basic realm=\"x\"", "Bearer realm=\"https://a\""];
        assert_eq!(Challenge::of(values.into_iter()), bearer("https://a", None));
    }
}
