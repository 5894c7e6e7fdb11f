//! Signing up, in and out; links sent by mail.

use serde::{Deserialize, Serialize};

use crate::moment::Moment;

/// A new account. Field errors: `/name`, `/email`, `/password`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignUp {
    /// See [`crate::name::Name`].
    pub name: String,
    /// See [`crate::email::Email`].
    pub email: String,
    /// In plain text, over TLS only.
    pub password: String,
}

/// What a sign-up led to.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignedUp {
    /// The account is there and the person is signed in.
    SignedIn(AccessToken),
    /// A mail is on its way. Said whether or not the address already had an account.
    VerificationSent,
}

/// Who one claims to be, and the proof.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// Compared without case.
    pub email: String,
    /// In plain text, over TLS only.
    pub password: String,
}

/// The first administrator's account, made with the one-time link that the terminal shows.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setup {
    /// From the link.
    pub token: String,
    /// See [`crate::name::Name`].
    pub name: String,
    /// See [`crate::email::Email`].
    pub email: String,
    /// In plain text, over TLS only.
    pub password: String,
}

/// A bearer token (RFC 6750) and how long it lasts. The refresh token travels in a cookie that scripts cannot read.
#[derive(Clone, Serialize, Deserialize)]
pub struct AccessToken {
    /// A JWT (RFC 9068).
    pub access_token: String,
    /// Seconds from now.
    pub expires_in: u64,
}

/// What a sign-in led to.
#[derive(Clone, Serialize, Deserialize)]
pub struct SignedIn {
    /// For the session just opened.
    #[serde(flatten)]
    pub token: AccessToken,
    /// The account was going to be deleted, and signing in has kept it: worth a word to its owner.
    #[serde(default)]
    pub account_kept: bool,
}

/// Ask for a link that sets a new password.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ForgotPassword {
    /// Answered alike whether or not it has an account.
    pub email: String,
}

/// Set a new password with the link's token. Ends every session. Field errors: `/password`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// From the link.
    pub token: String,
    /// The new password.
    pub password: String,
}

/// What a link in a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LinkPurpose {
    /// `/setup`: the first administrator.
    Setup,
    /// `/verify-email`: the address belongs to the person.
    VerifyEmail,
    /// `/verify-email`: the new address belongs to the person.
    ChangeEmail,
    /// `/reset-password`.
    ResetPassword,
}

/// A link that still works. Asking consumes nothing.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Link {
    /// What pressing the page's button will do.
    pub purpose: LinkPurpose,
    /// The address it was sent to; `None` for setup.
    pub email: Option<String>,
    /// Until when.
    pub expires_at: Moment,
}
