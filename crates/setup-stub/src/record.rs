//! The list of what was installed, which lies beside the program.

use std::fmt::Write;

use crate::payload::fields::{escaped, unescaped};
use crate::payload::{Contents, File};

const FIRST: &str = "sealift-installed 1";

/// What was installed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    pub name: String,
    pub version: String,
    /// Whether it is there for everybody.
    pub all_users: bool,
    /// Whether `PATH` got the directory by the setup.
    pub path: bool,
    /// The shortcuts, by their whole paths.
    pub links: Vec<String>,
    /// The files. A configuration file can be there more than once, with each content that it was installed with.
    pub files: Vec<File>,
}

impl Record {
    /// The record of what is about to be installed.
    pub fn of(contents: &Contents, all_users: bool) -> Self {
        Self {
            name: contents.name.clone(),
            version: contents.version.clone(),
            all_users,
            files: contents.files.clone(),
            ..Self::default()
        }
    }

    /// As it is written.
    pub fn to_text(&self) -> String {
        let mut text = format!("{FIRST}\n");
        let flag = |flag: bool| if flag { "1" } else { "0" };
        let _ = writeln!(text, "name\t{}", escaped(&self.name));
        let _ = writeln!(text, "version\t{}", escaped(&self.version));
        let _ = writeln!(text, "all-users\t{}", flag(self.all_users));
        let _ = writeln!(text, "path\t{}", flag(self.path));
        for link in &self.links {
            let _ = writeln!(text, "link\t{}", escaped(link));
        }
        for file in &self.files {
            let _ = writeln!(text, "{}", file.to_line());
        }
        text
    }

    /// Reads it; `None` if it is not a record.
    pub fn parse(text: &str) -> Option<Self> {
        let mut record = Self::default();
        let mut lines = text.lines();
        if lines.next() != Some(FIRST) {
            return None;
        }
        for line in lines {
            let (key, rest) = line.split_once('\t')?;
            match key {
                "file" => record.files.push(File::parse(rest)?),
                "name" => record.name = unescaped(rest)?,
                "version" => record.version = unescaped(rest)?,
                "all-users" => record.all_users = rest == "1",
                "path" => record.path = rest == "1",
                "link" => record.links.push(unescaped(rest)?),
                _ => return None,
            }
        }
        Some(record)
    }

    /// The record of an installation that may end at any time: what was there and what will be.
    pub fn with(mut self, other: &Self) -> Self {
        self.path |= other.path;
        for link in &other.links {
            if !self.links.contains(link) {
                self.links.push(link.clone());
            }
        }
        for file in &other.files {
            if !self.files.contains(file) {
                self.files.push(file.clone());
            }
        }
        self
    }
}

/// How Windows sees a path: it does not tell small letters from capitals.
pub fn folded(path: &str) -> String {
    path.to_uppercase().to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payload::Kind;

    #[test]
    fn what_is_written_is_read() {
        let record = Record {
            name: "hello".to_owned(),
            version: "1.0.0".to_owned(),
            all_users: false,
            path: true,
            links: vec!["C:\\a b\\Hello World.lnk".to_owned()],
            files: vec![File {
                sum: [3; 32],
                size: 1,
                kind: Kind::Program,
                path: "hello.exe".to_owned(),
            }],
        };
        assert_eq!(Record::parse(&record.to_text()), Some(record.clone()));
        assert_eq!(Record::parse("something else\n"), None);
        assert_eq!(record.clone().with(&record), record);
    }
}
