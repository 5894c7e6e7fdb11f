//! What a signed-in browser holds, and what the services behind the gateway are shown.

mod access;
mod refresh;
mod secret;
#[cfg(test)]
mod tests;
mod upstream;

pub use self::access::Claims;
pub(crate) use self::{
    access::{AccessTokens, Refused},
    refresh::RefreshToken,
    secret::{LinkToken, sha256},
    upstream::UpstreamTokens,
};
