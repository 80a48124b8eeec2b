//! HTTP for what Sealift sends and fetches: requests that are retried, and plain HTTP only where that was allowed.
//!
//! A request is tried again after a failed connection and after a status that says "later" ([`is_temporary`]), with
//! growing pauses, or those that the server asks for. Redirects are followed for `GET` and `HEAD` only, and a header
//! with credentials goes to no other server than the first.

mod client;
mod error;
mod pause;
mod request;
mod url;

pub use client::{Client, ClientError, Settings};
pub use error::HttpError;
pub use pause::{Pauses, is_temporary};
pub use request::{Body, Method, Request, Response};
pub use url::{NotAUrl, Url, query};
