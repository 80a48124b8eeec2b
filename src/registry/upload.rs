//! Sends a blob (distribution specification, "Pushing blobs").

use std::io::{self, Read};

use super::error::RegistryError;
use super::session::Session;
use crate::event::{Event, Reporter};
use crate::format::oci::stored::Blob;
use crate::http::{Body, Method, Request, Response, Url, is_temporary};

/// After how many bytes sending is reported.
const REPORT_EVERY: u64 = 1 << 20;

/// Where the upload of a blob stands.
struct Upload {
    location: Url,
    offset: u64,
}

/// What became of an attempt to send the rest of a blob.
enum Sent {
    /// The registry has all bytes; the address ends the upload.
    All(Url),
    /// The attempt failed in a way that may pass.
    Interrupted {
        detail: String,
        asked: Option<String>,
    },
}

/// Sends a blob unless the registry has it, and returns whether it was sent.
pub(super) fn send_blob(
    session: &mut Session<'_>,
    blob: &Blob,
    reporter: &dyn Reporter,
) -> Result<bool, RegistryError> {
    let (digest, size) = (blob.digest, blob.size());
    let was_there = exists(session, blob)?;
    if !was_there {
        reporter.report(Event::BlobStarted { digest, size });
        upload(session, blob, reporter)?;
    }
    reporter.report(Event::BlobDone {
        digest,
        size,
        was_there,
    });
    Ok(!was_there)
}

fn exists(session: &mut Session<'_>, blob: &Blob) -> Result<bool, RegistryError> {
    let url = session.url(&format!("blobs/sha256:{}", blob.digest))?;
    let response = session.send(&mut || Ok(Request::new(Method::Head, url.clone())))?;
    match response.status {
        200..300 => Ok(true),
        404 => Ok(false),
        _ => Err(session.unexpected(response, "HEAD of a blob", "200 or 404")),
    }
}

fn upload(
    session: &mut Session<'_>,
    blob: &Blob,
    reporter: &dyn Reporter,
) -> Result<(), RegistryError> {
    let pauses = *session.client.pauses();
    let mut upload = begin(session)?;
    // Attempts count only until the registry has more than before.
    let (mut furthest, mut failures) = (0, 0);
    loop {
        let (detail, asked) = match send_rest(session, blob, &upload, reporter)? {
            Sent::All(location) => {
                if end(session, blob, location)? {
                    return Ok(());
                }
                ("the registry lost the upload".to_owned(), None)
            }
            Sent::Interrupted { detail, asked } => (detail, asked),
        };
        failures += 1;
        if failures >= pauses.attempts {
            return Err(RegistryError::Interrupted {
                digest: blob.digest,
                size: blob.size(),
                times: failures,
                sent: furthest,
                detail,
            });
        }
        pauses.pause(failures, asked.as_deref());
        upload = match resumed(session, &upload, blob.size())? {
            Some(upload) => upload,
            None => begin(session)?,
        };
        if upload.offset > furthest {
            (furthest, failures) = (upload.offset, 0);
        }
        let offset = upload.offset;
        reporter.report(Event::BlobInterrupted { offset });
    }
}

/// Begins an upload.
fn begin(session: &mut Session<'_>) -> Result<Upload, RegistryError> {
    let url = session.url("blobs/uploads/")?;
    let response = session.send(&mut || Ok(Request::new(Method::Post, url.clone())))?;
    match response.status {
        202 => Ok(Upload {
            location: location(&response, "POST of an upload")?,
            offset: 0,
        }),
        _ => Err(session.unexpected(response, "POST of an upload", "202")),
    }
}

/// Sends what the registry does not have yet.
fn send_rest(
    session: &mut Session<'_>,
    blob: &Blob,
    upload: &Upload,
    reporter: &dyn Reporter,
) -> Result<Sent, RegistryError> {
    let (from, size) = (upload.offset, blob.size());
    if from == size {
        return Ok(Sent::All(upload.location.clone()));
    }
    let unreadable = |source| RegistryError::Blob {
        digest: blob.digest,
        source,
    };
    let mut reader = Reported {
        inner: blob.read(from).map_err(unreadable)?,
        offset: from,
        reported: from,
        reporter,
        failure: None,
    };
    let mut request = Request::new(Method::Patch, upload.location.clone())
        .header("content-type", "application/octet-stream");
    // Registries take a whole blob as a stream without a range.
    if from > 0 {
        request = request.header("content-range", format!("{from}-{}", size - 1));
    }
    let sent = session.send_once(request.body(Body::Stream(&mut reader, size - from)));
    if let Some(source) = reader.failure {
        return Err(unreadable(source));
    }
    let response = match sent {
        Ok(response) => response,
        Err(RegistryError::Http(error @ crate::http::HttpError::Connection { .. })) => {
            let detail = chain(&error);
            return Ok(Sent::Interrupted {
                detail,
                asked: None,
            });
        }
        Err(error) => return Err(error),
    };
    match response.status {
        200..300 => Ok(Sent::All(location(&response, "PATCH of an upload")?)),
        // The token has expired while the blob was sent.
        401 => {
            session.log_in(response)?;
            let detail = "the registry wanted another login".to_owned();
            let asked = Some("0".to_owned());
            Ok(Sent::Interrupted { detail, asked })
        }
        status if is_temporary(status) || matches!(status, 404 | 416) => Ok(Sent::Interrupted {
            detail: format!("the registry answered {status}"),
            asked: response.header("retry-after").map(str::to_owned),
        }),
        _ => Err(session.unexpected(response, "PATCH of an upload", "202")),
    }
}

/// Asks how much the registry has of an upload; `None` if it knows nothing of it.
fn resumed(
    session: &mut Session<'_>,
    upload: &Upload,
    size: u64,
) -> Result<Option<Upload>, RegistryError> {
    let response = session.send(&mut || Ok(Request::new(Method::Get, upload.location.clone())))?;
    if !(200..300).contains(&response.status) {
        return Ok(None);
    }
    let end = response.header("range").and_then(|range| {
        let range = range.strip_prefix("bytes=").unwrap_or(range);
        range.strip_prefix("0-")?.parse::<u64>().ok()
    });
    // `0-0` is one byte, and what registries write of none; neither is worth going on with.
    let Some(end) = end.filter(|end| (1..size).contains(end)) else {
        return Ok(None);
    };
    let offset = end + 1;
    let location = match response.header("location") {
        Some(_) => location(&response, "GET of an upload")?,
        None => upload.location.clone(),
    };
    Ok(Some(Upload { location, offset }))
}

/// Ends an upload; `false` if the registry has another blob than was sent and wants all of it again.
fn end(session: &mut Session<'_>, blob: &Blob, location: Url) -> Result<bool, RegistryError> {
    let digest = format!("sha256:{}", blob.digest);
    let url = location.with_query(&[("digest", &digest)]);
    let response = session.send(&mut || Ok(Request::new(Method::Put, url.clone())))?;
    match response.status {
        201 | 204 => Ok(true),
        // A repeated request finds the upload ended, and perhaps the blob.
        404 if exists(session, blob)? => Ok(true),
        404 | 416 => Ok(false),
        _ => Err(session.unexpected(response, "PUT of a blob", "201")),
    }
}

fn location(response: &Response, what: &str) -> Result<Url, RegistryError> {
    let location = response
        .header("location")
        .and_then(|text| response.url.join(text).ok());
    location.ok_or_else(|| RegistryError::Header {
        what: what.to_owned(),
        header: "Location",
    })
}

/// An error with its causes, on one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text += &format!(": {error}");
        cause = error.source();
    }
    text
}

/// Reports how much was read, and keeps a failure, which must not be taken for one of the connection.
struct Reported<'r, R> {
    inner: R,
    offset: u64,
    reported: u64,
    reporter: &'r dyn Reporter,
    failure: Option<io::Error>,
}

impl<R: Read> Read for Reported<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.inner.read(buffer).map_err(|error| {
            let kind = error.kind();
            self.failure = Some(error);
            io::Error::from(kind)
        })?;
        self.offset += count as u64;
        if self.offset - self.reported >= REPORT_EVERY {
            self.reported = self.offset;
            let offset = self.offset;
            self.reporter.report(Event::BlobSent { offset });
        }
        Ok(count)
    }
}
