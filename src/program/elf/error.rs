//! Errors in an ELF file.

/// A file that is not an ELF file, or a broken one.
#[derive(Debug, thiserror::Error)]
pub enum ElfError {
    /// The magic number is wrong.
    #[error("not an ELF file")]
    NotElf,
    /// A structure in it is wrong.
    #[error("malformed ELF file")]
    Malformed(#[from] object::Error),
    /// A structure lies beyond the end of the file.
    #[error("malformed ELF file: {what} ends at byte {end} of {size}")]
    Beyond {
        /// The structure.
        what: String,
        /// Where it ends.
        end: u64,
        /// How large the file is.
        size: u64,
    },
    /// A string has no terminating zero.
    #[error("malformed ELF file: {what} does not end")]
    EndlessText {
        /// The string.
        what: &'static str,
    },
}
