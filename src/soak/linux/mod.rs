//! Runs programs, and samples them through `/proc`.

mod drivers;
mod facts;
mod output;
mod process;
mod program;
mod readiness;
mod sampler;
mod session;

pub use session::run;
