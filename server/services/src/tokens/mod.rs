//! What a signed-in browser holds.

mod access;
mod refresh;
mod secret;
#[cfg(test)]
mod tests;

pub use self::access::Claims;
pub(crate) use self::{
    access::{AccessTokens, Refused},
    refresh::RefreshToken,
    secret::{LinkToken, sha256},
};
