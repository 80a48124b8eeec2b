//! The entry of the start menu, from a desktop entry.

use std::collections::BTreeMap;

use super::layout::Placed;
use crate::format::FormatError;
use crate::format::desktop_entry;
use crate::format::shell::file_name;
use crate::model::tree::{Content, Kind, Tree};
use crate::program::pe::Icon;

/// A program that the start menu starts.
pub(in crate::format) struct Shortcut {
    pub(in crate::format) name: String,
    pub(in crate::format) comment: String,
    /// The place of the program in the list of files.
    pub(in crate::format) program: usize,
    pub(in crate::format) arguments: String,
}

/// Shortcuts for the desktop entries of a tree that are shown.
pub(in crate::format) fn shortcuts(
    tree: &Tree,
    files: &[Placed],
) -> Result<Vec<Shortcut>, FormatError> {
    let mut found = Vec::new();
    for file in tree.files() {
        if file.kind != Kind::Desktop || matches!(file.content, Content::Symlink(_)) {
            continue;
        }
        let bytes = file.bytes()?;
        let entry = String::from_utf8_lossy(&bytes);
        let is_hidden = desktop_entry::value(&entry, "NoDisplay") == Some("true");
        let (Some(name), Some(exec), false) = (
            desktop_entry::value(&entry, "Name"),
            desktop_entry::value(&entry, "Exec"),
            is_hidden,
        ) else {
            continue;
        };
        let mut words = words(exec);
        let command = words.next().unwrap_or_default();
        let program = files.iter().position(|placed| {
            placed.file.kind == Kind::Binary
                && stem(file_name(&placed.file.path)) == stem(file_name(&command))
        });
        let program = program.ok_or_else(|| {
            FormatError::Invalid(format!(
                "the desktop entry `/{}` starts `{command}`, which is not a program of the package",
                file.path
            ))
        })?;
        let fit: String = name
            .chars()
            .map(|c| if is_fit(c) { c } else { ' ' })
            .collect();
        found.push(Shortcut {
            name: fit.trim().trim_end_matches('.').to_owned(),
            comment: desktop_entry::value(&entry, "Comment")
                .unwrap_or_default()
                .to_owned(),
            program,
            arguments: words
                .map(|word| quoted(&word))
                .collect::<Vec<_>>()
                .join(" "),
        });
    }
    Ok(found)
}

fn is_fit(c: char) -> bool {
    !c.is_control() && !"\\/:*?\"<>|".contains(c)
}

fn stem(name: &str) -> &str {
    name.strip_suffix(".exe").unwrap_or(name)
}

/// The words of a command line, without the codes for what is opened. In quotes, `\` keeps the next character.
fn words(exec: &str) -> impl Iterator<Item = String> {
    let mut words = vec![String::new()];
    let (mut in_quotes, mut characters) = (false, exec.chars());
    while let Some(c) = characters.next() {
        let word = words.last_mut().expect("never empty");
        match c {
            '"' => in_quotes = !in_quotes,
            '\\' if in_quotes => word.extend(characters.next()),
            ' ' if !in_quotes => words.push(String::new()),
            '%' => word.extend(characters.next().filter(|code| *code == '%')),
            c => word.push(c),
        }
    }
    words.into_iter().filter(|word| !word.is_empty())
}

/// An argument as programs of Windows read it.
fn quoted(argument: &str) -> String {
    if argument.contains([' ', '"']) {
        format!("\"{}\"", argument.replace('"', "\\\""))
    } else {
        argument.to_owned()
    }
}

/// The package's icon as an .ico file: all pictures that Windows can show of the name that has the largest one; `None` if
/// there is none.
pub(in crate::format) fn icon(tree: &Tree) -> Result<Option<Vec<u8>>, FormatError> {
    let mut by_name: BTreeMap<&str, Vec<Icon>> = BTreeMap::new();
    for file in tree.files().iter().filter(|file| file.kind == Kind::Icon) {
        let name = file_name(&file.path).rsplit_once('.');
        if let Some((name, "png" | "ico")) = name
            // Larger ones are for other systems.
            && let Ok(icon) = Icon::read(&file.bytes()?)
        {
            by_name.entry(name).or_default().push(icon);
        }
    }
    let mut best: Option<Icon> = None;
    for icons in by_name.into_values() {
        let icon = Icon::joined(icons);
        if best
            .as_ref()
            .is_none_or(|other| icon.width() > other.width())
        {
            best = Some(icon);
        }
    }
    Ok(best.map(|icon| icon.to_ico()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::{file, tree};

    #[test]
    fn an_icon_has_all_sizes_of_the_name_with_the_largest() {
        let png = |side: u8| {
            let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0".to_vec();
            bytes.extend([side, 0, 0, 0, side]);
            bytes
        };
        let tree = tree(vec![
            file("i/16/hello.png", Kind::Icon, png(16)),
            file("i/32/hello.png", Kind::Icon, png(32)),
            file("i/scalable/hello.svg", Kind::Icon, "<svg/>"),
            file("i/24/other.png", Kind::Icon, png(24)),
        ]);
        let ico = icon(&tree).expect("readable").expect("an icon");
        assert_eq!(ico[..6], [0, 0, 1, 0, 2, 0]);
        assert_eq!((ico[6], ico[22]), (32, 16));
    }

    #[test]
    fn a_command_line_loses_its_codes_and_keeps_its_arguments() {
        let all = |exec: &str| words(exec).collect::<Vec<_>>();
        assert_eq!(all("hello --open %F"), ["hello", "--open"]);
        assert_eq!(
            all("\"/opt/my \\\"app\\\"\" 100%%"),
            ["/opt/my \"app\"", "100%"]
        );
        assert_eq!(quoted("a b"), "\"a b\"");
    }
}
