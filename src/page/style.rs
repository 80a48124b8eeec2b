//! The style sheet of pages.

use super::palette;

/// All rules. Colors are custom properties, which [`palette`] knows.
pub(super) const SHEET: &str = include_str!("style.css");

/// The whole style sheet: the colors for light and dark surroundings, and the rules. Paper is light.
pub(super) fn style() -> String {
    let (light, dark) = (palette::properties(false), palette::properties(true));
    format!(
        ":root{{color-scheme:light dark;{light}}}\
         @media screen and (prefers-color-scheme:dark){{:root{{{dark}}}}}\n{SHEET}"
    )
}
