//! What is known of processes where there are neither sessions nor signals.

use std::path::Path;
use std::process::{Child, Command, ExitStatus};

use super::{End, Limits};

pub(super) fn set_apart(_: &mut Command, _: &Limits) {}

pub(super) fn has_ended(child: &mut Child) -> bool {
    !matches!(child.try_wait(), Ok(None))
}

/// Nothing can be asked; the command is killed by its handle after the grace.
pub(super) fn ask_to_end(_: u32) {}

pub(super) fn kill(_: u32) {}

pub(super) fn is_left(_: u32, _: &Path) -> bool {
    false
}

pub(super) fn kill_left(_: u32, _: &Path) -> bool {
    false
}

pub(super) fn end(status: ExitStatus) -> End {
    End::Code(status.code().unwrap_or(-1))
}
