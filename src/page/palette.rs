//! The colors of pages, as data, so that a test can measure their contrast.

/// A color with its use, for light and for dark surroundings, in sRGB.
pub(super) struct Tone {
    pub(super) name: &'static str,
    pub(super) light: u32,
    pub(super) dark: u32,
}

const fn tone(name: &'static str, light: u32, dark: u32) -> Tone {
    Tone { name, light, dark }
}

/// All colors. The style sheet knows them by `var(--name)` and has no others.
pub(super) const TONES: &[Tone] = &[
    tone("paper", 0xf5f4f0, 0x14161a),
    tone("card", 0xffffff, 0x1c1f25),
    tone("inset", 0xf4f3ef, 0x252931),
    tone("rule", 0xdedbd2, 0x343943),
    tone("ink", 0x1d2026, 0xe8e6e1),
    tone("soft", 0x5b5f69, 0xa5a9b3),
    tone("link", 0x1b5e9e, 0x86b8ec),
    tone("good", 0x1a6b43, 0x74cf9f),
    tone("good-tint", 0xe4f3ea, 0x17301f),
    tone("bad", 0xa32a22, 0xff9d92),
    tone("bad-tint", 0xfdebe8, 0x40201c),
    tone("odd", 0x7d4a00, 0xf0bc6a),
    tone("odd-tint", 0xfcf0db, 0x382a12),
    tone("idle", 0x545a66, 0xadb2bd),
    tone("idle-tint", 0xecebe6, 0x2a2e37),
    // What is drawn: lines and areas of curves and bars.
    tone("series-0", 0x2563a0, 0x6fabe6),
    tone("series-1", 0xb4540a, 0xe89a55),
    tone("series-2", 0x1b7f6b, 0x58c5ad),
    tone("series-3", 0x7e449e, 0xc394e0),
    tone("series-4", 0x9c3566, 0xea8bb5),
    tone("series-5", 0x62681a, 0xbcc25c),
    // Areas of treemaps, with text on them.
    tone("tile-0", 0xd5e3f1, 0x23405f),
    tone("tile-1", 0xf6dfc9, 0x5a3718),
    tone("tile-2", 0xcfe8e1, 0x17483f),
    tone("tile-3", 0xe7daf0, 0x482d5a),
    tone("tile-4", 0xf4d9e5, 0x56263d),
    tone("tile-5", 0xe7e9c8, 0x40431a),
];

/// Text and what it is on, which have to differ by 4.5:1 (WCAG 2.2, 1.4.3).
#[cfg(test)]
const TEXT: &[(&str, &[&str])] = &[
    (
        "ink",
        &[
            "paper",
            "card",
            "inset",
            "good-tint",
            "bad-tint",
            "odd-tint",
            "idle-tint",
            "tile-0",
            "tile-1",
            "tile-2",
            "tile-3",
            "tile-4",
            "tile-5",
        ],
    ),
    (
        "soft",
        &[
            "paper",
            "card",
            "inset",
            "good-tint",
            "bad-tint",
            "odd-tint",
            "idle-tint",
        ],
    ),
    ("link", &["paper", "card", "inset"]),
    ("good", &["card", "good-tint"]),
    ("bad", &["card", "paper", "bad-tint"]),
    ("odd", &["card", "paper", "odd-tint"]),
    ("idle", &["card", "idle-tint"]),
];

/// Drawings and what they are on, which have to differ by 3:1 (WCAG 2.2, 1.4.11).
#[cfg(test)]
const DRAWN: &[(&str, &[&str])] = &[
    ("series-0", &["card", "inset"]),
    ("series-1", &["card", "inset"]),
    ("series-2", &["card", "inset"]),
    ("series-3", &["card", "inset"]),
    ("series-4", &["card", "inset"]),
    ("series-5", &["card", "inset"]),
    ("bad", &["card", "inset"]),
    ("link", &["card", "paper"]),
];

/// The colors as custom properties, for all that is light or dark.
pub(super) fn properties(dark: bool) -> String {
    let property = |tone: &Tone| {
        let color = if dark { tone.dark } else { tone.light };
        format!("--{}:#{color:06x};", tone.name)
    };
    TONES.iter().map(property).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::page::style::SHEET;

    /// Relative luminance (WCAG 2.2, definitions).
    fn luminance(color: u32) -> f64 {
        let channel = |shift: u32| {
            let value = f64::from(color >> shift & 0xff) / 255.0;
            match value {
                ..=0.04045 => value / 12.92,
                _ => ((value + 0.055) / 1.055).powf(2.4),
            }
        };
        0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0)
    }

    /// Contrast ratio (WCAG 2.2, definitions).
    fn contrast(one: u32, other: u32) -> f64 {
        let (one, other) = (luminance(one), luminance(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    fn named(name: &str) -> &'static Tone {
        let found = TONES.iter().find(|tone| tone.name == name);
        found.unwrap_or_else(|| panic!("no tone `{name}`"))
    }

    #[test]
    fn contrast_is_that_of_the_guidelines() {
        assert!((contrast(0xffffff, 0) - 21.0).abs() < 1e-9);
        assert!((contrast(0x777777, 0xffffff) - 4.48).abs() < 0.01);
    }

    #[test]
    fn every_text_can_be_read_and_every_drawing_seen() {
        for (pairs, least) in [(TEXT, 4.5), (DRAWN, 3.0)] {
            for (name, grounds) in pairs {
                for ground in *grounds {
                    let (front, back) = (named(name), named(ground));
                    for (one, other) in [(front.light, back.light), (front.dark, back.dark)] {
                        let found = contrast(one, other);
                        assert!(found >= least, "{name} on {ground}: {found:.2}");
                    }
                }
            }
        }
    }

    /// What the style sheet sets a property to, if that is a tone.
    fn used(property: &str) -> Vec<&'static str> {
        let declarations = SHEET.split(['{', '}', ';']);
        let values = declarations.filter_map(|text| text.trim().strip_prefix(property));
        let tones = values.filter_map(|value| {
            value
                .trim()
                .strip_prefix(':')?
                .trim()
                .strip_prefix("var(--")
        });
        tones.map(|tone| tone.trim_end_matches(')')).collect()
    }

    #[test]
    fn the_sheet_has_only_these_colors_and_all_of_them() {
        let mut variables = SHEET.split("var(--").skip(1);
        assert!(variables.all(|rest| {
            let name = rest.split(')').next().unwrap_or_default();
            TONES.iter().any(|tone| tone.name == name)
        }));
        for tone in TONES {
            assert!(
                SHEET.contains(&format!("var(--{})", tone.name)),
                "{}",
                tone.name
            );
        }
        assert!(!SHEET.contains('#') && !SHEET.contains("rgb") && !SHEET.contains("hsl"));
        // Each color of text is in the table of pairs, whatever it is on.
        let texts = used("color");
        assert!(texts.len() > 5, "{texts:?}");
        for text in texts {
            assert!(TEXT.iter().any(|(name, _)| *name == text), "{text}");
        }
        let lines = used("stroke")
            .into_iter()
            .filter(|name| name.starts_with("series"));
        assert!(
            lines
                .into_iter()
                .all(|line| DRAWN.iter().any(|(name, _)| *name == line))
        );
    }
}
