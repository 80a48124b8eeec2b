//! Events that the library reports while it works.

use crate::model::artifact::Artifact;
use crate::model::digest::Sha256Sum;
use crate::model::path::FileName;
use crate::model::target::Target;

/// An event.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// Compiling for a platform has started.
    CompilationStarted {
        /// The Rust target triple.
        triple: &'a str,
    },
    /// A crate that is linked into the programs has neither a license expression nor a text.
    Unlicensed {
        /// Its name.
        name: &'a str,
        /// Its version.
        version: &'a str,
    },
    /// Writing of an artifact has started.
    ArtifactStarted {
        /// The platform; `None` for what is made of a whole release.
        target: Option<Target>,
        /// The format's name.
        format: &'a str,
        /// The file's name.
        file: &'a FileName,
    },
    /// An artifact is complete, but does not have its name yet.
    ArtifactWritten {
        /// The artifact.
        artifact: &'a Artifact,
    },
    /// A gate has started.
    GateStarted {
        /// The gate's name.
        gate: &'a str,
    },
    /// A blob of an image is to be sent.
    BlobStarted {
        /// Its sum.
        digest: Sha256Sum,
        /// Its size in bytes.
        size: u64,
    },
    /// A part of the blob has been sent.
    BlobSent {
        /// The offset of the part's end.
        offset: u64,
    },
    /// The connection was lost while the blob was sent.
    BlobInterrupted {
        /// The offset that sending goes on from.
        offset: u64,
    },
    /// The registry has the blob.
    BlobDone {
        /// Its sum.
        digest: Sha256Sum,
        /// Its size in bytes.
        size: u64,
        /// Whether it was there before.
        was_there: bool,
    },
}

/// Receives events from any thread.
pub trait Reporter: Sync {
    /// Receives an event when it happens.
    fn report(&self, event: Event<'_>);
}

/// A [`Reporter`] that ignores events.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Reporter for Silent {
    fn report(&self, _: Event<'_>) {}
}
