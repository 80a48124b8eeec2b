//! An image's configuration: the command, its user and its environment.

use std::collections::BTreeMap;

use super::document::{Digest, RootFs, Texts};
use super::rootfs::CA_CERTIFICATES;
use super::table::{Folder, HealthCheck, Oci};
use crate::format::FormatError;
use crate::format::program::program;
use crate::model::date::rfc3339;
use crate::model::package::{Context, Package};
use crate::model::target::{Os, Target};
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

/// The architecture of images for a target, as Go and so the OCI image specification name it, with the variant that
/// only 32-bit ARM has; `None` if there are no images for it.
pub(super) fn architecture(target: Target) -> Option<(&'static str, Option<&'static str>)> {
    match (target.os, target.machine) {
        (Os::Linux, "aarch64") => Some(("arm64", None)),
        (Os::Linux, "armv7l") => Some(("arm", Some("v7"))),
        (Os::Linux, "riscv64") => Some(("riscv64", None)),
        (Os::Linux, "x86_64") => Some(("amd64", None)),
        _ => None,
    }
}

/// The same for a target that the format supports.
pub(super) fn supported(target: Target) -> (&'static str, Option<&'static str>) {
    architecture(target).expect("`supports` refuses targets that images have no name for")
}

/// Makes the configuration of an image with one layer.
pub(super) fn config(
    oci: &Oci,
    package: &Package,
    context: &Context<'_>,
    layer: Digest,
) -> Result<Config, FormatError> {
    let created = rfc3339(context.date);
    let (architecture, variant) = supported(context.target);
    Ok(Config {
        created: created.clone(),
        architecture,
        variant,
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
        false => oci.entrypoint.iter().map(ToString::to_string).collect(),
    };
    let mut labels = annotations(package, context.date);
    let own = oci.labels.iter();
    labels.extend(own.map(|(name, value)| (name.to_string(), value.to_string())));
    Ok(Run {
        user: oci.user.to_string(),
        exposed_ports: set(oci.ports.iter().map(ToString::to_string).collect()),
        env: environment(oci),
        entrypoint,
        cmd: oci.command.iter().map(ToString::to_string).collect(),
        volumes: set(oci.volumes.iter().map(|v| v.as_str().to_owned()).collect()),
        working_dir: oci
            .working_directory
            .as_ref()
            .map_or("/", Folder::as_str)
            .to_owned(),
        labels,
        stop_signal: oci.stop_signal.as_ref().map(ToString::to_string),
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

fn environment(oci: &Oci) -> Vec<String> {
    let mut variables = Texts::from([("PATH".to_owned(), PATH.to_owned())]);
    if oci.ca_certificates.is_some() {
        variables.insert("SSL_CERT_FILE".to_owned(), format!("/{CA_CERTIFICATES}"));
    }
    let own = oci.environment.iter();
    variables.extend(own.map(|(name, value)| (name.to_string(), value.to_string())));
    variables
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
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
        ("description", Some(package.summary.to_string())),
        ("licenses", Some(package.license.to_string())),
        ("authors", Some(package.maintainer.to_string())),
        ("url", package.homepage.as_ref().map(ToString::to_string)),
        (
            "source",
            package.repository.as_ref().map(ToString::to_string),
        ),
        ("revision", package.commit.as_ref().map(ToString::to_string)),
    ];
    known
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.filter(|v| !v.is_empty())?)))
        .map(|(name, value)| (format!("org.opencontainers.image.{name}"), value))
        .collect()
}
