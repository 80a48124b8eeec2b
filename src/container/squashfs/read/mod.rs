//! Reading an image to its last byte without trusting it, with the same reader as the AppImage runtime.

mod content;
mod image;
mod input;
mod walk;

pub use image::{Image, Limits};
pub use input::Input;
