//! Makes icons in the sizes that systems want, of an SVG or of a large PNG picture.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use resvg::usvg;

use super::appstream::place_of;
use super::picture::Picture;
use super::{CompleteError, path_of};
use crate::model::digest::Sha256Sum;
use crate::model::target::{Os, Target};
use crate::model::tree::{Content, Kind, Tree, TreeFile};
use crate::project::manifest::desktop::Icons;
use crate::project::manifest::located::{Located, Source};

/// What macOS shows, in pixels.
const MACOS: [u32; 7] = [16, 32, 64, 128, 256, 512, 1024];
/// What Windows shows.
const WINDOWS: [u32; 6] = [16, 24, 32, 48, 64, 256];
/// An icon that is drawn takes no more space than this.
const MAX_BYTES: u64 = 16 << 20;

/// Pictures that were made, so that those for all targets of a release are made once.
#[derive(Debug, Default)]
pub struct Pictures(Mutex<Made>);

/// By the sum of what they were made of, and their size.
type Made = BTreeMap<(Sha256Sum, u32), Arc<[u8]>>;

impl Pictures {
    fn get(&self, source: Sha256Sum, side: u32, make: impl FnOnce() -> Vec<u8>) -> Arc<[u8]> {
        let mut made = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        made.entry((source, side))
            .or_insert_with(|| make().into())
            .clone()
    }
}

/// What icons are made of.
enum Origin {
    Svg(Box<usvg::Tree>),
    Png(Picture),
}

/// The icons to add to a tree: for each name that has an icon of a program, those of the sizes that it has not.
pub(super) fn files(
    icons: &Icons,
    target: Target,
    tree: &Tree,
    pictures: &Pictures,
) -> Result<Vec<TreeFile>, CompleteError> {
    let sizes: BTreeSet<u32> = match target.os {
        _ if icons.sizes.is_empty() => return Ok(Vec::new()),
        Os::MacOs => MACOS.into(),
        Os::Windows => WINDOWS.into(),
        _ => icons.sizes.clone(),
    };
    let mut by_name: BTreeMap<&str, Vec<&TreeFile>> = BTreeMap::new();
    for file in tree.files() {
        if file.kind == Kind::Icon
            && !matches!(file.content, Content::Symlink(_))
            && let Some(name) = name_of(&file.path)
        {
            by_name.entry(name).or_default().push(file);
        }
    }
    let mut made = Vec::new();
    for (name, files) in by_name {
        let Some((origin, file)) = origin(&files)? else {
            continue;
        };
        let sum = file.sha256().map_err(super::reading(file))?;
        for side in &sizes {
            let path = format!("usr/share/icons/hicolor/{side}x{side}/apps/{name}.png");
            if tree.files().iter().any(|file| file.path == path) {
                continue;
            }
            let content = match &origin {
                Origin::Png(picture) if picture.width < *side => continue,
                Origin::Png(picture) if picture.width == *side => file.content.clone(),
                Origin::Png(picture) => {
                    Content::Bytes(pictures.get(sum, *side, || picture.shrunk(*side).to_png()))
                }
                Origin::Svg(svg) => Content::Bytes(
                    pictures.get(sum, *side, || Picture::from_svg(svg, *side).to_png()),
                ),
            };
            made.push(TreeFile {
                path,
                mode: 0o644,
                kind: Kind::Icon,
                content,
            });
        }
    }
    Ok(made)
}

/// The name of a program's icon: those in other folders are for files, actions and the like.
fn name_of(path: &str) -> Option<&str> {
    let below = match path.strip_prefix("usr/share/pixmaps/") {
        Some(name) => name,
        None => {
            let rest = path.strip_prefix("usr/share/icons/hicolor/")?;
            let (size, rest) = rest.split_once('/')?;
            rest.strip_prefix("apps/").filter(|_| size != "symbolic")?
        }
    };
    let (name, extension) = below.rsplit_once('.')?;
    (!name.contains('/') && matches!(extension, "svg" | "png")).then_some(name)
}

/// The best of the files with one name: an SVG, or the largest square picture.
fn origin<'a>(files: &[&'a TreeFile]) -> Result<Option<(Origin, &'a TreeFile)>, CompleteError> {
    if let Some(file) = files.iter().find(|file| file.path.ends_with(".svg")) {
        let source = Source::from_bytes(&path_of(file), bounded(file)?)?;
        let svg = parse_svg(&source)?;
        if is_more_than_shapes(&source.text) {
            let what = "has text or a picture within, which is drawn with what a machine has; expected shapes alone";
            let path = path_of(file);
            return Err(CompleteError::Undrawable { path, what });
        }
        return Ok(Some((Origin::Svg(Box::new(svg)), file)));
    }
    let mut largest: Option<(Picture, &TreeFile)> = None;
    for file in files {
        let picture = Picture::from_png(&bounded(file)?).map_err(|source| {
            let path = path_of(file);
            CompleteError::Picture { path, source }
        })?;
        let is_larger = largest
            .as_ref()
            .is_none_or(|(other, _)| picture.width > other.width);
        if picture.width == picture.height && is_larger {
            largest = Some((picture, file));
        }
    }
    Ok(largest.map(|(picture, file)| (Origin::Png(picture), file)))
}

fn bounded(file: &TreeFile) -> Result<Vec<u8>, CompleteError> {
    if file.size() > MAX_BYTES {
        let what = "has more than 16 MiB; expected an icon";
        let path = path_of(file);
        return Err(CompleteError::Undrawable { path, what });
    }
    super::bytes(file)
}

/// Whether it has elements that the library leaves out: texts, and pictures within.
fn is_more_than_shapes(svg: &str) -> bool {
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..roxmltree::ParsingOptions::default()
    };
    let document = roxmltree::Document::parse_with_options(svg, options);
    document.is_ok_and(|document| {
        let mut names = document.descendants().map(|node| node.tag_name().name());
        names.any(|name| ["text", "image"].contains(&name))
    })
}

/// Refuses an icon that is none.
pub(super) fn check(path: &Path, bytes: &[u8]) -> Result<(), CompleteError> {
    match path.extension().and_then(|extension| extension.to_str()) {
        Some("png") => {
            let path = path.to_owned();
            let read = Picture::from_png(bytes);
            read.map_err(|source| CompleteError::Picture { path, source })?;
        }
        Some("svg") => _ = parse_svg(&Source::from_bytes(path, bytes.to_vec())?)?,
        _ => {}
    }
    Ok(())
}

/// Nothing outside of the file is looked at.
fn parse_svg(source: &Source) -> Result<usvg::Tree, Box<Located>> {
    let nothing = usvg::ImageHrefResolver {
        resolve_data: Box::new(|_, _, _| None),
        resolve_string: Box::new(|_, _| None),
    };
    let options = usvg::Options {
        image_href_resolver: nothing,
        ..usvg::Options::default()
    };
    usvg::Tree::from_str(&source.text, &options).map_err(|error| {
        let place = match &error {
            usvg::Error::ParsingFailed(error) => place_of(&source.text, error),
            _ => 0,
        };
        source.error_at(place..place, format!("not a valid SVG picture: {error}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::complete::picture::tests::square;
    use crate::testing::tree::{file, tree};

    const SVG: &str = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 10 10'><rect width='10' height='10' fill='#102030'/></svg>";
    const SCALABLE: &str = "usr/share/icons/hicolor/scalable/apps/hello.svg";

    fn made(triple: &str, sizes: &[u32], files: Vec<TreeFile>) -> Vec<TreeFile> {
        let icons = Icons {
            sizes: sizes.iter().copied().collect(),
        };
        let target = triple.parse().expect("a known target");
        super::files(&icons, target, &tree(files), &Pictures::default()).expect("icons")
    }

    fn paths(files: &[TreeFile]) -> Vec<&str> {
        let below = "usr/share/icons/hicolor/";
        files
            .iter()
            .map(|file| file.path.strip_prefix(below).expect("an icon"))
            .collect()
    }

    #[test]
    fn an_svg_becomes_pictures_of_the_sizes_that_are_not_there() {
        let own = square(32, [9, 9, 9, 255]).to_png();
        let files = made(
            "x86_64-unknown-linux-musl",
            &[16, 32, 64],
            vec![
                file(SCALABLE, Kind::Icon, SVG),
                file(
                    "usr/share/icons/hicolor/32x32/apps/hello.png",
                    Kind::Icon,
                    own,
                ),
                file(
                    "usr/share/icons/hicolor/scalable/mimetypes/hello.svg",
                    Kind::Icon,
                    "<no",
                ),
            ],
        );
        assert_eq!(
            paths(&files),
            ["16x16/apps/hello.png", "64x64/apps/hello.png"]
        );
        for (made, side) in files.iter().zip([16, 64]) {
            let bytes = made.bytes().expect("in memory");
            assert_eq!(
                Picture::from_png(&bytes).expect("a picture"),
                square(side, [16, 32, 48, 255])
            );
        }
    }

    #[test]
    fn the_largest_picture_is_made_smaller_and_none_larger() {
        let picture = |side| square(side, [9, 9, 9, 255]).to_png();
        let files = made(
            "aarch64-apple-darwin",
            &[16],
            vec![
                file("usr/share/pixmaps/hello.png", Kind::Icon, picture(128)),
                file(
                    "usr/share/icons/hicolor/48x48/apps/hello.png",
                    Kind::Icon,
                    picture(48),
                ),
            ],
        );
        let expected =
            ["16x16", "32x32", "64x64", "128x128"].map(|size| format!("{size}/apps/hello.png"));
        assert_eq!(paths(&files), expected);
        assert_eq!(files[3].bytes().expect("in memory"), picture(128));
    }

    #[test]
    fn an_empty_list_turns_it_off_everywhere() {
        for triple in ["x86_64-unknown-linux-musl", "x86_64-pc-windows-gnullvm"] {
            assert!(made(triple, &[], vec![file(SCALABLE, Kind::Icon, SVG)]).is_empty());
        }
    }

    #[test]
    fn what_would_be_drawn_differently_on_each_machine_is_refused() {
        let text = SVG.replace("<rect", "<text y='9'>H</text><rect");
        let tree = tree(vec![file(SCALABLE, Kind::Icon, text)]);
        let target = "x86_64-unknown-linux-musl".parse().expect("a known target");
        let error = super::files(&Icons::default(), target, &tree, &Pictures::default());
        let expected = "`/usr/share/icons/hicolor/scalable/apps/hello.svg` has text or a picture within, which is drawn with what \
                        a machine has; expected shapes alone";
        assert_eq!(error.map(drop).expect_err("text").to_string(), expected);
    }

    #[test]
    fn what_is_no_picture_is_refused_with_its_place() {
        let error = |name: &str, bytes: &[u8]| {
            let error = check(Path::new(name), bytes).expect_err("no picture");
            error
                .to_string()
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned()
        };
        assert_eq!(
            error(
                "a/hello.svg",
                b"<svg xmlns='http://www.w3.org/2000/svg'>\n  <rect>\n</svg>"
            ),
            "a/hello.svg:3:1: not a valid SVG picture: SVG data parsing failed cause expected 'rect' tag, not 'svg' at 3:1"
        );
        assert!(error("hello.svg", b"\xff").starts_with("hello.svg:1:1: not valid UTF-8"));
        assert!(error("hello.png", b"GIF89a").starts_with("hello.png: byte 0: no PNG picture"));
        check(Path::new("hello.xpm"), b"anything").expect("not looked at");
    }
}
