//! Checks desktop entries (freedesktop.org's Desktop Entry Specification 1.5): what `desktop-file-validate` calls an error.

use std::ops::Range;

use crate::model::hint::did_you_mean;
use crate::project::manifest::located::{Located, Source};

const ENTRY: &str = "Desktop Entry";
const ACTION: &str = "Desktop Action ";

/// The keys of the main group; others begin with `X-`.
const KEYS: [&str; 24] = [
    "Actions",
    "Categories",
    "Comment",
    "DBusActivatable",
    "Exec",
    "GenericName",
    "Hidden",
    "Icon",
    "Implements",
    "Keywords",
    "MimeType",
    "Name",
    "NoDisplay",
    "NotShowIn",
    "OnlyShowIn",
    "Path",
    "PrefersNonDefaultGPU",
    "SingleMainWindow",
    "StartupNotify",
    "StartupWMClass",
    "Terminal",
    "TryExec",
    "Type",
    "URL",
];
/// Those that are known and have no use of their own here.
const OTHER_KEYS: [&str; 3] = ["Encoding", "Version", "InitialPreference"];
const FLAGS: [&str; 7] = [
    "DBusActivatable",
    "Hidden",
    "NoDisplay",
    "PrefersNonDefaultGPU",
    "SingleMainWindow",
    "StartupNotify",
    "Terminal",
];
const VERSIONS: [&str; 7] = ["0.9.4", "1.0", "1.1", "1.2", "1.3", "1.4", "1.5"];
/// The field codes of `Exec` (the specification's "The Exec key").
const CODES: &str = "fFuUdDnNickvm%";
/// What has a meaning of its own outside of quotes.
const RESERVED: &str = "\"'\\><~|&;$*?#()`";

struct Group<'a> {
    name: &'a str,
    span: Range<usize>,
    entries: Vec<Entry<'a>>,
}

struct Entry<'a> {
    key: &'a str,
    value: &'a str,
    /// Of the key.
    span: Range<usize>,
    /// Of the value.
    value_span: Range<usize>,
}

impl<'a> Group<'a> {
    fn entry(&self, key: &str) -> Option<&Entry<'a>> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    fn value(&self, key: &str) -> Option<&'a str> {
        self.entry(key).map(|entry| entry.value)
    }
}

/// Refuses an entry that desktops would not read as it is meant.
pub(super) fn check(source: &Source) -> Result<(), Box<Located>> {
    let groups = parse(source)?;
    let Some(main) = groups.first().filter(|group| group.name == ENTRY) else {
        let span = groups.first().map_or(0..0, |group| group.span.clone());
        let message = format!("the first group is not `[{ENTRY}]`");
        return Err(source.error_at(span, message));
    };
    for group in &groups {
        let is_action = group.name.starts_with(ACTION);
        if group.name != ENTRY && !is_action && !group.name.starts_with("X-") {
            let message = format!(
                "the group `{}` is unknown; expected `[{ENTRY}]`, `[{ACTION}NAME]`, or a name that begins with `X-`",
                group.name
            );
            return Err(source.error_at(group.span.clone(), message));
        }
        if group.name == ENTRY || is_action {
            check_values(source, group)?;
        }
    }
    check_main(source, main)?;
    check_actions(source, main, &groups)
}

fn parse(source: &Source) -> Result<Vec<Group<'_>>, Box<Located>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut at = 0;
    for whole in source.text.split_inclusive('\n') {
        let (start, line) = (at, whole.strip_suffix('\n').unwrap_or(whole));
        at += whole.len();
        let span = start..start + line.len();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let refuse = |message: &str| Err(source.error_at(span.clone(), message));
        if line.ends_with('\r') {
            return refuse("the line ends with a carriage return; expected a line feed alone");
        }
        if line.starts_with(char::is_whitespace) {
            return refuse("the line begins with a blank; expected a key or a group at its start");
        }
        if let Some(rest) = line.strip_prefix('[') {
            let name = rest.strip_suffix(']').unwrap_or_default();
            if name.is_empty() || name.contains(['[', ']']) || name.contains(char::is_control) {
                return refuse(
                    "the line is no group; expected a name in brackets and nothing else",
                );
            }
            if groups.iter().any(|group| group.name == name) {
                return refuse(&format!("the group `{name}` is there twice"));
            }
            let entries = Vec::new();
            groups.push(Group {
                name,
                span,
                entries,
            });
            continue;
        }
        let Some((key, value)) = line.split_once('=') else {
            return refuse("the line is no comment, group or key; expected `KEY=VALUE`");
        };
        let value_start = start + key.len() + 1 + (value.len() - value.trim_start().len());
        let (key, value) = (key.trim_end(), value.trim());
        let span = start..start + key.len();
        if !is_key(key) {
            let message = format!(
                "`{key}` is no key; expected ASCII letters, digits and `-`, then perhaps a locale in brackets"
            );
            return Err(source.error_at(span, message));
        }
        let Some(group) = groups.last_mut() else {
            let message =
                format!("the key `{key}` is before the first group; expected `[{ENTRY}]` above it");
            return Err(source.error_at(span, message));
        };
        if group.entry(key).is_some() {
            return Err(source.error_at(span, format!("the key `{key}` is there twice")));
        }
        group.entries.push(Entry {
            key,
            value,
            span,
            value_span: value_start..value_start + value.len(),
        });
    }
    Ok(groups)
}

fn is_key(key: &str) -> bool {
    let (name, locale) = match key.split_once('[') {
        Some((name, rest)) => (name, rest.strip_suffix(']')),
        None => (key, Some("C")),
    };
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let is_locale = |c: char| c.is_ascii_alphanumeric() || "-_@.".contains(c);
    let locale = locale.unwrap_or_default();
    !name.is_empty()
        && name.chars().all(is_name)
        && !locale.is_empty()
        && locale.chars().all(is_locale)
}

fn check_values(source: &Source, group: &Group<'_>) -> Result<(), Box<Located>> {
    for entry in &group.entries {
        let (name, value) = (entry.key.split('[').next().unwrap_or_default(), entry.value);
        let refuse = |message: String| Err(source.error_at(entry.value_span.clone(), message));
        if FLAGS.contains(&name) && !["true", "false", "0", "1"].contains(&value) {
            return refuse(format!("`{name}` is `{value}`; expected `true` or `false`"));
        }
        if name == "Exec"
            && let Err(problem) = check_exec(value)
        {
            return refuse(format!("`Exec` {problem}"));
        }
        if name == "Version" && !VERSIONS.contains(&value) {
            return refuse(format!(
                "`Version` is that of the specification, not of the program, and there is no `{value}`; expected `1.0` to `1.5`"
            ));
        }
        if !name.starts_with("X-") && !KEYS.contains(&name) && !OTHER_KEYS.contains(&name) {
            let message = format!(
                "the key `{name}` is unknown; others than those of the specification begin with `X-`"
            );
            let error = source.error_at(entry.span.clone(), message);
            return Err(match did_you_mean(name, KEYS) {
                Some(hint) => error.with_hint(hint),
                None => error,
            });
        }
    }
    Ok(())
}

/// What is wrong with a command line, as a verb phrase.
fn check_exec(value: &str) -> Result<(), String> {
    // The escapes of all strings come first: `\\` is one backslash, of which quoted arguments need two.
    let value = value.replace("\\\\", "\\");
    let (mut in_quotes, mut characters) = (false, value.chars());
    while let Some(c) = characters.next() {
        match c {
            '"' => in_quotes = !in_quotes,
            '\\' if in_quotes => _ = characters.next(),
            '%' => match characters.next() {
                Some(code) if CODES.contains(code) => {}
                Some(code) => {
                    return Err(format!(
                        "has the field code `%{code}`, which does not exist"
                    ));
                }
                None => return Err("ends with `%`; expected `%%`".to_owned()),
            },
            c if !in_quotes && RESERVED.contains(c) => {
                return Err(format!(
                    "has `{c}` outside of double quotes, where it has a meaning of its own"
                ));
            }
            _ => {}
        }
    }
    if in_quotes {
        return Err("has a quote that is not closed".to_owned());
    }
    Ok(())
}

fn check_main(source: &Source, main: &Group<'_>) -> Result<(), Box<Located>> {
    let missing = |key: &str, why: &str| {
        let message = format!("the entry has no `{key}`{why}");
        Err(source.error_at(main.span.clone(), message))
    };
    let Some(kind) = main.entry("Type") else {
        return missing("Type", "; expected `Type=Application`");
    };
    match kind.value {
        "Application" => {
            let is_started = main.entry("Exec").is_some();
            if !is_started && main.value("DBusActivatable") != Some("true") {
                return missing("Exec", ", the command that starts the program");
            }
        }
        "Link" if main.entry("URL").is_none() => return missing("URL", ", which a link leads to"),
        "Link" | "Directory" => {}
        other => {
            let message =
                format!("`Type` is `{other}`; expected `Application`, `Link` or `Directory`");
            return Err(source.error_at(kind.value_span.clone(), message));
        }
    }
    match main.value("Name") {
        None | Some("") => missing("Name", ", which desktops show"),
        Some(_) => Ok(()),
    }
}

fn check_actions(
    source: &Source,
    main: &Group<'_>,
    groups: &[Group<'_>],
) -> Result<(), Box<Located>> {
    let actions = main.value("Actions").unwrap_or_default().split(';');
    let actions: Vec<_> = actions.filter(|action| !action.is_empty()).collect();
    let named = |group: &Group<'_>| group.name.strip_prefix(ACTION).map(str::to_owned);
    if let Some(entry) = main.entry("Actions")
        && let Some(action) = actions.iter().find(|action| {
            !groups
                .iter()
                .any(|group| named(group).as_deref() == Some(action))
        })
    {
        let message = format!("the action `{action}` has no group `[{ACTION}{action}]`");
        return Err(source.error_at(entry.value_span.clone(), message));
    }
    for group in groups {
        let Some(action) = named(group) else { continue };
        if !actions.contains(&action.as_str()) {
            let message = format!("the action `{action}` is not in `Actions` of `[{ENTRY}]`");
            return Err(source.error_at(group.span.clone(), message));
        }
        if group.value("Name").is_none() {
            let message = format!("the action `{action}` has no `Name`, which desktops show");
            return Err(source.error_at(group.span.clone(), message));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# made by hand\n[Desktop Entry]\nType=Application\nVersion=1.5\nName=Hello\nName[de]=Hallo\n\
        Exec=hello \"--title=it's \\\\$5\" %U\nTerminal=false\nActions=new;\nX-Own=1\n\n\
        [Desktop Action new]\nName=New\nExec=hello --new\n\n[X-Own Group]\nanything=1\n";

    fn source(text: &str) -> Source {
        Source {
            path: "hello.desktop".into(),
            text: text.to_owned(),
        }
    }

    fn error(text: &str) -> String {
        let error = check(&source(text)).expect_err(text).to_string();
        error.lines().next().unwrap_or_default().to_owned()
    }

    #[test]
    fn a_good_entry_passes() {
        check(&source(GOOD)).unwrap_or_else(|error| panic!("{error}"));
        let link = "[Desktop Entry]\nType=Link\nName=Hello\nURL=https://example.org\n";
        check(&source(link)).expect("a link");
        let bus = "[Desktop Entry]\nType=Application\nName=Hello\nDBusActivatable=true\n";
        check(&source(bus)).expect("started by the bus");
    }

    #[test]
    fn what_is_missing_is_named() {
        let without = |line: &str| error(&GOOD.replacen(line, "", 1));
        assert_eq!(
            without("Type=Application\n"),
            "hello.desktop:2:1: the entry has no `Type`; expected `Type=Application`"
        );
        assert_eq!(
            without("Name=Hello\n"),
            "hello.desktop:2:1: the entry has no `Name`, which desktops show"
        );
        let exec = "Exec=hello \"--title=it's \\\\$5\" %U\n";
        assert_eq!(
            without(exec),
            "hello.desktop:2:1: the entry has no `Exec`, the command that starts the program"
        );
        assert_eq!(
            without("[Desktop Entry]\n"),
            "hello.desktop:2:1: the key `Type` is before the first group; expected `[Desktop Entry]` above it"
        );
        assert_eq!(
            error(""),
            "hello.desktop:1:1: the first group is not `[Desktop Entry]`"
        );
    }

    #[test]
    fn every_mistake_is_refused_with_its_place() {
        let cases = [
            (
                "Type=Application",
                "Type=Applicatio",
                "3:6: `Type` is `Applicatio`; expected `Application`, `Link` or `Directory`",
            ),
            (
                "[Desktop Entry]",
                "[Desktop Entry",
                "2:1: the line is no group; expected a name in brackets and nothing else",
            ),
            (
                "[Desktop Entry]",
                "[Desktop Entry] ",
                "2:1: the line is no group; expected a name in brackets and nothing else",
            ),
            (
                "[Desktop Entry]",
                "[KDE Desktop Entry]",
                "2:1: the first group is not `[Desktop Entry]`",
            ),
            (
                "[X-Own Group]",
                "[Own Group]",
                "16:1: the group `Own Group` is unknown; expected `[Desktop Entry]`, `[Desktop Action NAME]`, or a name that begins with `X-`",
            ),
            (
                "[X-Own Group]",
                "[Desktop Entry]",
                "16:1: the group `Desktop Entry` is there twice",
            ),
            (
                "Terminal=false",
                "Terminal=no",
                "8:10: `Terminal` is `no`; expected `true` or `false`",
            ),
            (
                "Terminal=false",
                "Terminal false",
                "8:1: the line is no comment, group or key; expected `KEY=VALUE`",
            ),
            (
                "Terminal=false",
                " Terminal=false",
                "8:1: the line begins with a blank; expected a key or a group at its start",
            ),
            (
                "Terminal=false",
                "Terminal=false\r",
                "8:1: the line ends with a carriage return; expected a line feed alone",
            ),
            (
                "Terminal=false",
                "Terminal_x=false",
                "8:1: `Terminal_x` is no key; expected ASCII letters, digits and `-`, then perhaps a locale in brackets",
            ),
            (
                "Terminal=false",
                "Name[de]=Hi",
                "8:1: the key `Name[de]` is there twice",
            ),
            (
                "X-Own=1",
                "Categorie=Utility;",
                "10:1: the key `Categorie` is unknown; others than those of the specification begin with `X-`",
            ),
            (
                "Version=1.5",
                "Version=2.3",
                "4:9: `Version` is that of the specification, not of the program, and there is no `2.3`; expected `1.0` to `1.5`",
            ),
            (
                "%U",
                "%Z",
                "7:6: `Exec` has the field code `%Z`, which does not exist",
            ),
            ("%U", "%", "7:6: `Exec` ends with `%`; expected `%%`"),
            (
                "%U",
                "$HOME",
                "7:6: `Exec` has `$` outside of double quotes, where it has a meaning of its own",
            ),
            ("%U", "\"x", "7:6: `Exec` has a quote that is not closed"),
            (
                "Actions=new;",
                "Actions=old;",
                "9:9: the action `old` has no group `[Desktop Action old]`",
            ),
            (
                "Actions=new;",
                "NoDisplay=false",
                "12:1: the action `new` is not in `Actions` of `[Desktop Entry]`",
            ),
            (
                "Name=New",
                "Icon=new",
                "12:1: the action `new` has no `Name`, which desktops show",
            ),
        ];
        for (good, bad, expected) in cases {
            let changed = GOOD.replacen(good, bad, 1);
            assert_ne!(changed, GOOD, "{good}");
            assert_eq!(error(&changed), format!("hello.desktop:{expected}"));
        }
    }
}
