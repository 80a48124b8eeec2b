//! Changed input for every reader: no panic, no loop without end, no memory beyond a bound. See `README.md`.
//!
//! A part of the library's tests, so that readers which are not public are reached, and the tests' small programs and
//! packages serve as what is changed.

mod memory;
mod mutate;
mod runner;
mod targets;
