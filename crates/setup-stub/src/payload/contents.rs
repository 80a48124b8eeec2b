//! What is to be installed, as text: a line for each fact, with tabs between its fields.

use std::fmt::Write;

use super::fields::{escaped, unescaped};

const FIRST: &str = "sealift-setup 1";

/// Everything about the program and its files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Contents {
    /// The program's name, which is that of its directory, too.
    pub name: String,
    /// The version, as Semantic Versioning writes it.
    pub version: String,
    /// Who publishes it.
    pub publisher: String,
    /// What it is.
    pub summary: String,
    /// Its page, or nothing.
    pub homepage: String,
    /// Where there is help, or nothing.
    pub help: String,
    /// Whether the directory is added to `PATH`.
    pub path: bool,
    /// Whether there are shortcuts on the desktop.
    pub desktop: bool,
    /// Whether the setup has the program's icon.
    pub icon: bool,
    /// What the user agrees to, or nothing.
    pub license: String,
    /// The entries of the start menu.
    pub shortcuts: Vec<Shortcut>,
    /// The files, in the order of the data.
    pub files: Vec<File>,
}

/// An entry of the start menu.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shortcut {
    /// Its name.
    pub name: String,
    /// What is shown about it.
    pub comment: String,
    /// The path of the file that it starts.
    pub program: String,
    /// What the program is given.
    pub arguments: String,
}

/// A file to install, or one that was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The SHA-256 of its content.
    pub sum: [u8; 32],
    /// Its length.
    pub size: u64,
    /// What it is.
    pub kind: Kind,
    /// Its path below the program's directory, with `/` between the names.
    pub path: String,
}

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A program.
    Program,
    /// A file that users edit.
    Config,
    /// Anything else.
    Other,
}

impl Contents {
    /// As it is written.
    pub fn to_text(&self) -> String {
        let mut text = format!("{FIRST}\n");
        let flag = |flag: bool| if flag { "1" } else { "0" };
        let values = [
            ("name", self.name.as_str()),
            ("version", &self.version),
            ("publisher", &self.publisher),
            ("summary", &self.summary),
            ("homepage", &self.homepage),
            ("help", &self.help),
            ("path", flag(self.path)),
            ("desktop", flag(self.desktop)),
            ("icon", flag(self.icon)),
            ("license", &self.license),
        ];
        for (key, value) in values {
            let _ = writeln!(text, "{key}\t{}", escaped(value));
        }
        for shortcut in &self.shortcuts {
            let _ = writeln!(
                text,
                "shortcut\t{}\t{}\t{}\t{}",
                escaped(&shortcut.name),
                escaped(&shortcut.comment),
                escaped(&shortcut.program),
                escaped(&shortcut.arguments)
            );
        }
        for file in &self.files {
            let _ = writeln!(text, "{}", file.to_line());
        }
        text
    }

    /// Reads it. The error is the number of the line that is wrong, from 1.
    pub fn parse(text: &str) -> Result<Self, usize> {
        let mut contents = Self::default();
        let mut lines = text.lines().enumerate();
        if lines.next().is_none_or(|(_, line)| line != FIRST) {
            return Err(1);
        }
        for (index, line) in lines {
            contents.line(line).ok_or(index + 1)?;
        }
        Ok(contents)
    }

    fn line(&mut self, line: &str) -> Option<()> {
        let (key, rest) = line.split_once('\t')?;
        if key == "file" {
            self.files.push(File::parse(rest)?);
            return Some(());
        }
        let fields: Vec<String> = rest.split('\t').map(unescaped).collect::<Option<_>>()?;
        if key == "shortcut" {
            let [name, comment, program, arguments] = fields.try_into().ok()?;
            self.shortcuts.push(Shortcut {
                name,
                comment,
                program,
                arguments,
            });
            return Some(());
        }
        let [value] = <[String; 1]>::try_from(fields).ok()?;
        let text = match key {
            "name" => &mut self.name,
            "version" => &mut self.version,
            "publisher" => &mut self.publisher,
            "summary" => &mut self.summary,
            "homepage" => &mut self.homepage,
            "help" => &mut self.help,
            "license" => &mut self.license,
            _ => {
                let flag = match key {
                    "path" => &mut self.path,
                    "desktop" => &mut self.desktop,
                    "icon" => &mut self.icon,
                    _ => return None,
                };
                *flag = match value.as_str() {
                    "0" => false,
                    "1" => true,
                    _ => return None,
                };
                return Some(());
            }
        };
        *text = value;
        Some(())
    }
}

impl File {
    /// A line, without its end.
    pub fn to_line(&self) -> String {
        let mut line = "file\t".to_owned();
        for byte in self.sum {
            let _ = write!(line, "{byte:02x}");
        }
        let kind = match self.kind {
            Kind::Program => "program",
            Kind::Config => "config",
            Kind::Other => "other",
        };
        let _ = write!(line, "\t{}\t{kind}\t{}", self.size, escaped(&self.path));
        line
    }

    /// Reads what follows the line's first word.
    pub fn parse(fields: &str) -> Option<Self> {
        let mut fields = fields.splitn(4, '\t');
        let digits = fields.next()?;
        if digits.len() != 64 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        let mut sum = [0; 32];
        for (index, byte) in sum.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[2 * index..][..2], 16).ok()?;
        }
        let size = fields.next()?.parse().ok()?;
        let kind = match fields.next()? {
            "program" => Kind::Program,
            "config" => Kind::Config,
            "other" => Kind::Other,
            _ => return None,
        };
        let path = unescaped(fields.next()?)?;
        let is_plain = |name: &str| {
            !matches!(name, "" | "." | "..")
                && !name.contains(|c: char| c.is_control() || "\\:*?\"<>|".contains(c))
        };
        path.split('/').all(is_plain).then_some(Self {
            sum,
            size,
            kind,
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> Contents {
        Contents {
            name: "hello".to_owned(),
            version: "1.2.3".to_owned(),
            license: "first\n\n\tsecond\\".to_owned(),
            path: true,
            shortcuts: vec![Shortcut {
                name: "Hello World".to_owned(),
                comment: "Größe".to_owned(),
                program: "hello.exe".to_owned(),
                arguments: String::new(),
            }],
            files: vec![File {
                sum: [0xa5; 32],
                size: 7,
                kind: Kind::Config,
                path: "etc/a b $%.toml".to_owned(),
            }],
            ..Contents::default()
        }
    }

    #[test]
    fn what_is_written_is_read() {
        assert_eq!(Contents::parse(&some().to_text()), Ok(some()));
    }

    #[test]
    fn a_line_that_is_not_known_is_refused_with_its_number() {
        let with = |line: &str| Contents::parse(&format!("{FIRST}\nname\thello\n{line}\n"));
        assert_eq!(Contents::parse("other\n"), Err(1));
        for line in [
            "unknown\tx",
            "name",
            "path\t2",
            "shortcut\ta\tb",
            "file\t00\t1\tother\ta",
        ] {
            assert_eq!(with(line), Err(3), "{line}");
        }
    }

    #[test]
    fn a_path_out_of_the_directory_is_refused() {
        let file = some().files.remove(0);
        for path in ["../x", "a//b", "/x", "a\\b", "c:x", "", "a/.."] {
            let mut file = file.clone();
            file.path = path.to_owned();
            let line = file.to_line();
            let fields = line.strip_prefix("file\t").expect("a line of a file");
            assert_eq!(File::parse(fields), None, "{path}");
        }
    }
}
