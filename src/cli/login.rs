//! Who logs in to a registry: options, the environment, or docker's configuration.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};
use sealift::format::oci::Reference;
use sealift::registry::{Credentials, Login, Secret, config_keys, in_config};

/// The longest password or token.
const MAX_PASSWORD_BYTES: u64 = 64 << 10;

/// What a helper prints if it has nothing.
const NOT_FOUND: &str = "credentials not found";

/// The login on the command line.
#[derive(clap::Args)]
pub struct LoginArgs {
    /// The user who logs in
    #[arg(long, value_name = "NAME", requires = "password_stdin")]
    user: Option<String>,

    /// Read the user's password or token from standard input
    #[arg(long, requires = "user")]
    password_stdin: bool,
}

/// The login for each place; `None` where nobody knows one.
pub fn of_each(args: &LoginArgs, places: &[Reference]) -> anyhow::Result<Vec<Option<Credentials>>> {
    if let Some(user) = &args.user {
        let login = Credentials::Password {
            user: user.clone(),
            password: password_of_stdin()?,
        };
        return Ok(vec![Some(login); places.len()]);
    }
    if let Some(login) = of_environment()? {
        return Ok(vec![Some(login); places.len()]);
    }
    places.iter().map(|place| of_docker(&place.host)).collect()
}

fn password_of_stdin() -> anyhow::Result<Secret> {
    let mut text = String::new();
    let mut input = std::io::stdin().lock().take(MAX_PASSWORD_BYTES);
    // The content is a secret, so the error must not show it.
    if input.read_to_string(&mut text).is_err() {
        bail!("the password on standard input cannot be read; expected text");
    }
    let password = text.trim_end_matches(['\r', '\n']);
    match password {
        "" => bail!("no password on standard input"),
        password => Ok(Secret::new(password)),
    }
}

fn of_environment() -> anyhow::Result<Option<Credentials>> {
    let (user, password) = ("SEALIFT_REGISTRY_USER", "SEALIFT_REGISTRY_PASSWORD");
    let value = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
    match (value(user), value(password)) {
        (None, None) => Ok(None),
        (Some(user), Some(password)) => Ok(Some(Credentials::Password {
            user,
            password: Secret::new(password),
        })),
        (None, Some(_)) => bail!("{password} is set, but {user} is not; expected both"),
        (Some(_), None) => bail!("{user} is set, but {password} is not; expected both"),
    }
}

fn of_docker(host: &str) -> anyhow::Result<Option<Credentials>> {
    let Some(path) = docker_config() else {
        return Ok(None);
    };
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => {
            return Err(error).with_context(|| format!("cannot read `{}`", path.display()));
        }
    };
    let login = in_config(&text, host)
        .map_err(anyhow::Error::msg)
        .with_context(|| format!("`{}`", path.display()))?;
    match login {
        None => Ok(None),
        Some(Login::Credentials(credentials)) => Ok(Some(credentials)),
        Some(Login::Helper { name }) => of_helper(&name, host),
    }
}

fn docker_config() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let directory = variable("DOCKER_CONFIG").map(PathBuf::from).or_else(|| {
        let home = variable("HOME").or_else(|| variable("USERPROFILE"))?;
        Some(PathBuf::from(home).join(".docker"))
    });
    directory.map(|directory| directory.join("config.json"))
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    username: String,
    secret: String,
}

/// Asks a program that keeps logins (docker's protocol of credential helpers).
fn of_helper(name: &str, host: &str) -> anyhow::Result<Option<Credentials>> {
    let program = format!("docker-credential-{name}");
    let keys = config_keys(host);
    let key = keys.first().map_or(host, String::as_str);
    let output = Command::new(&program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .and_then(|mut child| {
            // A program that does not read it answers nevertheless.
            let _ = child
                .stdin
                .take()
                .map(|mut stdin| stdin.write_all(key.as_bytes()));
            child.wait_with_output()
        })
        .with_context(|| format!("cannot run `{program}`, which docker's config.json names"))?;
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stdout).to_lowercase();
        if text.contains(NOT_FOUND) {
            return Ok(None);
        }
        bail!("`{program} get` failed for `{key}`: {}", output.status);
    }
    let Ok(answer) = serde_json::from_slice::<Answer>(&output.stdout) else {
        bail!("`{program} get` printed something else than a user and a secret in JSON");
    };
    let secret = Secret::new(answer.secret);
    Ok(Some(match answer.username.as_str() {
        "<token>" => Credentials::Identity(secret),
        user => Credentials::Password {
            user: user.to_owned(),
            password: secret,
        },
    }))
}
