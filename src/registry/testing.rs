//! A registry in memory, which fails in the ways that tests ask for.

use std::collections::{BTreeMap, VecDeque};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::model::digest::Sha256Sum;

/// A failure, for the next request of a method.
pub(super) enum Fault {
    /// Answers with this status, header lines and content.
    Answer(&'static str, u16, String, &'static str),
    /// Takes this many bytes of the next PATCH, then closes the connection.
    Cut(usize),
    /// The same, and forgets the upload.
    CutAndForget(usize),
}

/// Whom the registry lets in.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lock {
    Open,
    /// User `me`, password `secret`.
    Basic,
    /// A token that `/token` gives to `me`, or for the refresh token `long`.
    Bearer,
}

pub(super) struct State {
    pub(super) blobs: BTreeMap<String, Vec<u8>>,
    /// By tag or digest.
    pub(super) manifests: BTreeMap<String, Vec<u8>>,
    uploads: BTreeMap<String, Vec<u8>>,
    pub(super) faults: VecDeque<Fault>,
    /// Lines of method, path and `Content-Range`.
    pub(super) log: Vec<String>,
    lock: Lock,
    /// The token that is valid; changing it makes the old one expire.
    pub(super) token: String,
    /// Whether a request of the registry itself showed credentials.
    pub(super) was_authorized: bool,
    /// Where uploads are, if not here.
    pub(super) uploads_at: String,
}

/// A registry at an address of this machine. It ends with the process.
pub(super) struct Registry {
    pub(super) host: String,
    state: Arc<Mutex<State>>,
}

impl Registry {
    pub(super) fn new(lock: Lock) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        let port = listener.local_addr().expect("bound").port();
        let host = format!("127.0.0.1:{port}");
        let state = Arc::new(Mutex::new(State {
            blobs: BTreeMap::new(),
            manifests: BTreeMap::new(),
            uploads: BTreeMap::new(),
            faults: VecDeque::new(),
            log: Vec::new(),
            lock,
            token: "first".to_owned(),
            was_authorized: false,
            uploads_at: String::new(),
        }));
        let (shared, own) = (state.clone(), host.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(stream) = stream else { return };
                // A connection that ends early is what some tests want.
                let _ = serve(stream, &shared, &own);
            }
        });
        Self { host, state }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().expect("no test panics while it has it")
    }

    pub(super) fn fail(&self, fault: Fault) {
        self.state().faults.push_back(fault);
    }

    pub(super) fn log(&self) -> Vec<String> {
        std::mem::take(&mut self.state().log)
    }
}

struct Request {
    method: String,
    path: String,
    query: String,
    headers: BTreeMap<String, String>,
}

fn read_head(reader: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let mut words = line.split_whitespace();
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(": ") {
            Some((name, value)) => headers.insert(name.to_ascii_lowercase(), value.to_owned()),
            None => break,
        };
    }
    Ok(Some(Request {
        method: method.to_owned(),
        path: path.to_owned(),
        query: query.to_owned(),
        headers,
    }))
}

/// One request for each connection.
fn serve(stream: TcpStream, state: &Mutex<State>, own: &str) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let Some(request) = read_head(&mut reader)? else {
        return Ok(());
    };
    let length = request.headers.get("content-length");
    let length: usize = length.and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut state = state.lock().expect("no test panics while it has it");
    let range = request.headers.get("content-range");
    let range = range.map_or(String::new(), |range| format!(" {range}"));
    let line = format!("{} {}{range}", request.method, request.path);
    state.log.push(line);
    let fault = match state.faults.front() {
        Some(Fault::Answer(method, ..)) if *method == request.method => state.faults.pop_front(),
        Some(Fault::Cut(_) | Fault::CutAndForget(_)) if request.method == "PATCH" => {
            state.faults.pop_front()
        }
        _ => None,
    };
    let (taken, is_cut) = match fault {
        Some(Fault::Cut(bytes)) => (bytes, true),
        Some(Fault::CutAndForget(bytes)) => {
            state.uploads.clear();
            (bytes, true)
        }
        _ => (length, false),
    };
    let mut body = vec![0; taken.min(length)];
    reader.read_exact(&mut body)?;
    if is_cut {
        if let Some(upload) = state.uploads.get_mut(&request.path) {
            upload.extend_from_slice(&body);
        }
        return Ok(());
    }
    let (status, headers, content) = match fault {
        Some(Fault::Answer(_, status, headers, content)) => (status, headers, content.to_owned()),
        _ => answer(&mut state, &request, body, own),
    };
    let content = if request.method == "HEAD" {
        String::new()
    } else {
        content
    };
    let mut stream = stream;
    write!(
        stream,
        "HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{content}",
        content.len()
    )
}

type Answer = (u16, String, String);

fn answer(state: &mut State, request: &Request, body: Vec<u8>, own: &str) -> Answer {
    let shown = request
        .headers
        .get("authorization")
        .map_or("", String::as_str);
    // `me:secret` in base64.
    let is_me = shown == "Basic bWU6c2VjcmV0";
    if request.path == "/token" {
        let refresh = "grant_type=refresh_token&client_id=sealift&refresh_token=long";
        let is_refresh = String::from_utf8_lossy(&body).ends_with(refresh);
        let token = format!("{{\"token\": \"{}\"}}", state.token);
        return match is_me || is_refresh {
            true => (200, String::new(), token),
            false => (401, String::new(), String::new()),
        };
    }
    state.was_authorized |= !shown.is_empty();
    let challenge = match state.lock {
        Lock::Basic if !is_me => "Basic realm=\"here\"".to_owned(),
        Lock::Bearer if shown != format!("Bearer {}", state.token) => {
            format!("Bearer realm=\"http://{own}/token\",service=\"here\"")
        }
        _ => return answer_to_friend(state, request, body),
    };
    (
        401,
        format!("www-authenticate: {challenge}\r\n"),
        String::new(),
    )
}

fn answer_to_friend(state: &mut State, request: &Request, body: Vec<u8>) -> Answer {
    let nothing = |status| (status, String::new(), String::new());
    let path = request
        .path
        .strip_prefix("/v2/team/hello/")
        .unwrap_or_default();
    let location = |state: &State, id: &str| {
        format!(
            "location: {}/v2/team/hello/blobs/uploads/{id}?state=secret\r\n",
            state.uploads_at
        )
    };
    match (request.method.as_str(), path) {
        ("HEAD", path) if path.starts_with("manifests/") => {
            match state.manifests.get(&path[10..]) {
                Some(bytes) => {
                    let digest = Sha256Sum::of(bytes);
                    (
                        200,
                        format!("docker-content-digest: sha256:{digest}\r\n"),
                        String::new(),
                    )
                }
                None => nothing(404),
            }
        }
        ("PUT", path) if path.starts_with("manifests/") => {
            let digest = format!("sha256:{}", Sha256Sum::of(&body));
            let is_named = path[10..] == digest || !path[10..].starts_with("sha256:");
            state.manifests.insert(digest, body.clone());
            state.manifests.insert(path[10..].to_owned(), body);
            nothing(if is_named { 201 } else { 400 })
        }
        ("POST", "blobs/uploads/") => {
            let id = format!("u{}", state.log.len());
            state
                .uploads
                .insert(format!("/v2/team/hello/blobs/uploads/{id}"), Vec::new());
            (202, location(state, &id), String::new())
        }
        ("PATCH" | "GET", path) if path.starts_with("blobs/uploads/") => {
            let Some(upload) = state.uploads.get_mut(&request.path) else {
                return nothing(404);
            };
            let range = request.headers.get("content-range");
            let from = range.and_then(|range| range.split('-').next()?.parse::<usize>().ok());
            if from.is_some_and(|from| from != upload.len()) {
                return nothing(416);
            }
            upload.extend_from_slice(&body);
            let range = format!("range: 0-{}\r\n", upload.len().saturating_sub(1));
            let status = if request.method == "PATCH" { 202 } else { 204 };
            (status, location(state, &path[14..]) + &range, String::new())
        }
        ("PUT", path) if path.starts_with("blobs/uploads/") => {
            let Some(bytes) = state.uploads.remove(&request.path) else {
                return nothing(404);
            };
            let digest = format!("sha256:{}", Sha256Sum::of(&bytes));
            let is_right = request.query.ends_with(&digest.replace(':', "%3A"));
            state.blobs.insert(digest, bytes);
            nothing(if is_right { 201 } else { 400 })
        }
        ("HEAD", path) if path.starts_with("blobs/") => {
            nothing(if state.blobs.contains_key(&path[6..]) {
                200
            } else {
                404
            })
        }
        _ => nothing(405),
    }
}
