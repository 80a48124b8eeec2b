//! Icons: the best one of a tree, or a generated one.

use crate::model::tree::{Kind, Tree, TreeFile};

/// The size that desktops show AppImages in.
const BEST_SIZE: u32 = 256;

/// The image formats of an AppImage's icon, by file name suffix.
const EXTENSIONS: [&str; 2] = ["png", "svg"];

/// The best icon for an AppImage: one with the given name, preferably a bitmap, and nearest to the display size.
pub fn best<'a>(tree: &'a Tree, name: &str) -> Option<&'a TreeFile> {
    let icons = tree.files().iter().filter(|file| file.kind == Kind::Icon);
    let usable = icons.filter(|file| extension(file).is_some());
    usable.min_by_key(|file| {
        let has_name = stem(file) == name;
        let is_svg = extension(file) == Some("svg");
        let distance = size(&file.path).map_or(u32::MAX, |size| size.abs_diff(BEST_SIZE));
        (!has_name, is_svg, distance)
    })
}

/// The file name suffix of a usable icon.
pub fn extension(file: &TreeFile) -> Option<&'static str> {
    let (_, found) = file.path.rsplit_once('.')?;
    EXTENSIONS.into_iter().find(|known| *known == found)
}

fn stem(file: &TreeFile) -> &str {
    let name = file.path.rsplit('/').next().unwrap_or_default();
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// The size that a theme's directory such as `256x256` names.
fn size(path: &str) -> Option<u32> {
    path.split('/').find_map(|part| {
        let (width, height) = part.split_once('x')?;
        (width == height).then(|| width.parse().ok())?
    })
}

/// Draws an icon: the name's first character on a tile whose color is derived from the name.
pub fn draw(name: &str) -> String {
    let hue = name
        .bytes()
        .fold(0u32, |hash, byte| hash.wrapping_mul(31) + u32::from(byte))
        % 360;
    let initial = name
        .chars()
        .find(char::is_ascii_alphanumeric)
        .unwrap_or('?');
    let initial = initial.to_ascii_uppercase();
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"256\" height=\"256\" viewBox=\"0 0 256 256\">\n\
         <rect width=\"256\" height=\"256\" rx=\"48\" fill=\"hsl({hue}, 45%, 40%)\"/>\n\
         <text x=\"128\" y=\"178\" fill=\"#fff\" font-family=\"sans-serif\" font-size=\"144\" font-weight=\"bold\" \
         text-anchor=\"middle\">{initial}</text>\n</svg>\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::testing::{file, tree};

    fn best_of(paths: &[&str]) -> Option<String> {
        let files = paths.iter().map(|path| file(path, Kind::Icon, "picture"));
        best(&tree(files.collect()), "hello").map(|file| file.path.clone())
    }

    #[test]
    fn the_name_counts_before_the_kind_and_the_kind_before_the_size() {
        let own = "icons/hicolor/scalable/apps/hello.svg";
        let small = "icons/hicolor/64x64/apps/hello.png";
        let large = "icons/hicolor/256x256/apps/hello.png";
        let huge = "icons/hicolor/1024x1024/apps/hello.png";
        let other = "icons/hicolor/256x256/apps/other.png";
        assert_eq!(best_of(&[own, other]).as_deref(), Some(own));
        assert_eq!(best_of(&[own, small, other]).as_deref(), Some(small));
        assert_eq!(best_of(&[own, small, large, huge]).as_deref(), Some(large));
        assert_eq!(best_of(&[other]).as_deref(), Some(other));
    }

    #[test]
    fn pictures_that_desktops_do_not_show_are_no_icons() {
        assert_eq!(best_of(&["hello.xpm", "hello.ico", "hello"]), None);
    }

    #[test]
    fn a_drawn_icon_depends_on_the_name_alone() {
        assert_eq!(draw("hello"), draw("hello"));
        assert_ne!(draw("hello"), draw("world"));
        assert!(draw("hello").contains(">H</text>"));
        assert!(draw("<&>").contains(">?</text>"));
    }
}
