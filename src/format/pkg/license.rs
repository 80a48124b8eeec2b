//! The license that the Installer shows before anything is installed.

use std::fmt::Write;

use crate::format::FormatError;
use crate::format::shell::file_name;
use crate::model::license::is_third_party;
use crate::model::tree::{Content, Kind, Tree};

/// The texts of a tree's license files as Rich Text (RTF 1.9), which has an encoding for every character; `None` without
/// such files.
pub(super) fn rtf(tree: &Tree) -> Result<Option<String>, FormatError> {
    // Those of everything that is linked are hundreds of pages, and only installed.
    let is_text = |file: &&crate::model::tree::TreeFile| {
        file.kind == Kind::License
            && !matches!(file.content, Content::Symlink(_))
            && !is_third_party(file_name(&file.path))
    };
    let files: Vec<_> = tree.files().iter().filter(is_text).collect();
    if files.is_empty() {
        return Ok(None);
    }
    let mut rtf =
        "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fmodern Menlo;}}\\f0\\fs22\n".to_owned();
    for (index, file) in files.iter().enumerate() {
        if index > 0 {
            rtf += "\\page\n";
        }
        if files.len() > 1 {
            put(&mut rtf, &format!("{}\n\n", file_name(&file.path)));
        }
        put(&mut rtf, &String::from_utf8_lossy(&file.bytes()?));
    }
    Ok(Some(rtf + "}\n"))
}

fn put(rtf: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\n' => *rtf += "\\par\n",
            '\t' => *rtf += "\\tab ",
            '\\' | '{' | '}' => rtf.extend(['\\', c]),
            ' '..='~' => rtf.push(c),
            c if c.is_control() => {}
            c => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let number = i16::from_ne_bytes(unit.to_ne_bytes());
                    write!(rtf, "\\u{number}?").expect("a text can grow");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::tree::{file, tree};

    #[test]
    fn every_character_has_its_place_in_the_text() {
        let files = |texts: &[&str]| {
            let named = texts.iter().enumerate();
            let file = |(n, text): (usize, &&str)| file(&format!("usr/l/{n}"), Kind::License, text);
            tree(named.map(file).collect())
        };
        assert_eq!(rtf(&files(&[])).expect("in memory"), None);
        let others = file("usr/l/THIRD-PARTY-LICENSES", Kind::License, "x");
        assert_eq!(rtf(&tree(vec![others])).expect("in memory"), None);
        let one = rtf(&files(&["\u{a9} {Jo}\r\n\u{1f980}"])).expect("in memory");
        let one = one.expect("a license");
        let (_, text) = one.split_once('\n').expect("a header");
        assert_eq!(text, "\\u169? \\{Jo\\}\\par\n\\u-10178?\\u-8832?}\n");
        let two = rtf(&files(&["a", "b"])).expect("in memory");
        let two = two.expect("licenses");
        assert!(
            two.ends_with("\n0\\par\n\\par\na\\page\n1\\par\n\\par\nb}\n"),
            "{two}"
        );
    }
}
