//! Reading desktop entries (freedesktop.org's Desktop Entry Specification 1.5).

/// The group that describes the program.
pub(crate) const GROUP: &str = "[Desktop Entry]";

/// The value of a key of the first group, as it is written.
pub(crate) fn value<'a>(entry: &'a str, key: &str) -> Option<&'a str> {
    let keys = entry
        .lines()
        .skip_while(|line| line.trim() != GROUP)
        .skip(1);
    let keys = keys.take_while(|line| !line.starts_with('['));
    let mut values = keys.filter_map(|line| line.split_once('='));
    let (_, value) = values.find(|(found, _)| found.trim() == key)?;
    Some(value.trim())
}
