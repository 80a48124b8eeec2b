//! Showing an image's files through FUSE.
//!
//! The protocol: include/uapi/linux/fuse.h of Linux; version 7.31, of which a read-only file system needs little.

mod protocol;
mod server;
#[cfg(test)]
mod tests;

pub use server::Server;
