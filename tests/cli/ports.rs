//! Ports of this machine for servers that tests start.

use std::net::TcpListener;
use std::sync::atomic::{AtomicU16, Ordering};

/// Below the ports that systems give to whoever asks for any (32768 and up on Linux).
const FIRST: u16 = 20_000;
const COUNT: u16 = 10_000;

/// How many ports were given.
static GIVEN: AtomicU16 = AtomicU16::new(0);

/// A port that nothing has, and that no other test gets: one that the system gives could be given to another test before the
/// server has it.
pub fn free_port() -> u16 {
    // Tests of another build can run at the same time.
    let start = (std::process::id() % 100) as u16 * 100;
    for _ in 0..COUNT {
        let number = GIVEN.fetch_add(1, Ordering::Relaxed);
        let port = FIRST + (start + number) % COUNT;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port from {FIRST} to {} is free", FIRST + COUNT - 1);
}
