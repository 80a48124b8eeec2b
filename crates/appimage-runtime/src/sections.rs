//! The ELF sections that AppImage tools look for, and reading them back.

use crate::elf;
use crate::error::{During, Result};
use crate::sys::{self, File};

/// Declares a section of zero bytes that survives stripping; tools write into it.
macro_rules! reserve {
    ($name:ident, $section:literal, $size:literal) => {
        #[cfg(not(test))]
        #[used]
        #[unsafe(link_section = $section)]
        static $name: [u8; $size] = [0; $size];
    };
}

reserve!(DIGEST, ".digest_md5", 16);
reserve!(UPDATE_INFORMATION, ".upd_info", 1024);
reserve!(SIGNATURE, ".sha256_sig", 1024);
reserve!(SIGNATURE_KEY, ".sig_key", 8192);
reserve!(IMAGE_SUMS, ".image_sums", 24);

/// What vouches for the image; Sealift writes it.
pub const SUMS: &[u8] = b".image_sums";

/// What tools write into a finished AppImage, and what cannot vouch for itself.
pub const CHANGEABLE: [&[u8]; 5] = [
    b".digest_md5",
    b".upd_info",
    b".sha256_sig",
    b".sig_key",
    SUMS,
];

/// Tells AppImageLauncher that this runtime honors `TARGET_APPIMAGE` and needs no libfuse.
#[cfg(not(test))]
#[used]
#[unsafe(link_section = ".static")]
static STATIC: [u8; 6] = *b"static";

/// Writes a section's text, up to its first zero byte, and a newline to standard output.
pub fn print(file: &File, path: &[u8], name: &[u8]) -> Result<()> {
    let section = elf::section(file, name).during("read the ELF sections of", path)?;
    let end = section.iter().position(|byte| *byte == 0);
    let text = &section[..end.unwrap_or(section.len())];
    sys::print(&[text, b"\n"]);
    Ok(())
}
