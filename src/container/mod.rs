//! Files that hold files, and the compression around them, without any notion of a package.

pub(crate) mod ar;
pub mod compress;
pub mod squashfs;
pub(crate) mod tar;
