//! `sealift make`: from a project to a judged release, without Nix.

mod programs;
mod text;
mod this_machine;

use std::io::IsTerminal;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use sealift::evidence::Evidence;
use sealift::format::FORMATS;
use sealift::gate::GateContext;
use sealift::gate::report::REPORT;
use sealift::model::commit::Commit;
use sealift::model::release::{ARTIFACTS, Release};
use sealift::model::target::Target;
use sealift::output::Workspace;
use sealift::pipeline::make::{self, RELEASE, compilation};
use sealift::pipeline::plan::{Plan, Selection, plan};
use sealift::project::manifest::build::CargoPackage;
use sealift::project::{Project, sources};

use super::exit::{self, Advised, Exit};
use super::package::{cores, date_or, print_paths};
use super::progress::Progress;
use super::project::{FormatArgs, ProjectArgs};
use super::{gate, git, judgment, stdout, terminal, values};
use programs::{LeftOut, Origin};

/// Make a release in one run, without Nix
///
/// Takes built programs, or compiles them with the installed cargo, and runs what `plan`, `tree`, `stamp`, `package`,
/// `release` and `gate` do, for all targets. The directory appears whole, with `report.json` and its page, even if a gate refuses the
/// release.
///
/// The result is not hermetic: it depends on what this machine has installed.
#[derive(clap::Args)]
pub struct Make {
    #[command(flatten)]
    project: ProjectArgs,

    #[command(flatten)]
    formats: FormatArgs,

    /// A directory with built programs, in `<triple>/bin/`, or in `bin/` for one target, or as cargo's `target/` has them
    #[arg(long, value_name = "DIR", conflicts_with = "cargo")]
    build: Option<PathBuf>,

    /// Compile with the installed cargo, and for other machines with cargo-zigbuild; the default in a Cargo project
    #[arg(long)]
    cargo: bool,

    /// What was built for this machine, whose programs `[[generate]]` runs [default: the programs for this machine]
    #[arg(long, value_name = "DIR")]
    generate_with: Option<PathBuf>,

    /// The OUT_DIR of a package's build script, for sources such as `{out_dir:hello}/hello.1` [default: as cargo says]
    #[arg(long, value_name = "PACKAGE=DIR", value_parser = values::out_dir)]
    out_dir: Vec<(CargoPackage, PathBuf)>,

    /// A target to make packages for [default: all targets of the manifest that there are programs for]
    #[arg(long, value_name = "TRIPLE", value_parser = values::target())]
    target: Vec<Target>,

    /// A format to write [default: all formats of the manifest]
    #[arg(long, value_name = "NAME", value_parser = values::format())]
    format: Vec<String>,

    /// The release directory; must be empty or missing
    #[arg(long, value_name = "DIR", default_value = "release")]
    out: PathBuf,

    /// The directory for the programs' symbols, which the profile `debug-symbols` needs
    #[arg(long, value_name = "DIR", conflicts_with = "build")]
    debug: Option<PathBuf>,

    /// The commit that was built [default: the checkout's, if nothing has changed since]
    #[arg(long, value_name = "HEX")]
    commit: Option<Commit>,

    /// The date of the packages, in seconds since 1970 [default: `SOURCE_DATE_EPOCH`, else the commit's, else 315532800 (1980-01-01)]
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(i64).range(0..))]
    date: Option<i64>,

    /// How many threads write packages [default: one per core]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// Print the record of the release as JSON
    #[arg(long)]
    json: bool,
}

impl Make {
    /// Makes the release.
    pub fn run(self) -> anyhow::Result<Exit> {
        let project = self.project.read(&self.formats)?;
        let selection = Selection {
            targets: self.target.clone(),
            formats: self.format.clone(),
        };
        let mut plan = plan(&project, &selection)?;
        sources::check(&project)?;
        self.refuse_symbols(&project)?;
        // First of all, so that nothing is compiled for a directory that cannot be written.
        let workspace = Workspace::create(&self.out)?;
        let host = this_machine::host();
        let origin = Origin::of(&project, self.build.as_deref(), self.cargo)?;
        let targets: Vec<_> = plan.targets.iter().map(|plan| plan.target).collect();
        let prepared = origin.prepare(&project, &targets, &host, self.generate_with.is_none())?;
        self.leave_out(&project, &mut plan, prepared.left_out())?;
        make::refuse_unready(&project, &plan)?;
        let progress = Progress::new(plan.count());
        let is_dirty = git::is_dirty(&project.root);
        let built_with = prepared.built_with();
        let builds = prepared.build(&project, &progress)?;
        let make = make::Make {
            project: &project,
            plan: &plan,
            builds: &builds,
            host: &host,
            generate_with: self.generate_with.as_deref(),
            out_dirs: &self.out_dir.iter().cloned().collect(),
            symbols: self.debug.as_deref(),
            commit: self.commit.clone().or_else(|| match is_dirty {
                true => None,
                false => git::commit(&project.root),
            }),
            dirty: is_dirty,
            date: date_or(self.date, || git::commit_date(&project.root))?,
            threads: self.threads.unwrap_or_else(cores),
            built_with,
            lists_crates: self.build.is_none(),
        };
        let made = make.run(&workspace, &progress);
        progress.clear();
        self.judge(&project, &made?, workspace)
    }

    /// Symbols that the profile keeps need a place, and only that profile keeps them.
    fn refuse_symbols(&self, project: &Project) -> Result<(), Advised> {
        let keeps = compilation::splits_symbols(&project.build);
        match (&self.debug, self.build.is_some()) {
            (None, false) if keeps => Err(Advised {
                message: "the profile `debug-symbols` keeps the programs' symbols; expected a directory for them"
                    .to_owned(),
                hint: "name one with `--debug DIR`".to_owned(),
            }),
            (Some(_), _) if !keeps => Err(Advised {
                message: "`--debug` is for the profile `debug-symbols`, which the manifest does not have".to_owned(),
                hint: "write `profile = \"debug-symbols\"` below `[build]`, or leave `--debug` out".to_owned(),
            }),
            _ => Ok(()),
        }
    }

    /// Takes targets without programs out of the plan, says so, and refuses that for those that were asked for by name.
    fn leave_out(
        &self,
        project: &Project,
        plan: &mut Plan,
        left_out: &[LeftOut],
    ) -> anyhow::Result<()> {
        let asked = left_out
            .iter()
            .find(|out| self.target.contains(&out.target));
        if let Some(LeftOut { target, reason }) = asked {
            return Err(Advised {
                message: format!("`{target}` cannot be made: {reason}"),
                hint: "without `--target`, such targets are left out".to_owned(),
            }
            .into());
        }
        let is_out = |target| left_out.iter().any(|out| out.target == target);
        plan.leave_out(project, is_out)?;
        if plan.targets.is_empty() {
            let reasons = left_out
                .iter()
                .map(|LeftOut { target, reason }| format!("\n  {target}: {reason}"));
            return Err(Advised {
                message: format!(
                    "none of the targets can be made:{}",
                    reasons.collect::<String>()
                ),
                hint: "build the programs elsewhere, and name their directory with `--build`"
                    .to_owned(),
            }
            .into());
        }
        tell(&text::left_out(left_out));
        Ok(())
    }

    /// Judges the release in its workspace, lets it appear, and says what it is.
    fn judge(
        &self,
        project: &Project,
        release: &Release,
        workspace: Workspace,
    ) -> anyhow::Result<Exit> {
        let directory = workspace.path().join(RELEASE);
        let context = GateContext {
            directory: &directory,
            formats: FORMATS,
            evidence: &Evidence::default(),
            previous: None,
            advisories: None,
        };
        let report = gate::judged(release, &context, &project.gates);
        gate::write(&report, &directory.join(REPORT))?;
        workspace.keep(RELEASE)?;
        let artifacts = self.out.join(ARTIFACTS);
        let exit = gate::exit_of(report.outcome);
        tell(&text::table(release, &artifacts));
        if exit == Exit::Done {
            tell(&judgment::to_text(&report));
        } else {
            exit::eprint_quietly(&judgment::to_text(&report));
        }
        tell(text::NOT_HERMETIC);
        exit::warn_of_dirt(release);
        // Who sees both streams has just been told the paths.
        let is_told = std::io::stdout().is_terminal() && !terminal::is_quiet();
        if self.json {
            stdout::print_json(release)?;
        } else if !is_told {
            print_paths(&release.artifacts, &artifacts)?;
        }
        Ok(exit)
    }
}

/// Says something to people who did not ask for silence.
fn tell(text: &str) {
    if !terminal::is_quiet() {
        exit::eprint_quietly(text);
    }
}
