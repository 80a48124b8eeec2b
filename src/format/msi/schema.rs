//! The tables of an installer's database, of which all are those of the Windows Installer SDK.

/// Each table with its columns, as the archives that `msiinfo export` makes write them: `s` for a text, `l` for one that may be
/// translated, `i` for a number and `v` for a stream, with the width, in capitals where it may be missing. `*` marks a key.
pub(super) const TABLES: &[(&str, &str)] = &[
    ("AdminExecuteSequence", SEQUENCE),
    ("AdminUISequence", SEQUENCE),
    ("AdvtExecuteSequence", SEQUENCE),
    (
        "Component",
        "Component*s72 ComponentId S38 Directory_ s72 Attributes i2 Condition S255 KeyPath S72",
    ),
    (
        "Control",
        "Dialog_*s72 Control*s50 Type s20 X i2 Y i2 Width i2 Height i2 Attributes I4 Property S50 Text L0 Control_Next S50 Help L50",
    ),
    (
        "ControlEvent",
        "Dialog_*s72 Control_*s50 Event*s50 Argument*s255 Condition*S255 Ordering I2",
    ),
    ("CustomAction", "Action*s72 Type i2 Source S72 Target S255"),
    (
        "Dialog",
        "Dialog*s72 HCentering i2 VCentering i2 Width i2 Height i2 Attributes I4 Title L128 Control_First s50 \
         Control_Default S50 Control_Cancel S50",
    ),
    (
        "Directory",
        "Directory*s72 Directory_Parent S72 DefaultDir l255",
    ),
    (
        "Environment",
        "Environment*s72 Name l255 Value L255 Component_ s72",
    ),
    (
        "EventMapping",
        "Dialog_*s72 Control_*s50 Event*s50 Attribute s50",
    ),
    (
        "Feature",
        "Feature*s38 Feature_Parent S38 Title L64 Description L255 Display I2 Level i2 Directory_ S72 Attributes i2",
    ),
    ("FeatureComponents", "Feature_*s38 Component_*s72"),
    (
        "File",
        "File*s72 Component_ s72 FileName l255 FileSize i4 Version S72 Language S20 Attributes I2 Sequence i2",
    ),
    ("Icon", "Name*s72 Data v0"),
    ("InstallExecuteSequence", SEQUENCE),
    ("InstallUISequence", SEQUENCE),
    ("LaunchCondition", "Condition*s255 Description l255"),
    ("ListBox", "Property*s72 Order*i2 Value s64 Text L64"),
    (
        "Media",
        "DiskId*i2 LastSequence i2 DiskPrompt L64 Cabinet S255 VolumeLabel S32 Source S72",
    ),
    (
        "MsiFileHash",
        "File_*s72 Options i2 HashPart1 i4 HashPart2 i4 HashPart3 i4 HashPart4 i4",
    ),
    ("Property", "Property*s72 Value l0"),
    (
        "Shortcut",
        "Shortcut*s72 Directory_ s72 Name l128 Component_ s72 Target s72 Arguments S255 Description L255 Hotkey I2 \
         Icon_ S72 IconIndex I2 ShowCmd I2 WkDir S72",
    ),
    (
        "TextStyle",
        "TextStyle*s72 FaceName s32 Size i2 Color I4 StyleBits I2",
    ),
    (
        "Upgrade",
        "UpgradeCode*s38 VersionMin*S20 VersionMax*S20 Language*S255 Attributes*i4 Remove S255 ActionProperty s72",
    ),
];

const SEQUENCE: &str = "Action*s72 Condition S255 Sequence I2";

/// A column of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    pub(super) is_key: bool,
    is_nullable: bool,
    is_localizable: bool,
    width: u16,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Short,
    Long,
    Stream,
}

/// The columns of a table.
pub(super) fn columns(table: &str) -> Vec<Column> {
    let (_, columns) = TABLES
        .iter()
        .find(|(name, _)| *name == table)
        .expect("a table of this list");
    let mut words = columns.split_ascii_whitespace();
    let mut found = Vec::new();
    while let Some(word) = words.next() {
        let (name, key) = match word.split_once('*') {
            Some((name, key)) => (name, Some(key)),
            None => (word, None),
        };
        let about = key
            .or_else(|| words.next())
            .expect("each column has a type");
        let (letter, width) = about.split_at(1);
        let width = width.parse().expect("a number");
        let lower = letter.to_ascii_lowercase();
        found.push(Column {
            name,
            kind: match (lower.as_str(), width) {
                ("i", 2) => Kind::Short,
                ("i", _) => Kind::Long,
                ("v", _) => Kind::Stream,
                _ => Kind::Text,
            },
            is_key: key.is_some(),
            is_nullable: lower != letter,
            is_localizable: lower == "l",
            width,
        });
    }
    found
}

impl Column {
    /// The number that the table `_Columns` has for the type.
    pub(super) fn bits(self) -> u16 {
        let kind = match self.kind {
            Kind::Text => 0x0d00,
            Kind::Short => 0x0500,
            Kind::Long => 0x0100,
            Kind::Stream => 0x0900,
        };
        let flags = [
            (self.is_localizable, 0x0200),
            (self.is_nullable, 0x1000),
            (self.is_key, 0x2000),
        ];
        let set = flags.iter().filter(|(is_set, _)| *is_set);
        kind | self.width | set.map(|(_, bit)| bit).sum::<u16>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted_and_have_their_keys_first() {
        assert!(TABLES.is_sorted());
        for (table, _) in TABLES {
            let keys: Vec<_> = columns(table).iter().map(|column| column.is_key).collect();
            assert!(keys[0] && keys.is_sorted_by(|a, b| a >= b), "{table}");
        }
    }

    /// The numbers of databases that Microsoft's tools made.
    #[test]
    fn types_have_the_numbers_of_other_databases() {
        let bits = |table: &str| -> Vec<u16> { columns(table).iter().map(|c| c.bits()).collect() };
        assert_eq!(bits("Property"), [0x2d48, 0x0f00]);
        assert_eq!(bits("Icon"), [0x2d48, 0x0900]);
        assert_eq!(bits("InstallUISequence"), [0x2d48, 0x1dff, 0x1502]);
        assert_eq!(bits("File")[2..5], [0x0fff, 0x0104, 0x1d48]);
    }
}
