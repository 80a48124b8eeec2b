//! Requests to one repository, with a login when the registry asks for one.

use super::challenge::Challenge;
use super::credentials::Credentials;
use super::error::{MAX_ANSWER_BYTES, RegistryError, details};
use crate::format::oci::Reference;
use crate::http::{Body, Client, HttpError, Method, Request, Response, Url, query};

/// Requests to one repository.
pub(super) struct Session<'c> {
    pub(super) client: &'c Client,
    credentials: Option<&'c Credentials>,
    host: String,
    name: String,
    base: Url,
    /// The value of `Authorization` that the registry took last.
    authorization: Option<String>,
}

#[derive(serde::Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl<'c> Session<'c> {
    /// A session for the place of an image. A registry on this machine is spoken to without TLS.
    pub(super) fn new(
        client: &'c Client,
        reference: &Reference,
        credentials: Option<&'c Credentials>,
        plain_http: bool,
    ) -> Result<Self, RegistryError> {
        // docker.io is only the name of the registry, and its official images have a folder.
        let (server, name) = match reference.host.as_str() {
            "docker.io" if reference.name.contains('/') => {
                ("registry-1.docker.io", reference.name.clone())
            }
            "docker.io" => (
                "registry-1.docker.io",
                format!("library/{}", reference.name),
            ),
            host => (host, reference.name.clone()),
        };
        let local: Url = address("http", server)?;
        let base = match plain_http || local.is_loopback() {
            true => local,
            false => address("https", server)?,
        };
        Ok(Self {
            client,
            credentials,
            host: reference.host.clone(),
            name,
            base,
            authorization: None,
        })
    }

    /// The address of something in the repository.
    pub(super) fn url(&self, path: &str) -> Result<Url, RegistryError> {
        let path = format!("/v2/{}/{path}", self.name);
        self.base.join(&path).map_err(|_| RegistryError::Header {
            what: path,
            header: "address",
        })
    }

    /// Sends a request; if the registry asks for a login, logs in and sends it again. The closure makes the request
    /// as often as needed.
    pub(super) fn send<'b>(
        &mut self,
        make: &mut dyn FnMut() -> Result<Request<'b>, RegistryError>,
    ) -> Result<Response, RegistryError> {
        let response = self.send_once(make()?)?;
        if response.status != 401 {
            return Ok(response);
        }
        self.log_in(response)?;
        let response = self.send_once(make()?)?;
        match response.status {
            // A token was given, but not for this: the token server has no other way to refuse.
            401 if self.credentials.is_none() => Err(self.no_login()),
            401 => Err(self.refused(response)),
            _ => Ok(response),
        }
    }

    /// Sends a request with the login that was taken last.
    pub(super) fn send_once(&self, mut request: Request<'_>) -> Result<Response, RegistryError> {
        if request.url.is_same_origin(&self.base) {
            request.authorization.clone_from(&self.authorization);
        }
        Ok(self.client.send(request)?)
    }

    /// Does what the answer 401 asks for.
    pub(super) fn log_in(&mut self, response: Response) -> Result<(), RegistryError> {
        let challenge = Challenge::of(response.headers("www-authenticate"));
        let before = self.authorization.take();
        self.authorization = match challenge {
            Some(Challenge::Bearer { realm, service }) => {
                Some(self.token(&response.url, &realm, service.as_deref())?)
            }
            _ => match self.credentials.map(Credentials::basic) {
                None => return Err(self.no_login()),
                // The same again would be refused again.
                Some(basic) if basic.is_none() || basic == before => {
                    return Err(self.refused(response));
                }
                Some(basic) => basic,
            },
        };
        Ok(())
    }

    /// Fetches a token (distribution's specification of token authentication).
    fn token(
        &self,
        from: &Url,
        realm: &str,
        service: Option<&str>,
    ) -> Result<String, RegistryError> {
        let realm: Url = from.join(realm).map_err(|_| RegistryError::Header {
            what: format!("`{from}`"),
            header: "realm",
        })?;
        // A registry with TLS must not have the password sent without it.
        if from.is_https() && !realm.is_https() {
            return Err(HttpError::Plain(realm).into());
        }
        let scope = format!("repository:{}:pull,push", self.name);
        let mut parameters = vec![("scope", scope.as_str())];
        parameters.extend(service.map(|service| ("service", service)));
        let form;
        let request = match self.credentials {
            Some(Credentials::Identity(token)) => {
                parameters.extend([
                    ("grant_type", "refresh_token"),
                    ("client_id", "sealift"),
                    ("refresh_token", token.reveal()),
                ]);
                form = query(&parameters);
                Request::new(Method::Post, realm)
                    .header("content-type", "application/x-www-form-urlencoded")
                    .body(Body::Bytes(form.as_bytes()))
            }
            other => {
                let mut request = Request::new(Method::Get, realm.with_query(&parameters));
                request.authorization = other.and_then(Credentials::basic);
                request
            }
        };
        let mut response = self.client.send(request)?;
        match response.status {
            200 => {}
            400 | 401 | 403 if self.credentials.is_none() => return Err(self.no_login()),
            400 | 401 | 403 => return Err(self.refused(response)),
            _ => return Err(self.unexpected(response, "the request for a token", "200")),
        }
        let content = response.bytes(MAX_ANSWER_BYTES)?;
        let token = serde_json::from_slice::<Token>(&content).ok();
        let token = token.and_then(|token| token.token.or(token.access_token));
        match token.filter(|token| !token.is_empty()) {
            Some(token) => Ok(format!("Bearer {token}")),
            None => Err(RegistryError::NoToken { url: response.url }),
        }
    }

    fn no_login(&self) -> RegistryError {
        RegistryError::NoLogin {
            host: self.host.clone(),
        }
    }

    fn refused(&self, mut response: Response) -> RegistryError {
        let content = response.bytes(MAX_ANSWER_BYTES).unwrap_or_default();
        let user = match self.credentials {
            Some(Credentials::Password { user, .. }) => Some(user.clone()),
            _ => None,
        };
        RegistryError::LoginRefused {
            host: self.host.clone(),
            user,
            detail: details(&content).1,
        }
    }

    /// The error for an answer that is none of the expected ones.
    pub(super) fn unexpected(
        &self,
        mut response: Response,
        what: &str,
        expected: &'static str,
    ) -> RegistryError {
        let content = response.bytes(MAX_ANSWER_BYTES).unwrap_or_default();
        let (codes, detail) = details(&content);
        let has = |code: &str| codes.iter().any(|found| found == code);
        let (host, name) = (self.host.clone(), self.name.clone());
        match response.status {
            401 => self.no_login(),
            _ if has("NAME_UNKNOWN") => RegistryError::UnknownRepository { host, name, detail },
            403 => RegistryError::Denied { host, name, detail },
            status => RegistryError::Answer {
                status,
                what: what.to_owned(),
                expected,
                detail,
            },
        }
    }
}

fn address(scheme: &str, server: &str) -> Result<Url, RegistryError> {
    let text = format!("{scheme}://{server}/");
    text.parse().map_err(|_| RegistryError::Header {
        what: format!("`{server}`"),
        header: "address",
    })
}
