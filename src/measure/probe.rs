//! Finds out whether a program is ready, without waiting for it.

use std::io::{ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::evidence::measurement::Ready;
use crate::model::text::InvalidText;

/// A line of output is looked through up to this length. The text that is waited for must be in its first bytes.
const LINE_BYTES: usize = 64 << 10;

/// How long a connection to this machine may take.
const CONNECT: Duration = Duration::from_millis(100);

/// What a program has to do to be ready.
pub(super) enum Probe {
    /// End.
    End,
    /// Print a line with a text. The line so far is kept.
    Line { text: Vec<u8>, line: Vec<u8> },
    /// Accept connections.
    Port(SocketAddr),
    /// Answer with status 200.
    Http {
        address: Address,
        asked: Option<Asked>,
    },
}

/// A request that is not answered yet, and the answer so far.
pub(super) struct Asked {
    stream: TcpStream,
    answer: Vec<u8>,
}

/// Where an HTTP server of this machine is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    server: SocketAddr,
    host: String,
    path: String,
}

impl Probe {
    pub(super) fn new(ready: &Ready) -> Result<Self, InvalidText> {
        Ok(match ready {
            Ready::Exit => Self::End,
            Ready::Line(text) => Self::Line {
                text: text.clone().into_bytes(),
                line: Vec::new(),
            },
            Ready::Port(port) => Self::Port((Ipv4Addr::LOCALHOST, *port).into()),
            Ready::Http(url) => Self::Http {
                address: Address::parse(url)?,
                asked: None,
            },
        })
    }

    /// The server that answers when the program is ready. Nobody else may do so before.
    pub(super) fn server(&self) -> Option<SocketAddr> {
        match self {
            Self::Port(server) => Some(*server),
            Self::Http { address, .. } => Some(address.server),
            Self::End | Self::Line { .. } => None,
        }
    }

    /// Whether something else has its port already.
    pub(super) fn is_taken(&self) -> Option<SocketAddr> {
        let connects = |server: &SocketAddr| TcpStream::connect_timeout(server, CONNECT).is_ok();
        self.server().filter(connects)
    }

    /// Whether it has to be asked again and again.
    pub(super) fn asks(&self) -> bool {
        self.server().is_some()
    }

    /// The connection whose answer is waited for.
    #[cfg(target_os = "linux")]
    pub(super) fn socket(&self) -> Option<&TcpStream> {
        match self {
            Self::Http { asked, .. } => asked.as_ref().map(|asked| &asked.stream),
            _ => None,
        }
    }

    /// Whether more of the program's standard output makes it ready.
    pub(super) fn reads(&mut self, mut output: &[u8]) -> bool {
        let Self::Line { text, line } = self else {
            return false;
        };
        while !output.is_empty() {
            let end = output.iter().position(|byte| *byte == b'\n');
            let part = &output[..end.unwrap_or(output.len())];
            line.extend(&part[..part.len().min(LINE_BYTES.saturating_sub(line.len()))]);
            if text.is_empty() || line.windows(text.len()).any(|window| window == text) {
                return true;
            }
            if end.is_some() {
                line.clear();
            }
            output = &output[end.map_or(output.len(), |end| end + 1)..];
        }
        false
    }

    /// Asks once; a program that does not answer at once is asked again later.
    pub(super) fn ask(&mut self) -> bool {
        match self {
            Self::End | Self::Line { .. } => false,
            Self::Port(server) => TcpStream::connect_timeout(server, CONNECT).is_ok(),
            Self::Http { address, asked } => {
                let pending = asked.take().or_else(|| address.ask().ok());
                match pending.map(Asked::read) {
                    Some(Answer::Good) => true,
                    Some(Answer::Pending(pending)) => {
                        *asked = Some(pending);
                        false
                    }
                    Some(Answer::Bad) | None => false,
                }
            }
        }
    }
}

/// What came of a request.
enum Answer {
    Good,
    Bad,
    Pending(Asked),
}

impl Asked {
    fn read(mut self) -> Answer {
        // The status line: `HTTP/1.1 200 …` (RFC 9112, section 4).
        const STATUS: usize = "HTTP/1.1 200".len();
        let mut buffer = [0; STATUS];
        while self.answer.len() < STATUS {
            match self.stream.read(&mut buffer[self.answer.len()..]) {
                Ok(0) => return Answer::Bad,
                Ok(count) => {
                    let start = self.answer.len();
                    self.answer.extend(&buffer[start..start + count]);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    return Answer::Pending(self);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(_) => return Answer::Bad,
            }
        }
        if self.answer.starts_with(b"HTTP/1.") && self.answer.ends_with(b" 200") {
            Answer::Good
        } else {
            Answer::Bad
        }
    }
}

impl Address {
    /// Reads an address such as `http://127.0.0.1:8080/health`.
    pub(super) fn parse(url: &str) -> Result<Self, InvalidText> {
        let invalid = || {
            let expected = "an address of this machine, such as `http://127.0.0.1:8080/health`";
            InvalidText::new("address", url, expected)
        };
        let printable = |byte: u8| byte.is_ascii_graphic();
        let rest = url
            .strip_prefix("http://")
            .filter(|rest| rest.bytes().all(printable));
        let rest = rest.ok_or_else(invalid)?;
        let (host, path) = match rest.find(['/', '?']) {
            Some(at) => rest.split_at(at),
            None => (rest, "/"),
        };
        let with_port = match host.strip_prefix("localhost") {
            Some(port) => format!("127.0.0.1{port}"),
            None => host.to_owned(),
        };
        let with_port = if with_port.parse::<IpAddr>().is_ok() {
            format!("{with_port}:80")
        } else {
            with_port
        };
        let server: SocketAddr = with_port.parse().map_err(|_| invalid())?;
        if !server.ip().is_loopback() || server.port() == 0 {
            return Err(invalid());
        }
        let slash = if path.starts_with('/') { "" } else { "/" };
        Ok(Self {
            server,
            host: host.to_owned(),
            path: format!("{slash}{path}"),
        })
    }

    fn ask(&self) -> std::io::Result<Asked> {
        let mut stream = TcpStream::connect_timeout(&self.server, CONNECT)?;
        stream.set_write_timeout(Some(CONNECT))?;
        let Self { host, path, .. } = self;
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes())?;
        stream.set_nonblocking(true)?;
        Ok(Asked {
            stream,
            answer: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_may_come_in_parts() {
        let mut probe = Probe::new(&Ready::Line("ready now".to_owned())).expect("valid");
        assert!(!probe.reads(b"not\nready\nnow\nrea"));
        assert!(!probe.reads(b"dy "));
        assert!(probe.reads(b"now"));
    }

    #[test]
    fn of_an_endless_line_no_more_is_kept_than_its_start() {
        let mut probe = Probe::new(&Ready::Line("ready".to_owned())).expect("valid");
        for _ in 0..100 {
            assert!(!probe.reads(&[b'x'; 10_000]));
        }
        let Probe::Line { line, .. } = &probe else {
            panic!("it waits for a line");
        };
        assert_eq!(line.len(), LINE_BYTES);
        assert!(probe.reads(b"\nready\n"));
    }

    #[test]
    fn only_this_machine_is_asked() {
        let path = |url| Address::parse(url).map(|address| (address.server.port(), address.path));
        assert_eq!(
            path("http://127.0.0.1:8080/a?b"),
            Ok((8080, "/a?b".to_owned()))
        );
        assert_eq!(path("http://localhost:1?b"), Ok((1, "/?b".to_owned())));
        assert_eq!(path("http://[::1]:8080"), Ok((8080, "/".to_owned())));
        assert_eq!(path("http://127.0.0.1"), Ok((80, "/".to_owned())));
        for url in [
            "https://127.0.0.1/",
            "http://example.org/",
            "http://10.0.0.1/",
            "http://localhost:0/",
            "http://localhost:99999/",
            "http://localhost:80/a b",
            "http://localhost:80/\r\nHost: x",
            "127.0.0.1:80",
            "http://",
        ] {
            let error = path(url).expect_err(url).to_string();
            assert!(
                error.contains("expected an address of this machine"),
                "{error}"
            );
        }
    }
}
