//! What packages for Windows have in common: where files are, what starts programs, and what users agree to.

pub(super) mod layout;
pub(super) mod license;
pub(super) mod shortcut;
