//! The attributes of a declaration.

use super::cfg::{Exists, exists};
use super::tokens::Token;
use super::version::Version;

/// What an `extern` block is linked with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Link {
    /// The block does not say.
    Unsaid,
    /// A framework.
    Framework(String),
    /// A library of the system, such as `objc`.
    Library(String),
    /// Something that comes with the crate.
    Archive,
}

/// The attributes of an item or a block.
#[derive(Clone, Debug, Default)]
pub struct Attributes {
    exists: Vec<Exists>,
    links: Vec<Link>,
    symbol: Option<String>,
    /// Where a macro makes the symbol: the call.
    made_of: Option<Vec<Token>>,
    /// Where only some builds have the name above.
    symbol_may_differ: bool,
    class: Option<String>,
    since: Option<Version>,
}

impl Attributes {
    /// Reads one attribute: what is between `#[` and `]`.
    pub fn add(&mut self, content: &[Token]) {
        match content {
            [Token::Word(name), Token::Mark('('), inner @ ..] if name == "cfg" => {
                let predicate = without_end(inner);
                self.exists.push(exists(predicate));
                if !predicate.iter().any(|token| token.is("not")) {
                    self.since = self.since.max(first_version(predicate));
                }
            }
            [Token::Word(name), Token::Mark('('), inner @ ..] if name == "cfg_attr" => {
                self.add_conditional(without_end(inner));
            }
            [Token::Word(name), Token::Mark('('), inner @ ..] if name == "link" => {
                self.links.push(link(without_end(inner)));
            }
            [Token::Word(name), Token::Mark('='), Token::Text(text)] if name == "link_name" => {
                self.symbol = Some(text.clone());
            }
            [Token::Word(name), Token::Mark('='), made @ ..] if name == "link_name" => {
                self.made_of = Some(made.to_vec());
            }
            [Token::Word(name), Token::Mark('='), Token::Text(text)] if name == "name" => {
                self.class = Some(text.clone());
            }
            _ => {
                if content.iter().any(|token| token.is("available")) {
                    self.since = self.since.max(available(content));
                }
            }
        }
    }

    fn add_conditional(&mut self, inner: &[Token]) {
        let mut depth = 0_usize;
        let comma = inner.iter().position(|token| {
            match token {
                Token::Mark('(') => depth += 1,
                Token::Mark(')') => depth = depth.saturating_sub(1),
                _ => {}
            }
            depth == 0 && token.is_mark(',')
        });
        let Some(comma) = comma else { return };
        let condition = exists(&inner[..comma]);
        if condition == Exists::No {
            return;
        }
        let had = self.symbol.is_some();
        self.add(&inner[comma + 1..]);
        self.symbol_may_differ |= condition == Exists::Maybe && !had && self.symbol.is_some();
    }

    /// Whether the item exists on macOS.
    pub fn exists(&self) -> Exists {
        if self.exists.contains(&Exists::No) {
            Exists::No
        } else {
            Exists::Maybe
        }
    }

    /// What a block with these attributes is linked with.
    pub fn links(&self) -> &[Link] {
        &self.links
    }

    /// The name of a class that Rust calls otherwise.
    pub fn class_name(&self) -> Option<&String> {
        self.class.as_ref()
    }

    /// The macOS version that has the item first.
    pub fn since(&self) -> Option<Version> {
        self.since
    }

    /// The symbols, as C calls them, of an item with this name in Rust. Empty if C cannot have the symbol.
    pub fn symbols(&self, name: &str) -> Vec<String> {
        if let Some(made_of) = &self.made_of {
            // A macro that is given the name itself makes another one only in unusual builds.
            let is_plain = made_of.iter().any(|token| token.is(name));
            return if is_plain {
                vec![name.to_owned()]
            } else {
                Vec::new()
            };
        }
        let Some(symbol) = &self.symbol else {
            return vec![name.to_owned()];
        };
        // With this start the name is used as it is, where usually an underscore is put before it.
        let as_c_calls_it = match symbol.strip_prefix('\u{1}') {
            Some(raw) => raw.strip_prefix('_'),
            None => Some(symbol.as_str()),
        };
        let other = as_c_calls_it.map(str::to_owned);
        let plain = self.symbol_may_differ.then(|| name.to_owned());
        plain.into_iter().chain(other).collect()
    }
}

fn without_end(inner: &[Token]) -> &[Token] {
    inner.split_last().map_or(inner, |(_, rest)| rest)
}

/// The content of `link(…)`.
fn link(inner: &[Token]) -> Link {
    let value = |key: &str| {
        inner.windows(3).find_map(|window| match window {
            [name, Token::Mark('='), Token::Text(text)] if name.is(key) => Some(text.clone()),
            _ => None,
        })
    };
    // A macro that makes the name says nothing.
    let Some(name) = value("name") else {
        return Link::Archive;
    };
    match value("kind").as_deref() {
        Some("framework") => Link::Framework(name),
        None | Some("dylib") => Link::Library(name),
        Some(_) => Link::Archive,
    }
}

/// Of features such as `macos-12`, `macos_13_0` or `OSX_10_15`.
fn first_version(predicate: &[Token]) -> Option<Version> {
    predicate.iter().find_map(|token| match token {
        Token::Text(text) => version_of_feature(text),
        _ => None,
    })
}

fn version_of_feature(feature: &str) -> Option<Version> {
    let rest = ["macos", "OSX"]
        .iter()
        .find_map(|prefix| feature.strip_prefix(prefix))?;
    let mut numbers = rest.strip_prefix(['-', '_'])?.split(['-', '_']);
    let major = numbers.next()?.parse().ok()?;
    let minor = numbers.next().map_or(Ok(0), str::parse).ok()?;
    Some(Version { major, minor })
}

/// Of `api::available(macos = 14.0, …)`.
fn available(content: &[Token]) -> Option<Version> {
    let start = content.iter().position(|token| token.is("macos"))?;
    match content.get(start + 1..)? {
        [
            Token::Mark('='),
            Token::Word(major),
            Token::Mark('.'),
            Token::Word(minor),
            ..,
        ] => format!("{major}.{minor}").parse().ok(),
        _ => None,
    }
}
