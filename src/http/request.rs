//! A request and its answer.

use std::io::Read;

use super::error::HttpError;
use super::url::Url;

/// The method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Fetches.
    Get,
    /// Asks whether something exists.
    Head,
    /// Makes something new.
    Post,
    /// Adds to something.
    Patch,
    /// Writes something as a whole.
    Put,
}

impl Method {
    /// The name as it is sent.
    pub fn name(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Put => "PUT",
        }
    }

    /// Whether an answer may lead to another address.
    pub(super) fn follows(self) -> bool {
        matches!(self, Self::Get | Self::Head)
    }
}

/// What a request sends.
pub enum Body<'a> {
    /// Nothing.
    None,
    /// Bytes, which can be sent again.
    Bytes(&'a [u8]),
    /// A stream of a known size. It can be read once, so the request is tried once.
    Stream(&'a mut dyn Read, u64),
}

/// A request.
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The address.
    pub url: Url,
    /// Headers besides `Content-Length`.
    pub headers: Vec<(&'static str, String)>,
    /// Credentials: the value of `Authorization`, which no other server is sent.
    pub authorization: Option<String>,
    /// The body.
    pub body: Body<'a>,
}

impl Request<'_> {
    /// A request without headers and body.
    pub fn new(method: Method, url: Url) -> Self {
        Self {
            method,
            url,
            headers: Vec::new(),
            authorization: None,
            body: Body::None,
        }
    }
}

impl<'a> Request<'a> {
    /// The request with a header.
    #[must_use]
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The request with a body.
    #[must_use]
    pub fn body<'b>(self, body: Body<'b>) -> Request<'b>
    where
        'a: 'b,
    {
        Request { body, ..self }
    }
}

/// An answer with any status.
pub struct Response {
    /// The address that answered.
    pub url: Url,
    /// The status.
    pub status: u16,
    pub(super) inner: ureq::http::Response<ureq::Body>,
}

impl Response {
    /// The value of a header; `None` if it is missing or not text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.inner.headers().get(name)?.to_str().ok()
    }

    /// All values of a header that are text.
    pub fn headers(&self, name: &str) -> impl Iterator<Item = &str> {
        let values = self.inner.headers().get_all(name).into_iter();
        values.filter_map(|value| value.to_str().ok())
    }

    /// The content, of which no more than `max_bytes` are taken.
    pub fn bytes(&mut self, max_bytes: u64) -> Result<Vec<u8>, HttpError> {
        let reader = self.inner.body_mut().with_config().limit(max_bytes);
        reader.read_to_vec().map_err(|error| HttpError::Content {
            url: self.url.clone(),
            source: Box::new(error),
        })
    }
}
