//! The image that another one is built on: its layers stay, and so does what its configuration says and ours does not.

#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::path::Path;

use serde_json::{Map, Value};

use super::document::{
    CONFIG, Descriptor, Digest, INDEX, Index, LAYER, MANIFEST, Manifest, Platform, RootFs,
};
use super::layout::{Layout, Place, malformed};
use super::table::Oci;
use crate::container::Malformed;
use crate::container::compress::decode;
use crate::container::hash::HashReader;
use crate::format::FormatError;

const LAYER_PLAIN: &str = "application/vnd.oci.image.layer.v1.tar";
const LAYER_ZSTD: &str = "application/vnd.oci.image.layer.v1.tar+zstd";

/// The image of a layout for one platform. Its blobs have the digests that are their names, and its layers those of the
/// configuration.
pub(super) struct Base {
    /// The digest of the manifest.
    pub(super) digest: Digest,
    /// The layers with their bytes.
    pub(super) layers: Vec<(Descriptor, Place)>,
    diff_ids: Vec<Digest>,
    config: Map<String, Value>,
}

impl Base {
    /// Opens a layout, a directory or a tar. Errors name the path.
    pub(super) fn open(path: &Path, platform: &Platform) -> Result<Self, FormatError> {
        open(path, platform).map_err(|error| {
            let path = path.display();
            match error {
                FormatError::Malformed(Malformed { what, offset }) => {
                    let what = format!("the base `{path}`: {what}");
                    Malformed { what, offset }.into()
                }
                FormatError::Io(error) => {
                    FormatError::Invalid(format!("the base `{path}` cannot be read: {error}"))
                }
                FormatError::Invalid(what) => {
                    FormatError::Invalid(format!("the base `{path}` {what}"))
                }
            }
        })
    }

    /// The base's configuration with ours over it. The environment, labels, ports and volumes are those of both; `PATH` and
    /// the working directory are the base's unless the manifest sets them. The user, the entry point and its arguments are ours.
    pub(super) fn merged(&self, own: Map<String, Value>, oci: &Oci) -> Map<String, Value> {
        let mut all = self.config.clone();
        for (key, value) in own {
            match (key.as_str(), value) {
                ("config", Value::Object(own)) => {
                    let base = all.get("config").and_then(Value::as_object).cloned();
                    let run = merged_run(base.unwrap_or_default(), own, oci);
                    all.insert(key, run.into());
                }
                ("rootfs", Value::Object(mut own)) => {
                    let base = self.diff_ids.iter().map(|id| id.to_string().into());
                    let list = own
                        .remove("diff_ids")
                        .and_then(|ids| ids.as_array().cloned());
                    let list = base.chain(list.unwrap_or_default()).collect();
                    own.insert("diff_ids".to_owned(), Value::Array(list));
                    all.insert(key, own.into());
                }
                ("history", Value::Array(own)) => {
                    let list = self.history().into_iter().chain(own).collect();
                    all.insert(key, Value::Array(list));
                }
                // The base's are equal, and may say more.
                ("architecture" | "os" | "variant", _) => {}
                (_, value) => {
                    all.insert(key, value);
                }
            }
        }
        all
    }

    /// One entry for each layer at least, which engines count.
    fn history(&self) -> Vec<Value> {
        let given = self.config.get("history").and_then(Value::as_array);
        given
            .filter(|list| !list.is_empty())
            .cloned()
            .unwrap_or_else(|| {
                let entry =
                    || Value::from(Map::from_iter([("created_by".to_owned(), "base".into())]));
                self.layers.iter().map(|_| entry()).collect()
            })
    }
}

fn open(path: &Path, platform: &Platform) -> Result<Base, FormatError> {
    let layout = Layout::open(path)?;
    let mut found = Vec::new();
    let mut others = Vec::new();
    for descriptor in images(&layout)? {
        // An index may list images that the layout does not have.
        if let Some(other) = descriptor.platform.as_ref().filter(|p| !fits(p, platform)) {
            others.push(other.to_string());
            continue;
        }
        let manifest: Manifest = layout.parse(&descriptor)?;
        let config: Map<String, Value> = config(&layout, &manifest)?;
        let own = platform_of(&config)?;
        match fits(&own, platform) {
            true => found.push((descriptor, manifest, config)),
            false => others.push(own.to_string()),
        }
    }
    match <[_; 1]>::try_from(found) {
        Ok([(descriptor, manifest, config)]) => base(&layout, &descriptor, &manifest, config),
        Err(found) if found.is_empty() => {
            let has = match others.is_empty() {
                true => "none".to_owned(),
                false => others.join(", "),
            };
            Err(FormatError::Invalid(format!(
                "has no image for {platform}; it has {has}"
            )))
        }
        Err(found) => Err(FormatError::Invalid(format!(
            "has {} images for {platform}; expected one",
            found.len()
        ))),
    }
}

fn images(layout: &Layout) -> Result<Vec<Descriptor>, FormatError> {
    let mut images = Vec::new();
    for descriptor in layout.index()?.manifests {
        match descriptor.media_type.as_str() {
            INDEX => images.extend(layout.parse::<Index>(&descriptor)?.manifests),
            _ => images.push(descriptor),
        }
    }
    images.retain(|descriptor| descriptor.media_type == MANIFEST);
    Ok(images)
}

fn config(layout: &Layout, manifest: &Manifest) -> Result<Map<String, Value>, FormatError> {
    match manifest.config.media_type.as_str() {
        CONFIG => layout.parse(&manifest.config),
        other => Err(malformed(
            format!("a configuration of the type `{other}`; expected `{CONFIG}`"),
            0,
        )),
    }
}

fn platform_of(config: &Map<String, Value>) -> Result<Platform, FormatError> {
    let text = |key: &str| config.get(key).and_then(Value::as_str).map(str::to_owned);
    match (text("architecture"), text("os")) {
        (Some(architecture), Some(os)) => Ok(Platform {
            architecture,
            os,
            variant: text("variant"),
        }),
        _ => Err(malformed("a configuration without architecture or os", 0)),
    }
}

/// A variant matters only if both say one.
fn fits(found: &Platform, wanted: &Platform) -> bool {
    let variants = (&found.variant, &wanted.variant);
    let is_variant = !matches!(variants, (Some(found), Some(wanted)) if found != wanted);
    (&found.architecture, &found.os) == (&wanted.architecture, &wanted.os) && is_variant
}

fn base(
    layout: &Layout,
    descriptor: &Descriptor,
    manifest: &Manifest,
    config: Map<String, Value>,
) -> Result<Base, FormatError> {
    let rootfs = config.get("rootfs").cloned().unwrap_or_default();
    let rootfs: RootFs = serde_json::from_value(rootfs)
        .map_err(|error| malformed(format!("the configuration's `rootfs`: {error}"), 0))?;
    if rootfs.diff_ids.len() != manifest.layers.len() {
        let what = format!(
            "{} layers, but {} diff_ids",
            manifest.layers.len(),
            rootfs.diff_ids.len()
        );
        return Err(malformed(what, 0));
    }
    let mut layers = Vec::new();
    for (layer, diff_id) in manifest.layers.iter().zip(&rootfs.diff_ids) {
        let place = layout.verified(layer)?;
        let found = content_sum(&layer.media_type, place.read(0)?)?;
        if found != *diff_id {
            let what = format!(
                "the content of the layer `{}` has the sum {found}; the configuration says {diff_id}",
                layer.digest
            );
            return Err(malformed(what, 0));
        }
        layers.push((layer.clone(), place.clone()));
    }
    Ok(Base {
        digest: descriptor.digest,
        layers,
        diff_ids: rootfs.diff_ids,
        config,
    })
}

/// The sum of a layer's tar.
fn content_sum(media_type: &str, compressed: impl Read) -> Result<Digest, FormatError> {
    let tar: Box<dyn Read + '_> = match media_type {
        LAYER => Box::new(decode::gzip(compressed)),
        LAYER_ZSTD => Box::new(decode::zstd(compressed)?),
        LAYER_PLAIN => Box::new(compressed),
        other => {
            let what = format!(
                "a layer of the type `{other}`; expected `{LAYER_PLAIN}`, also with gzip or zstd"
            );
            return Err(malformed(what, 0));
        }
    };
    let mut tar = HashReader::new(tar);
    io::copy(&mut tar, &mut io::sink())?;
    Ok(Digest(tar.finish()))
}

fn merged_run(
    mut base: Map<String, Value>,
    own: Map<String, Value>,
    oci: &Oci,
) -> Map<String, Value> {
    if !own.contains_key("Cmd") {
        // They are the arguments of another program.
        base.remove("Cmd");
    }
    for (key, value) in own {
        match (key.as_str(), base.get_mut(&key), value) {
            ("Env", Some(Value::Array(base)), Value::Array(own)) => {
                own.iter().for_each(|variable| set(base, variable, oci));
            }
            (
                "ExposedPorts" | "Labels" | "Volumes",
                Some(Value::Object(base)),
                Value::Object(own),
            ) => {
                base.extend(own);
            }
            ("WorkingDir", Some(Value::String(base)), _)
                if oci.working_directory.is_none() && !base.is_empty() => {}
            (_, _, value) => {
                base.insert(key, value);
            }
        }
    }
    base
}

/// Sets a variable, which is `NAME=VALUE`.
fn set(variables: &mut Vec<Value>, variable: &Value, oci: &Oci) {
    let name = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        text.split('=').next().unwrap_or_default().to_owned()
    };
    let own = name(variable);
    match variables.iter_mut().find(|other| name(other) == own) {
        Some(_) if own == "PATH" && !oci.environment.keys().any(|key| key.as_str() == "PATH") => {}
        Some(other) => *other = variable.clone(),
        None => variables.push(variable.clone()),
    }
}
