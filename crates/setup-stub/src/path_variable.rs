//! The list of directories that `PATH` is.

/// The variable with a directory at its end; `None` if it is in it.
pub fn with(variable: &str, directory: &str) -> Option<String> {
    if entries(variable).any(|entry| is_same(entry, directory)) {
        return None;
    }
    let variable = variable.trim_end_matches(';');
    Some(if variable.is_empty() {
        directory.to_owned()
    } else {
        format!("{variable};{directory}")
    })
}

/// The variable without a directory; `None` if it is not in it.
pub fn without(variable: &str, directory: &str) -> Option<String> {
    if !entries(variable).any(|entry| is_same(entry, directory)) {
        return None;
    }
    let rest: Vec<_> = entries(variable)
        .filter(|entry| !is_same(entry, directory))
        .collect();
    Some(rest.join(";"))
}

fn entries(variable: &str) -> impl Iterator<Item = &str> {
    variable.split(';')
}

fn is_same(entry: &str, directory: &str) -> bool {
    let plain = |path: &str| {
        let path = path.trim().trim_matches('"').trim_end_matches('\\');
        path.to_lowercase()
    };
    plain(entry) == plain(directory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_is_added_once_at_the_end() {
        let added = with("%SystemRoot%;C:\\a;", "C:\\Größe $").expect("it was not there");
        assert_eq!(added, "%SystemRoot%;C:\\a;C:\\Größe $");
        assert_eq!(with(&added, "c:\\größe $\\"), None);
        assert_eq!(with("", "C:\\x").as_deref(), Some("C:\\x"));
    }

    #[test]
    fn a_directory_is_removed_and_the_rest_stays_as_it_is() {
        let variable = "%A%\\b;;C:\\X\\;\"C:\\c d\"";
        assert_eq!(
            without(variable, "C:\\x").as_deref(),
            Some("%A%\\b;;\"C:\\c d\"")
        );
        assert_eq!(without(variable, "C:\\y"), None);
        assert_eq!(without("C:\\x", "C:\\x").as_deref(), Some(""));
    }
}
