//! Signing up, in and out; single-use links; what a token is worth.

pub(crate) mod authenticate;
mod error;
mod forgot_password;
mod inspect_link;
pub(crate) mod links;
mod refresh;
mod resend_verification;
mod reset_password;
mod setup;
mod sign_in;
mod sign_out;
pub(crate) mod sign_up;
pub(crate) mod throttle;
mod verify_email;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use portreeve_contract::auth::{AccessToken, Credentials, ForgotPassword, Link, ResetPassword, Setup, SignUp};
use url::Url;

pub use self::error::Error;
use crate::{Caller, Origin, core::Core, idempotency::Effect};

/// Identity.
#[derive(Clone, Debug)]
pub struct Auth {
    core: Arc<Core>,
}

/// How often it is looked whether whoever was let in goes on to be.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A session just opened or carried on.
#[derive(Clone)]
pub struct SignedIn {
    /// For the page.
    pub access_token: AccessToken,
    /// For the cookie that scripts cannot read.
    pub refresh_token: String,
    /// Seconds that cookie may live.
    pub refresh_max_age: u64,
    /// For a cookie that tells this device from a stranger's, so that a stranger's guesses do not shut its owner out.
    pub device_token: String,
    /// Whether this took back the wish to delete the account.
    pub account_kept: bool,
}

/// What a sign-up led to.
pub enum SignedUp {
    /// The account is there and its owner signed in.
    SignedIn(SignedIn),
    /// A mail is on its way, to a new owner or to the one who already has the address.
    VerificationSent,
}

impl Auth {
    pub(crate) fn new(core: Arc<Core>) -> Self {
        Self { core }
    }

    /// Makes an account. Where verification is required, a taken address is not told: its owner gets a mail.
    ///
    /// # Errors
    /// [`Error::Invalid`], [`Error::EmailTaken`] where verification is optional, [`Error::SignUpClosed`], [`Error::Throttled`].
    #[tracing::instrument(target = "otel", level = "trace", name = "auth.sign_up", skip_all)]
    pub async fn sign_up(&self, from: &Origin, form: SignUp) -> Result<SignedUp, Error> {
        Box::pin(sign_up::sign_up(&self.core, from, form)).await
    }

    /// Opens a session for the person who knows the password. Takes the same work whether or not the account exists.
    ///
    /// # Errors
    /// [`Error::InvalidCredentials`] for an unknown account or a wrong password, alike; [`Error::Throttled`] with the time to wait; and, for
    /// the right password only, [`Error::Disabled`]. Where verification is required, [`Error::InvalidOrUnverified`] and [`Error::EmailUnverified`], which are told alike.
    #[tracing::instrument(target = "otel", level = "trace", name = "auth.sign_in", skip_all)]
    pub async fn sign_in(&self, from: &Origin, credentials: Credentials) -> Result<SignedIn, Error> {
        let result = Box::pin(sign_in::sign_in(&self.core, from, credentials)).await;
        self.core.counters.signed_in(&result);
        result
    }

    /// Exchanges a refresh token for its successor and a new access token (RFC 9700 §4.14.2).
    ///
    /// # Errors
    /// [`Error::SessionOver`] for anything that is no live token.
    #[tracing::instrument(target = "otel", level = "trace", name = "auth.refresh", skip_all)]
    pub async fn refresh(&self, from: &Origin, token: &str) -> Result<SignedIn, Error> {
        refresh::refresh(&self.core, from, token).await
    }

    /// Ends the session of a refresh token. Anything else is no session, so that is fine too.
    #[tracing::instrument(target = "otel", level = "trace", name = "auth.sign_out", skip_all)]
    pub async fn sign_out(&self, token: &str) -> Result<(), Error> {
        sign_out::sign_out(&self.core, token).await
    }

    /// Whom an access token speaks for, as things are now: revocation, disabling and changes of role act on the next request.
    ///
    /// # Errors
    /// [`Error::InvalidToken`], without saying why.
    #[tracing::instrument(target = "otel", level = "trace", name = "auth.authenticate", skip_all)]
    pub async fn authenticate(&self, from: Origin, token: &str) -> Result<Caller, Error> {
        authenticate::authenticate(&self.core, from, token).await
    }

    /// Whether a caller's session or key goes on, for what lives longer than a request or a token: `false` when it was ended, or its owner disabled.
    #[tracing::instrument(target = "otel", level = "trace", name = "auth.goes_on", skip_all)]
    pub async fn goes_on(&self, caller: &Caller) -> Result<bool, Error> {
        Ok(authenticate::goes_on(&self.core, caller).await?)
    }

    /// Comes to an end within two seconds of a caller's session or key, and never before.
    pub async fn ended(&self, caller: &Caller) {
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            // A database that is away for a moment ends nobody's session.
            if matches!(self.goes_on(caller).await, Ok(false)) {
                return;
            }
        }
    }

    /// A token that tells a service behind the gateway who calls. Portreeve's own API refuses it.
    ///
    /// # Errors
    /// [`Error::Fault`] without a key to sign with.
    pub fn token_for(&self, caller: &Caller, audience: &Arc<str>, lifetime: Duration) -> Result<Bytes, Error> {
        Ok(self.core.upstream_tokens.issue(&self.core, caller, audience, lifetime)?)
    }

    /// A new one-time link that makes the first administrator; `None` once there are users. Earlier ones stop working.
    pub async fn offer_setup(&self) -> Result<Option<Url>, Error> {
        setup::offer(&self.core).await
    }

    /// Makes the first administrator.
    ///
    /// # Errors
    /// [`Error::LinkInvalid`], [`Error::Invalid`].
    #[tracing::instrument(target = "otel", level = "trace", name = "auth.setup", skip_all)]
    pub async fn setup(&self, from: &Origin, form: Setup) -> Result<SignedIn, Error> {
        Box::pin(setup::setup(&self.core, from, form)).await
    }

    /// Asks for a link that sets a new password. The same answer after the same work whether or not the address has an account.
    ///
    /// # Errors
    /// [`Error::Throttled`], alike for every address.
    #[tracing::instrument(target = "otel", level = "trace", name = "auth.forgot_password", skip_all)]
    pub async fn forgot_password(&self, from: &Origin, form: ForgotPassword) -> Result<(), Error> {
        forgot_password::forgot_password(&self.core, from, form).await
    }

    /// Sets a new password with the token of a link, and ends every session and every key.
    ///
    /// # Errors
    /// [`Error::LinkInvalid`], [`Error::Invalid`].
    #[tracing::instrument(target = "otel", level = "trace", name = "auth.reset_password", skip_all)]
    pub async fn reset_password(&self, from: &Origin, form: ResetPassword) -> Result<(), Error> {
        self.core.throttle.tried(from).await?;
        reset_password::reset_password(&self.core, form).await
    }

    /// Proves an address, the account's own or its new one, with the token of a link.
    ///
    /// # Errors
    /// [`Error::LinkInvalid`], or [`Error::EmailTaken`] if another account took the new address meanwhile.
    #[tracing::instrument(target = "otel", level = "trace", name = "auth.verify_email", skip_all)]
    pub async fn verify_email(&self, from: &Origin, token: String) -> Result<(), Error> {
        self.core.throttle.tried(from).await?;
        verify_email::verify_email(&self.core, token).await
    }

    /// Sends the caller another link that verifies their address.
    ///
    /// # Errors
    /// [`Error::Throttled`]; [`Error::Idempotency`] if `idempotency_key` was used for something else.
    #[tracing::instrument(target = "otel", level = "trace", name = "auth.resend_verification", skip_all)]
    pub async fn resend_verification(&self, caller: &Caller, idempotency_key: Option<String>) -> Result<Effect, Error> {
        resend_verification::resend_verification(&self.core, caller, idempotency_key).await
    }

    /// What a link would do. Consumes nothing, since mail scanners open links.
    ///
    /// # Errors
    /// [`Error::LinkInvalid`].
    #[tracing::instrument(target = "otel", level = "trace", name = "auth.inspect_link", skip_all)]
    pub async fn inspect_link(&self, from: &Origin, token: String) -> Result<Link, Error> {
        self.core.throttle.tried(from).await?;
        inspect_link::inspect_link(&self.core, &token).await
    }
}
