//! Sends images: blobs first, then what names them (distribution specification, "Push").

use super::credentials::Credentials;
use super::error::RegistryError;
use super::session::Session;
use super::upload::send_blob;
use crate::event::Reporter;
use crate::format::oci::Reference;
use crate::format::oci::stored::{Document, Stored};
use crate::http::{Body, Client, Method, Request};
use crate::model::digest::Sha256Sum;

/// What a push did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// The sum of what the tag names: an image's manifest, or the index of several.
    pub digest: Sha256Sum,
    /// How many blobs were sent; the others were there before.
    pub blobs: usize,
    /// How many manifests were written, the index among them.
    pub manifests: usize,
}

/// Sends images to a repository, and gives them a tag. What the registry has is not sent again.
pub fn push(
    client: &Client,
    images: &Stored,
    to: &Reference,
    tag: &str,
    credentials: Option<&Credentials>,
    plain_http: bool,
    reporter: &dyn Reporter,
) -> Result<Option<Pushed>, RegistryError> {
    let Some(top) = images.top() else {
        return Ok(None);
    };
    let mut session = Session::new(client, to, credentials, plain_http)?;
    let mut pushed = Pushed {
        digest: top.digest,
        blobs: 0,
        manifests: 0,
    };
    // A registry takes a tag only for what it has.
    if is_tagged(&mut session, tag, top)? {
        return Ok(Some(pushed));
    }
    for image in &images.images {
        for blob in &image.blobs {
            pushed.blobs += usize::from(send_blob(&mut session, blob, reporter)?);
        }
        let digest = format!("sha256:{}", image.manifest.digest);
        if images.index.is_some() && !is_tagged(&mut session, &digest, &image.manifest)? {
            put(&mut session, &digest, &image.manifest)?;
            pushed.manifests += 1;
        }
    }
    put(&mut session, tag, top)?;
    pushed.manifests += 1;
    Ok(Some(pushed))
}

/// Whether a tag or digest of the registry names the document.
fn is_tagged(
    session: &mut Session<'_>,
    name: &str,
    document: &Document,
) -> Result<bool, RegistryError> {
    let url = session.url(&format!("manifests/{name}"))?;
    let response = session.send(&mut || {
        Ok(Request::new(Method::Head, url.clone()).header("accept", document.media_type.as_str()))
    })?;
    let digest = format!("sha256:{}", document.digest);
    match response.status {
        200 => Ok(response.header("docker-content-digest") == Some(digest.as_str())),
        // Some registries have no word for a manifest of another type.
        404 | 406 => Ok(false),
        _ => Err(session.unexpected(response, "HEAD of a manifest", "200 or 404")),
    }
}

fn put(session: &mut Session<'_>, name: &str, document: &Document) -> Result<(), RegistryError> {
    let url = session.url(&format!("manifests/{name}"))?;
    let response = session.send(&mut || {
        Ok(Request::new(Method::Put, url.clone())
            .header("content-type", document.media_type.as_str())
            .body(Body::Bytes(&document.bytes)))
    })?;
    if !matches!(response.status, 200..=202) {
        return Err(session.unexpected(response, "PUT of a manifest", "201"));
    }
    let expected = document.digest;
    match response.header("docker-content-digest") {
        Some(found) if found != format!("sha256:{expected}") => Err(RegistryError::OtherDigest {
            expected,
            found: found.to_owned(),
        }),
        _ => Ok(()),
    }
}
