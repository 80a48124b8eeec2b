//! Where tools find newer versions of an AppImage (AppImage specification, "Update information").

use std::str::FromStr;

use crate::model::text::{InvalidText, typed_text};

/// A text in one of the specification's forms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateInformation(String);

/// The runtime's section for it has 1024 bytes, of which the last stays zero.
const MAX_SIZE: usize = 1023;

impl FromStr for UpdateInformation {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let is_printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        if is_printable && text.len() <= MAX_SIZE && has_known_form(text) {
            return Ok(Self(text.to_owned()));
        }
        let expected = format!(
            "`zsync|URL`, `gh-releases-zsync|OWNER|REPOSITORY|TAG|FILE` or `pling-v1-zsync|PRODUCT|FILE`, where what is \
             fetched ends in `.zsync`, within {MAX_SIZE} ASCII characters"
        );
        Err(InvalidText::new("update information", text, expected))
    }
}

typed_text!(UpdateInformation(String));

fn has_known_form(text: &str) -> bool {
    let fields: Vec<&str> = text.split('|').collect();
    match fields[..] {
        ["zsync", url] => {
            let rest = url.strip_prefix("https://").or(url.strip_prefix("http://"));
            rest.is_some_and(|rest| !rest.starts_with('/') && is_zsync(rest))
        }
        ["gh-releases-zsync", owner, repository, tag, file] => {
            [owner, repository, tag]
                .iter()
                .all(|field| !field.is_empty())
                && is_zsync(file)
        }
        ["pling-v1-zsync", product, file] => {
            product.bytes().all(|byte| byte.is_ascii_digit())
                && !product.is_empty()
                && is_zsync(file)
        }
        _ => false,
    }
}

fn is_zsync(name: &str) -> bool {
    name.strip_suffix(".zsync")
        .is_some_and(|stem| !stem.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_valid(text: &str) -> bool {
        text.parse::<UpdateInformation>().is_ok()
    }

    #[test]
    fn the_forms_of_the_specification_are_accepted() {
        assert!(is_valid(
            "zsync|https://example.org/hello-latest.AppImage.zsync"
        ));
        assert!(is_valid(
            "gh-releases-zsync|jo|hello|latest|hello-*-x86_64.AppImage.zsync"
        ));
        assert!(is_valid("pling-v1-zsync|1234|hello-*.AppImage.zsync"));
    }

    #[test]
    fn everything_else_is_refused() {
        for text in [
            "",
            "zsync",
            "zsync|",
            "zsync|hello.zsync",
            "zsync|ftp://example.org/hello.zsync",
            "zsync|https://example.org/hello.AppImage",
            "zsync|https://example.org/a b.zsync",
            "zsync|https://example.org/ü.zsync",
            "gh-releases-zsync|jo|hello|hello.zsync",
            "gh-releases-zsync|jo||latest|hello.zsync",
            "pling-v1-zsync|hello|hello.zsync",
            "bintray-zsync|a|b|c|d.zsync",
        ] {
            assert!(!is_valid(text), "{text}");
        }
    }

    #[test]
    fn what_does_not_fit_the_section_is_refused() {
        let of_size = |size: usize| format!("zsync|https://e.org/{:a>1$}", ".zsync", size - 20);
        assert_eq!(of_size(1023).len(), 1023);
        assert!(is_valid(&of_size(1023)));
        assert!(!is_valid(&of_size(1024)));
    }
}
