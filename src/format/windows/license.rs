//! The text that a user sees before installing: the license files of the package.

use crate::format::FormatError;
use crate::format::shell::file_name;
use crate::model::license::is_third_party;
use crate::model::tree::{Content, Kind, Tree, TreeFile};

/// What a window shows; longer files, and the licenses of all dependencies, are only installed.
const MAX_BYTES: u64 = 128 << 10;

/// The texts, each below the name of its file if there are several; `None` if there is none.
pub(in crate::format) fn license(tree: &Tree) -> Result<Option<String>, FormatError> {
    let is_shown = |file: &&TreeFile| {
        file.kind == Kind::License
            && !matches!(file.content, Content::Symlink(_))
            && !is_third_party(file_name(&file.path))
            && (1..=MAX_BYTES).contains(&file.size())
    };
    let files: Vec<_> = tree.files().iter().filter(is_shown).collect();
    let mut shown = Vec::new();
    for file in &files {
        let bytes = file.bytes()?;
        let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
        let text = text.trim_start_matches('\u{feff}').trim_end();
        shown.push(match files.len() {
            1 => text.to_owned(),
            _ => format!("{}\n\n{text}", file_name(&file.path)),
        });
    }
    Ok((!shown.is_empty()).then(|| shown.join("\n\n\n")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::tree::{file, tree};

    #[test]
    fn one_text_stands_alone_and_several_have_names() {
        let none = tree(vec![file("usr/bin/hello", Kind::Binary, "x")]);
        assert_eq!(license(&none).expect("readable"), None);
        let mit = || {
            file(
                "usr/share/doc/hello/LICENSE-MIT",
                Kind::License,
                "MIT\r\ntext\n",
            )
        };
        let one = tree(vec![mit()]);
        assert_eq!(
            license(&one).expect("readable").as_deref(),
            Some("MIT\ntext")
        );
        let other = file(
            "usr/share/doc/hello/LICENSE-APACHE",
            Kind::License,
            "Apache\n",
        );
        let long = "x".repeat(1 << 20);
        let long = file("usr/share/doc/hello/THIRD-PARTY", Kind::License, &long);
        let third = file(
            "usr/share/doc/hello/THIRD-PARTY-LICENSES",
            Kind::License,
            "x",
        );
        let two = tree(vec![mit(), other, long, third]);
        assert_eq!(
            license(&two).expect("readable").as_deref(),
            Some("LICENSE-APACHE\n\nApache\n\n\nLICENSE-MIT\n\nMIT\ntext")
        );
    }
}
