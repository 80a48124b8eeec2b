//! Installing.

use std::path::{Path, PathBuf};

use super::registry::{Key, Value, remove_key};
use super::shortcut::{self, Shortcut};
use super::{elevation, known, path, window};
use crate::files::{Place, Progress};
use crate::options::Options;
use crate::payload::Contents;
use crate::plan::{Plan, check_version};
use crate::problem::{Code, Problem};
use crate::record::Record;
use crate::source::Source;

/// Where the list of programs is.
const PROGRAMS: &str = "Software\\Microsoft\\Windows\\CurrentVersion\\Uninstall";

/// The program's key in the list of programs.
pub fn key(name: &str) -> String {
    format!("{PROGRAMS}\\{name}")
}

/// Installs, with a window unless it is to be silent.
pub fn run(mut source: Source, options: &Options) -> Result<(), Problem> {
    if options.silent {
        let installation = Installation::new(&source.contents, options)?;
        return installation.run(&mut source, &mut |_| {});
    }
    window::run(source, options)
}

/// An installation that was found to be possible.
pub struct Installation {
    pub place: Place,
    options: Options,
    before: Option<Record>,
    plan: Plan,
}

impl Installation {
    /// Decides what is to be done. Nothing is written.
    pub fn new(contents: &Contents, options: &Options) -> Result<Self, Problem> {
        let all_users = options.all_users;
        if all_users && !elevation::is_administrator() {
            return Err(elevation::refusal());
        }
        let place = Place::new(directory(contents, options)?);
        let before = place.record()?;
        if let Some(record) = &before {
            let shown = place.directory().display();
            if record.name != contents.name || record.all_users != all_users {
                let (name, whose) = (
                    &record.name,
                    if record.all_users {
                        "everybody"
                    } else {
                        "one user"
                    },
                );
                return Err(Problem::new(
                    Code::Usage,
                    format!(
                        "{name} is installed in {shown} for {whose}. Choose another directory."
                    ),
                ));
            }
            check_version(&contents.version, &record.version, options.downgrade)?;
        }
        if contents.path && !options.no_path {
            path::check(&place.directory().to_string_lossy())?;
        }
        let plan = Plan::new(place.directory(), &contents.files, before.as_ref())?;
        Ok(Self {
            place,
            options: options.clone(),
            before,
            plan,
        })
    }

    /// Does it. What ends early can be repeated, or removed by what is in place then.
    pub fn run(&self, source: &mut Source, progress: &mut Progress<'_>) -> Result<(), Problem> {
        let contents = source.contents.clone();
        let data = source.data().map_err(unreadable)?;
        self.place
            .unpack(data, &contents.files, &self.plan, progress)?;
        let program = source.program().map_err(unreadable)?;
        let mut record = Record::of(&contents, self.options.all_users);
        record.links = self
            .links(&contents)?
            .iter()
            .map(|(path, _)| text(path))
            .collect();
        record.path = contents.path && !self.options.no_path;
        let before = self.before.clone().unwrap_or_default();
        self.place.write_record(&record.clone().with(&before))?;
        self.place.write_uninstaller(&program)?;
        self.register(&contents)?;
        self.place.put(&contents.files, &self.plan)?;
        self.write_links(&contents)?;
        for link in before
            .links
            .iter()
            .filter(|link| !record.links.contains(link))
        {
            let _ = std::fs::remove_file(link);
        }
        let directory = text(self.place.directory());
        if record.path {
            // What was there before the first installation is not the setup's.
            record.path = path::add(self.options.all_users, &directory)? || before.path;
        } else if before.path {
            path::remove(self.options.all_users, &directory)?;
        }
        self.keep_sums(&mut record, &before);
        self.place.write_record(&record)?;
        self.place.clean();
        Ok(())
    }

    /// An edited file is still known by each content that it was installed with.
    fn keep_sums(&self, record: &mut Record, before: &Record) {
        let kept = record.files.iter().zip(&self.plan.writes);
        let kept = kept.filter(|(_, is_written)| !**is_written);
        let paths: Vec<String> = kept.map(|(file, _)| file.path.clone()).collect();
        let older = before.files.iter();
        let older = older.filter(|file| paths.contains(&file.path) && !record.files.contains(file));
        let older: Vec<_> = older.cloned().collect();
        record.files.extend(older);
    }

    /// The entry in the list of programs.
    fn register(&self, contents: &Contents) -> Result<(), Problem> {
        let path = key(&contents.name);
        // What an older version has written there and this one does not is gone.
        remove_key(self.options.all_users, &path);
        let key = Key::create(self.options.all_users, &path)?;
        let uninstaller = text(&self.place.uninstaller());
        let size: u64 = contents.files.iter().map(|file| file.size).sum();
        let kib = u32::try_from(size.div_ceil(1024)).unwrap_or(u32::MAX);
        let values = [
            ("DisplayName", contents.name.clone()),
            ("DisplayVersion", contents.version.clone()),
            ("Publisher", contents.publisher.clone()),
            ("Comments", contents.summary.clone()),
            ("URLInfoAbout", contents.homepage.clone()),
            ("HelpLink", contents.help.clone()),
            ("InstallLocation", text(self.place.directory())),
            ("DisplayIcon", uninstaller.clone()),
            ("UninstallString", format!("\"{uninstaller}\"")),
            ("QuietUninstallString", format!("\"{uninstaller}\" /S")),
        ];
        for (name, value) in values.into_iter().filter(|(_, value)| !value.is_empty()) {
            key.set(name, &Value::Text(value))?;
        }
        key.set("EstimatedSize", &Value::Number(kib))?;
        key.set("NoModify", &Value::Number(1))?;
        key.set("NoRepair", &Value::Number(1))
    }

    /// The shortcuts by their paths, with the number of each.
    fn links(&self, contents: &Contents) -> Result<Vec<(PathBuf, usize)>, Problem> {
        let mut places = vec![known::start_menu(self.options.all_users)?];
        if contents.desktop && !self.options.no_desktop {
            places.push(known::desktop(self.options.all_users)?);
        }
        let mut links = Vec::new();
        for place in places {
            for (index, shortcut) in contents.shortcuts.iter().enumerate() {
                links.push((place.join(format!("{}.lnk", shortcut.name)), index));
            }
        }
        Ok(links)
    }

    fn write_links(&self, contents: &Contents) -> Result<(), Problem> {
        let directory = self.place.directory();
        let icon = self.place.uninstaller();
        for (path, index) in self.links(contents)? {
            let about = &contents.shortcuts[index];
            let shortcut = Shortcut {
                program: &directory.join(about.program.replace('/', "\\")),
                arguments: &about.arguments,
                comment: &about.comment,
                directory,
                icon: contents.icon.then_some(&icon),
            };
            shortcut::write(&path, &shortcut)?;
        }
        Ok(())
    }
}

/// Where the program goes: where it is, else where it was asked for, else where programs are.
fn directory(contents: &Contents, options: &Options) -> Result<PathBuf, Problem> {
    let key = Key::open(options.all_users, &key(&contents.name));
    let location = key.and_then(|key| key.text("InstallLocation"));
    // What was removed by hand is not installed.
    let location = location.map(PathBuf::from).filter(|path| path.is_dir());
    let asked = options.directory.as_ref().map(PathBuf::from);
    match (location, asked) {
        (Some(there), Some(asked)) if !is_same(&there, &asked) => {
            let (name, there) = (&contents.name, there.display());
            Err(Problem::new(
                Code::Usage,
                format!(
                    "{name} is installed in {there}. Remove it first, to install it into another directory."
                ),
            ))
        }
        (Some(there), _) => Ok(there),
        (None, Some(asked)) => Ok(asked),
        (None, None) => Ok(known::programs(options.all_users)?.join(&contents.name)),
    }
}

fn is_same(one: &Path, other: &Path) -> bool {
    text(one).to_lowercase() == text(other).to_lowercase()
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to `map_err`")]
fn unreadable(error: std::io::Error) -> Problem {
    Problem::new(
        Code::Failed,
        format!("The setup cannot read its own file: {error}"),
    )
}
