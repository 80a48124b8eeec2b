//! Reading an image to its last byte, believing nothing: by the reader that the AppImage runtime has, too.

mod content;
mod image;
mod input;
mod walk;

pub use image::{Image, Limits};
pub use input::Input;
