//! What the library tells while it works.

use crate::model::artifact::Artifact;
use crate::model::path::FileName;

/// Something that happened.
#[derive(Clone, Copy, Debug)]
pub enum Event<'a> {
    /// Writing of an artifact has begun.
    ArtifactStarted {
        /// The format's name.
        format: &'a str,
        /// The file's name.
        file: &'a FileName,
    },
    /// An artifact is complete, though not in its place yet.
    ArtifactWritten {
        /// The artifact.
        artifact: &'a Artifact,
    },
    /// A gate has begun to judge.
    GateStarted {
        /// The gate's name.
        gate: &'a str,
    },
}

/// Listens to events, from any thread.
pub trait Reporter: Sync {
    /// Hears of an event, right when it happens.
    fn report(&self, event: Event<'_>);
}

/// A [`Reporter`] that tells nobody.
#[derive(Clone, Copy, Debug)]
pub struct Silent;

impl Reporter for Silent {
    fn report(&self, _: Event<'_>) {}
}
