//! Sends requests.

use std::time::Duration;

use ureq::http;
use ureq::tls::{PemItem, RootCerts, TlsConfig, parse_pem};

use super::error::HttpError;
use super::pause::{Pauses, is_temporary};
use super::request::{Body, Request, Response};
use super::url::Url;

/// How often a request is sent to another address.
const MAX_REDIRECTS: u32 = 5;

/// How long a connection may take, and how long it may be silent.
const CONNECT: Duration = Duration::from_secs(30);
const SILENCE: Duration = Duration::from_secs(120);

/// What a client takes from outside.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// The name and version that servers are told.
    pub user_agent: String,
    /// Whether `http` is allowed to servers other than this machine.
    pub plain_http: bool,
    /// Certificates in PEM that are trusted in place of Mozilla's, which the program contains.
    pub certificates: Option<Vec<u8>>,
    /// The address of a proxy, such as `http://proxy.example:3128`. It is not used for this machine.
    pub proxy: Option<String>,
    /// Hosts that are reached without the proxy, with commas between them, as in `NO_PROXY`.
    pub no_proxy: String,
    /// When something is tried again.
    pub pauses: Pauses,
    /// How long a connection may take, and may be silent, if that is less than usual.
    pub patience: Option<Duration>,
}

/// Settings that no client can use.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The certificates cannot be used.
    #[error("no certificates in PEM were found; expected at least one `BEGIN CERTIFICATE`")]
    Certificates,
    /// The proxy cannot be used. Its address may contain a password, so it is not shown.
    #[error(
        "the address of the proxy is not valid; expected one such as `http://proxy.example:3128`"
    )]
    Proxy,
}

/// Sends requests, over connections that it keeps.
pub struct Client {
    agent: ureq::Agent,
    /// Without a proxy.
    local: ureq::Agent,
    plain_http: bool,
    pauses: Pauses,
}

impl Client {
    /// A client with these settings.
    pub fn new(settings: &Settings) -> Result<Self, ClientError> {
        let roots = match &settings.certificates {
            None => RootCerts::WebPki,
            Some(pem) => certificates(pem)?,
        };
        let at_most = |usual: Duration| Some(settings.patience.map_or(usual, |own| own.min(usual)));
        let agent = |proxy| {
            let tls = TlsConfig::builder().root_certs(roots.clone()).build();
            ureq::Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .max_redirects_will_error(false)
                .tls_config(tls)
                .proxy(proxy)
                .user_agent(&settings.user_agent)
                .timeout_connect(at_most(CONNECT))
                .timeout_per_read(at_most(SILENCE))
                .timeout_per_write(at_most(SILENCE))
                .build()
                .new_agent()
        };
        Ok(Self {
            agent: agent(proxy(settings)?),
            local: agent(None),
            plain_http: settings.plain_http,
            pauses: settings.pauses,
        })
    }

    /// When something is tried again.
    pub fn pauses(&self) -> &Pauses {
        &self.pauses
    }

    /// Sends a request until there is an answer that is not temporary, and follows it to where it leads. The last
    /// temporary answer is returned as well. The body of a stream can be sent once only, and so can its request.
    pub fn send(&self, mut request: Request<'_>) -> Result<Response, HttpError> {
        let attempts = match request.body {
            Body::Stream(..) => 1,
            Body::None | Body::Bytes(_) => self.pauses.attempts,
        };
        for attempt in 1.. {
            let asked = match self.followed(&mut request) {
                Ok(response) if !is_temporary(response.status) || attempt >= attempts => {
                    return Ok(response);
                }
                Ok(response) => response.header("retry-after").map(str::to_owned),
                Err(HttpError::Connection { url, source, .. })
                    if attempt >= attempts || !is_worth_another(&source) =>
                {
                    let attempts = attempt;
                    return Err(HttpError::Connection {
                        url,
                        attempts,
                        source,
                    });
                }
                Err(HttpError::Connection { .. }) => None,
                Err(error) => return Err(error),
            };
            self.pauses.pause(attempt, asked.as_deref());
        }
        unreachable!("the last attempt returns")
    }

    /// Sends a request once, and for some methods again to where the answer leads.
    fn followed(&self, request: &mut Request<'_>) -> Result<Response, HttpError> {
        let (method, first) = (request.method, request.url.clone());
        let mut url = first.clone();
        for _ in 0..=MAX_REDIRECTS {
            let response = self.once(request, &url, url.is_same_origin(&first))?;
            let location = match response.status {
                301 | 302 | 303 | 307 | 308 if method.follows() => response.header("location"),
                _ => None,
            };
            let Some(location) = location else {
                return Ok(response);
            };
            url = url.join(location).map_err(|_| HttpError::Location {
                method,
                url: url.clone(),
            })?;
        }
        Err(HttpError::Redirects {
            method,
            url: first,
            count: MAX_REDIRECTS,
        })
    }

    fn once(
        &self,
        request: &mut Request<'_>,
        url: &Url,
        is_trusted: bool,
    ) -> Result<Response, HttpError> {
        let is_local = url.is_loopback();
        if !(url.is_https() || is_local || self.plain_http) {
            return Err(HttpError::Plain(url.clone()));
        }
        let mut builder = http::Request::builder()
            .method(request.method.name())
            .uri(url.as_str());
        for (name, value) in &request.headers {
            builder = builder.header(*name, value);
        }
        if let Some(value) = request.authorization.as_ref().filter(|_| is_trusted) {
            builder = builder.header("authorization", value);
        }
        let agent = if is_local { &self.local } else { &self.agent };
        // Of a failed request nothing is known but its headers, which may hold credentials.
        let header = |_| HttpError::Header { url: url.clone() };
        let sent = match &mut request.body {
            Body::None if request.method.follows() => agent.run(builder.body(()).map_err(header)?),
            Body::None => agent.run(builder.body(&[][..]).map_err(header)?),
            Body::Bytes(bytes) => agent.run(builder.body(*bytes).map_err(header)?),
            Body::Stream(reader, size) => {
                let body = ureq::SendBody::from_reader(reader);
                let builder = builder.header("content-length", size.to_string());
                agent.run(builder.body(body).map_err(header)?)
            }
        };
        let inner = sent.map_err(|error| HttpError::Connection {
            url: url.clone(),
            attempts: 1,
            source: Box::new(error),
        })?;
        Ok(Response {
            url: url.clone(),
            status: inner.status().as_u16(),
            inner,
        })
    }
}

/// Whether a failed connection may work later: not if the server's certificate is not trusted.
fn is_worth_another(error: &ureq::Error) -> bool {
    match error {
        ureq::Error::Rustls(_) | ureq::Error::BadUri(_) => false,
        // TLS reports a bad certificate as invalid data of the stream.
        ureq::Error::Io(error) => error.kind() != std::io::ErrorKind::InvalidData,
        _ => true,
    }
}

fn certificates(pem: &[u8]) -> Result<RootCerts, ClientError> {
    let mut found = Vec::new();
    for item in parse_pem(pem) {
        match item {
            Ok(PemItem::Certificate(certificate)) => found.push(certificate),
            Ok(_) => {}
            Err(_) => return Err(ClientError::Certificates),
        }
    }
    match found.is_empty() {
        true => Err(ClientError::Certificates),
        false => Ok(RootCerts::new_with_certs(&found)),
    }
}

fn proxy(settings: &Settings) -> Result<Option<ureq::Proxy>, ClientError> {
    let Some(text) = &settings.proxy else {
        return Ok(None);
    };
    let given = ureq::Proxy::new(text).map_err(|_| ClientError::Proxy)?;
    let mut builder = ureq::Proxy::builder(given.protocol())
        .host(given.host())
        .port(given.port());
    if let Some(user) = given.username() {
        builder = builder.username(user);
    }
    if let Some(password) = given.password() {
        builder = builder.password(password);
    }
    for host in settings.no_proxy.split(',').map(str::trim) {
        if !host.is_empty() {
            builder = builder.no_proxy(host);
        }
    }
    builder.build().map(Some).map_err(|_| ClientError::Proxy)
}
