//! `sealift push`: from a release to a registry.

use std::io::{IsTerminal, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, bail};
use sealift::event::{Event, Reporter};
use sealift::format::oci::Reference;
use sealift::format::oci::stored::Stored;
use sealift::http::{Client, Settings};
use sealift::model::digest::Sha256Sum;
use sealift::model::release::{RECORD, Release, artifact_path};
use sealift::registry::{Credentials, push};

use super::exit::{Advised, Exit};
use super::login::{self, LoginArgs};
use super::progress::human_size;
use super::stdout;
use super::terminal;

/// Push container images to a registry
///
/// Pushes the images of a release, or of one archive that Sealift wrote. Images for several architectures become one
/// tag, through an image index. What the registry has is not sent again, and a blob whose upload is interrupted goes on
/// from where the registry is, if the registry can do that. Prints each place with the digest that the tag names.
///
/// The login comes from `--user` with `--password-stdin`, from `SEALIFT_REGISTRY_USER` and `SEALIFT_REGISTRY_PASSWORD`, or
/// from docker's `config.json`.
#[derive(clap::Args)]
pub struct Push {
    /// A release directory, or an image: an archive (`.oci.tar`) or a directory with an OCI layout
    #[arg(value_name = "IMAGE|RELEASE")]
    from: PathBuf,

    /// Where to push to; the tag is the version of the program if it is not given
    #[arg(value_name = "REGISTRY/NAME[:TAG]", required = true)]
    to: Vec<Reference>,

    #[command(flatten)]
    login: LoginArgs,

    /// Use HTTP without encryption; a registry on this machine is always spoken to in this way
    #[arg(long)]
    plain_http: bool,
}

impl Push {
    /// Pushes.
    pub fn run(self) -> anyhow::Result<Exit> {
        let images = open(&self.from)?;
        let tags = self.to.iter().map(|to| tag(to, &images));
        let tags = tags.collect::<anyhow::Result<Vec<_>>>()?;
        let logins = login::of_each(&self.login, &self.to)?;
        let client = client(self.plain_http)?;
        for ((to, tag), credentials) in self.to.iter().zip(tags).zip(&logins) {
            let digest = self.push_to(&client, &images, to, tag, credentials.as_ref())?;
            let Reference { host, name, .. } = to;
            stdout::print_text(&format!("{host}/{name}:{tag}@sha256:{digest}\n"))?;
        }
        Ok(Exit::Done)
    }

    fn push_to(
        &self,
        client: &Client,
        images: &Stored,
        to: &Reference,
        tag: &str,
        credentials: Option<&Credentials>,
    ) -> anyhow::Result<Sha256Sum> {
        let progress = Transfer::new();
        let pushed = push(
            client,
            images,
            to,
            tag,
            credentials,
            self.plain_http,
            &progress,
        );
        progress.clear();
        let pushed =
            pushed.with_context(|| format!("cannot push to `{}/{}:{tag}`", to.host, to.name))?;
        let pushed = pushed.with_context(|| format!("no image in `{}`", self.from.display()))?;
        progress.say(&format!(
            "{} blobs and {} manifests sent to {}\n",
            pushed.blobs, pushed.manifests, to.host
        ));
        Ok(pushed.digest)
    }
}

fn open(from: &Path) -> anyhow::Result<Stored> {
    let paths = match from.join(RECORD).is_file() {
        true => of_release(from)?,
        false => vec![from.to_owned()],
    };
    let paths: Vec<_> = paths.iter().map(PathBuf::as_path).collect();
    Stored::open(&paths).map_err(|(path, error)| {
        let message = format!("cannot read the image `{}`", path.display());
        let message = format!("{message}: {:#}", anyhow::Error::from(error));
        let hint = "name a directory that `sealift release` has filled, or an image such as `hello-1.2.3-x86_64.oci.tar`";
        let hint = hint.to_owned();
        Advised { message, hint }.into()
    })
}

/// The images of a release, which must be the recorded files.
fn of_release(directory: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let release = Release::read(directory)?;
    super::exit::warn_of_dirt(&release);
    let mut paths = Vec::new();
    for artifact in release
        .artifacts
        .iter()
        .filter(|artifact| artifact.format == "oci")
    {
        let path = artifact_path(directory, artifact);
        let sum = std::fs::File::open(&path).and_then(|mut file| Sha256Sum::of_reader(&mut file));
        let sum = sum.with_context(|| format!("cannot read `{}`", path.display()))?;
        if sum != artifact.sha256 {
            bail!(
                "`{}` has the SHA-256 {sum}; `{RECORD}` says {}",
                path.display(),
                artifact.sha256
            );
        }
        paths.push(path);
    }
    match paths.is_empty() {
        true => Err(Advised {
            message: format!(
                "the release `{}` has no container image; expected the format `oci`",
                directory.display()
            ),
            hint: "add `oci` to `formats` in the manifest, and make the release again".to_owned(),
        }
        .into()),
        false => Ok(paths),
    }
}

fn tag<'t>(to: &'t Reference, images: &'t Stored) -> anyhow::Result<&'t str> {
    let tag = to.tag.as_ref().or(images.tag.as_ref());
    let tag = tag.with_context(|| {
        format!(
            "the image has no tag; expected one in `{}/{}:TAG`",
            to.host, to.name
        )
    })?;
    Ok(tag)
}

/// A client with what the environment says of certificates and proxies.
fn client(plain_http: bool) -> anyhow::Result<Client> {
    let text = |names: &[&str]| {
        let value = names.iter().find_map(|name| std::env::var(name).ok());
        value.filter(|value| !value.is_empty())
    };
    // CGI sets HTTP_PROXY from a header of whoever asks, so only the other spelling is taken, as curl does.
    let proxy: &[&str] = match plain_http {
        true => &["http_proxy"],
        false => &["https_proxy", "HTTPS_PROXY"],
    };
    let certificates = std::env::var_os("SSL_CERT_FILE").filter(|path| !path.is_empty());
    let certificates = certificates.map(PathBuf::from);
    let read = |path: &PathBuf| {
        let content = std::fs::read(path);
        content.with_context(|| {
            format!(
                "cannot read `{}`, which SSL_CERT_FILE names",
                path.display()
            )
        })
    };
    let settings = Settings {
        user_agent: concat!("sealift/", env!("CARGO_PKG_VERSION")).to_owned(),
        plain_http,
        certificates: certificates.as_ref().map(read).transpose()?,
        proxy: text(proxy),
        no_proxy: text(&["no_proxy", "NO_PROXY"]).unwrap_or_default(),
        ..Settings::default()
    };
    Ok(Client::new(&settings)?)
}

/// Shows on standard error what is sent: a running line on a terminal, a line for each blob with `--verbose`, else nothing.
struct Transfer {
    runs: bool,
    blob: Mutex<(Option<Sha256Sum>, u64)>,
}

impl Transfer {
    fn new() -> Self {
        Self {
            runs: std::io::stderr().is_terminal() && !terminal::is_quiet(),
            blob: Mutex::default(),
        }
    }

    fn say(&self, text: &str) {
        if self.runs || terminal::is_verbose() {
            show(text);
        }
    }

    fn clear(&self) {
        if self.runs {
            show(CLEAR_LINE);
        }
    }
}

/// Returns to the start of the line and clears it (ECMA-48, EL).
const CLEAR_LINE: &str = "\r\x1b[K";

impl Reporter for Transfer {
    fn report(&self, event: Event<'_>) {
        let mut blob = self.blob.lock().unwrap_or_else(PoisonError::into_inner);
        let short = |digest: Sha256Sum| digest.to_string()[..12].to_owned();
        let end = if self.runs { CLEAR_LINE } else { "" };
        match event {
            Event::BlobStarted { digest, size } => *blob = (Some(digest), size),
            Event::BlobSent { offset } if self.runs => {
                if let (Some(digest), size) = *blob {
                    let (sent, size) = (human_size(offset), human_size(size));
                    show(&format!("{CLEAR_LINE}{} {sent} of {size}", short(digest)));
                }
            }
            Event::BlobInterrupted { offset } => {
                let at = human_size(offset);
                self.say(&format!("{end}interrupted; sending goes on from {at}\n"));
            }
            Event::BlobDone {
                digest,
                size,
                was_there,
            } => {
                let what = if was_there { "is there" } else { "sent" };
                self.say(&format!(
                    "{end}{} {} {what}\n",
                    short(digest),
                    human_size(size)
                ));
            }
            _ => {}
        }
    }
}

/// Progress that cannot be shown must not stop the work.
fn show(text: &str) {
    let mut stderr = std::io::stderr().lock();
    let _ = stderr
        .write_all(text.as_bytes())
        .and_then(|()| stderr.flush());
}
