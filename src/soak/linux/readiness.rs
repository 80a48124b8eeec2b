//! When a program is ready.

use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use super::program::Program;
use crate::http::{Client, ClientError, Method, Pauses, Request, Settings, Url};
use crate::soak::Ready;

/// How long one attempt takes at most, and how long a request may be silent.
const PATIENCE: Duration = Duration::from_secs(10);

/// A client that asks once, and waits for no long time.
pub fn client() -> Result<Client, ClientError> {
    Client::new(&Settings {
        user_agent: concat!("sealift/", env!("CARGO_PKG_VERSION")).to_owned(),
        plain_http: true,
        pauses: Pauses {
            attempts: 1,
            ..Pauses::default()
        },
        patience: Some(PATIENCE),
        ..Settings::default()
    })
}

/// The most of an answer that is read.
const MAX_ANSWER_BYTES: u64 = 64 << 20;

/// Sends a request; the error says what came in place of success.
pub fn ask(client: &Client, url: &Url) -> Result<(), String> {
    let response = client.send(Request::new(Method::Get, url.clone()));
    let mut response = response.map_err(|error| with_causes(&error))?;
    let read = response.bytes(MAX_ANSWER_BYTES);
    read.map_err(|error| with_causes(&error))?;
    match response.status {
        200..300 => Ok(()),
        status => Err(format!("GET {url}: status {status}; expected 200 to 299")),
    }
}

fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let texts: Vec<_> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}

/// Whether the program is ready now.
pub fn is_ready(ready: &Ready, program: &Program, client: &Client) -> bool {
    match ready {
        Ready::Started => true,
        Ready::Line(_) => program.output.was_seen(),
        Ready::Port(port) => accepts(*port),
        Ready::Http(url) => ask(client, url).is_ok(),
    }
}

/// What answers although nothing was started.
pub fn taken(ready: &Ready, client: &Client) -> Option<String> {
    match ready {
        Ready::Port(port) if accepts(*port) => Some(format!("port {port}")),
        Ready::Http(url) if url.is_loopback() && ask(client, url).is_ok() => {
            Some(format!("`{url}`"))
        }
        _ => None,
    }
}

fn accepts(port: u16) -> bool {
    let addresses = [
        SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
        SocketAddr::from((Ipv6Addr::LOCALHOST, port)),
    ];
    let connects =
        |address: &SocketAddr| TcpStream::connect_timeout(address, Duration::from_secs(1)).is_ok();
    addresses.iter().any(connects)
}

impl std::fmt::Display for Ready {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Started => f.write_str("it was started"),
            Self::Line(text) => write!(f, "it has not printed `{}`", text.escape_debug()),
            Self::Port(port) => write!(f, "nothing accepts connections at port {port}"),
            Self::Http(url) => write!(f, "`{url}` does not answer with a status of success"),
        }
    }
}
