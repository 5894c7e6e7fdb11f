//! What a server function answers when it cannot do what was asked.

use leptos::{
    prelude::use_context,
    server_fn::{
        codec::JsonEncoding,
        error::{FromServerFnError, ServerFnErrorErr},
    },
};
use portreeve_contract::{ErrorKind, Problem};
use serde::{Deserialize, Serialize};

use crate::respond::Respond;

/// A [`Problem`] on its way from a server function to the page that called it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ApiError(pub Problem);

impl ApiError {
    /// The answer could not be had: no network, a time-out, a proxy's error page.
    pub fn unreachable() -> Self {
        Problem::new(ErrorKind::Unavailable, "unreachable", "We cannot reach the server. Check the connection, then try again.").into()
    }

    /// Nobody is signed in here.
    pub fn signed_out() -> Self {
        Problem::new(ErrorKind::Unauthenticated, "signed_out", "You are signed out. Sign in to go on.").into()
    }

    /// The browser keeps no data of this site, so nobody can stay signed in.
    pub fn nothing_kept() -> Self {
        let title = "Your browser does not let this site keep anything. Allow site data for it, then sign in again.";
        Problem::new(ErrorKind::Forbidden, "nothing_kept", title).into()
    }

    /// Whether trying again later, unchanged, may work.
    pub fn is_passing(&self) -> bool {
        matches!(self.0.kind, ErrorKind::Unavailable | ErrorKind::Internal | ErrorKind::Throttled)
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.title)
    }
}

impl std::error::Error for ApiError {}

impl FromServerFnError for ApiError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        let problem = match error {
            // On the server: the request's body. In the browser: an answer that is not ours, such as a proxy's error page.
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) | ServerFnErrorErr::Deserialization(_) => {
                match use_context::<Respond>() {
                    Some(_) => Problem::new(ErrorKind::Malformed, "malformed", "The request could not be read."),
                    None => return Self::unreachable(),
                }
            }
            ServerFnErrorErr::Request(_) | ServerFnErrorErr::Response(_) => return Self::unreachable(),
            _ => Problem::new(ErrorKind::Internal, "internal", "Something went wrong on our side. Try again in a moment."),
        };
        if let Some(respond) = use_context::<Respond>() {
            respond.status(problem.kind.status());
        }
        problem.into()
    }
}
