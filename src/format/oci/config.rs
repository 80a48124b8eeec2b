//! An image's configuration: the command, its user and its environment.

use std::collections::BTreeMap;

use super::document::{Digest, RootFs, Texts};
use super::rootfs::CA_CERTIFICATES;
use super::table::{Folder, HealthCheck, Oci};
use crate::format::FormatError;
use crate::format::program::program;
use crate::model::date::rfc3339;
use crate::model::package::{Context, Package};
use crate::model::target::Target;
use crate::model::tree::Tree;

/// The search path of an image without a base system; engines add none.
const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The configuration document.
#[derive(serde::Serialize)]
pub(super) struct Config {
    created: String,
    architecture: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<&'static str>,
    os: &'static str,
    config: Run,
    rootfs: RootFs,
    history: Vec<History>,
}

#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct Run {
    user: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    exposed_ports: BTreeMap<String, Empty>,
    env: Vec<String>,
    entrypoint: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    cmd: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    volumes: BTreeMap<String, Empty>,
    working_dir: String,
    labels: Texts,
    #[serde(skip_serializing_if = "Option::is_none")]
    stop_signal: Option<String>,
    /// Not part of the OCI specification, but docker and podman look for it here.
    #[serde(skip_serializing_if = "Option::is_none")]
    healthcheck: Option<Test>,
}

/// The value of each member of a map that represents a set.
#[derive(serde::Serialize)]
struct Empty {}

#[derive(serde::Serialize)]
#[serde(rename_all = "PascalCase")]
struct Test {
    test: Vec<String>,
    interval: u64,
    timeout: u64,
    start_period: u64,
    retries: u32,
}

#[derive(serde::Serialize)]
struct History {
    created: String,
    created_by: &'static str,
}

/// The architecture of images for a target.
pub(super) fn architecture(target: Target) -> &'static str {
    target
        .oci
        .expect("`supports` refuses targets that images have no name for")
}

/// Makes the configuration of an image with one layer.
pub(super) fn config(
    oci: &Oci,
    package: &Package,
    context: &Context<'_>,
    layer: Digest,
) -> Result<Config, FormatError> {
    let created = rfc3339(context.date);
    Ok(Config {
        created: created.clone(),
        architecture: architecture(context.target),
        variant: context.target.oci_variant,
        os: context.target.os.name(),
        config: run(oci, package, context)?,
        rootfs: RootFs {
            kind: "layers".to_owned(),
            diff_ids: vec![layer],
        },
        history: vec![History {
            created,
            created_by: "sealift",
        }],
    })
}

fn run(oci: &Oci, package: &Package, context: &Context<'_>) -> Result<Run, FormatError> {
    let set = |names: Vec<String>| names.into_iter().map(|name| (name, Empty {})).collect();
    let entrypoint = match oci.entrypoint.is_empty() {
        true => vec![format!("/{}", program_path(package, context.tree)?)],
        false => oci.entrypoint.clone(),
    };
    let mut labels = annotations(package, context.date);
    labels.extend(oci.labels.clone());
    Ok(Run {
        user: oci.user.to_string(),
        exposed_ports: set(oci.ports.iter().map(ToString::to_string).collect()),
        env: environment(oci)?,
        entrypoint,
        cmd: oci.command.clone(),
        volumes: set(oci.volumes.iter().map(|v| v.as_str().to_owned()).collect()),
        working_dir: oci
            .working_directory
            .as_ref()
            .map_or("/", Folder::as_str)
            .to_owned(),
        labels,
        stop_signal: oci.stop_signal.clone(),
        healthcheck: oci.healthcheck.as_ref().map(test),
    })
}

/// The path of the program to run.
fn program_path<'a>(package: &Package, tree: &'a Tree) -> Result<&'a str, FormatError> {
    let found = program(package, tree).map_err(|count| {
        FormatError::Invalid(format!(
            "an image needs a program to run, but the tree has {count} and none is called `{}`; set `entrypoint`",
            package.name
        ))
    })?;
    Ok(&found.path)
}

fn environment(oci: &Oci) -> Result<Vec<String>, FormatError> {
    let mut variables = Texts::from([("PATH".to_owned(), PATH.to_owned())]);
    if oci.ca_certificates.is_some() {
        variables.insert("SSL_CERT_FILE".to_owned(), format!("/{CA_CERTIFICATES}"));
    }
    variables.extend(oci.environment.clone());
    if let Some(name) = variables
        .keys()
        .find(|n| n.is_empty() || n.contains(['=', '\0']))
    {
        let what = format!("`{name}` cannot be the name of an environment variable");
        return Err(FormatError::Invalid(what));
    }
    Ok(variables
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect())
}

fn test(check: &HealthCheck) -> Test {
    let nanoseconds = |seconds: u32| u64::from(seconds) * 1_000_000_000;
    let mut test = vec!["CMD".to_owned()];
    test.extend_from_slice(check.command.words());
    Test {
        test,
        interval: nanoseconds(check.interval_seconds),
        timeout: nanoseconds(check.timeout_seconds),
        start_period: nanoseconds(check.start_period_seconds),
        retries: check.retries,
    }
}

/// The metadata that the OCI annotation specification has names for.
pub(super) fn annotations(package: &Package, date: i64) -> Texts {
    let known = [
        ("title", Some(package.name.to_string())),
        ("version", Some(package.version.to_string())),
        ("created", Some(rfc3339(date))),
        ("description", Some(package.summary.clone())),
        ("licenses", Some(package.license.clone())),
        ("authors", Some(package.maintainer.clone())),
        ("url", package.homepage.clone()),
        ("source", package.repository.clone()),
        ("revision", package.commit.clone()),
    ];
    known
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.filter(|v| !v.is_empty())?)))
        .map(|(name, value)| (format!("org.opencontainers.image.{name}"), value))
        .collect()
}
