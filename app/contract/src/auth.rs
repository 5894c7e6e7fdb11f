//! Signing up, in and out; links sent by mail.

use serde::{Deserialize, Serialize};

use crate::date_time::DateTime;

/// A new account. Field errors: `/name`, `/email`, `/password`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "name": "Ada Lovelace", "email": "ada@example.org", "password": "tide lantern harbour box" })))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum SignedUp {
    /// The account is there and the person is signed in.
    SignedIn(AccessToken),
    /// A mail is on its way. Said whether or not the address already had an account.
    VerificationSent,
}

/// Who one claims to be, and the proof.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(deny_unknown_fields)]
pub struct Credentials {
    /// Compared without case.
    pub email: String,
    /// In plain text, over TLS only.
    pub password: String,
}

/// The first administrator's account, made with the one-time link that the terminal shows.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AccessToken {
    /// A JWT (RFC 9068).
    pub access_token: String,
    /// Seconds from now.
    pub expires_in: u64,
}

/// What a sign-in led to.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SignedIn {
    /// For the session just opened.
    #[serde(flatten)]
    pub token: AccessToken,
    /// The account was going to be deleted, and signing in has kept it: worth a word to its owner.
    #[serde(default)]
    pub account_kept: bool,
}

/// Signing in by `/v1`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "email": "ada@example.org", "password": "tide lantern harbour box" })))]
#[serde(deny_unknown_fields)]
pub struct SignIn {
    /// Compared without case.
    pub email: String,
    /// In plain text, over TLS only.
    pub password: String,
    /// From an earlier sign-in on this device: whoever has it is not kept waiting because strangers guessed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_token: Option<String>,
}

/// What a session's client holds (RFC 6749 §5.1). Pages get the refresh token in a cookie instead.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tokens {
    /// A JWT (RFC 9068), for the `Authorization` header of each request.
    pub access_token: String,
    /// Always `Bearer` (RFC 6750).
    pub token_type: TokenType,
    /// Seconds for which the access token is valid.
    pub expires_in: u64,
    /// Gets the next tokens, once.
    pub refresh_token: String,
    /// Seconds for which the refresh token is valid unless it is used.
    pub refresh_expires_in: u64,
    /// To be sent at the next sign-in on this device.
    pub device_token: String,
    /// The account was going to be deleted, and signing in has kept it: worth a word to its owner.
    #[serde(default)]
    pub account_kept: bool,
}

/// How an access token is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum TokenType {
    /// In the `Authorization` header (RFC 6750 §2.1).
    Bearer,
}

/// A mail with a link is on its way.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MailSent {
    /// Always `verification_sent`. Said whether or not the address already had an account.
    pub status: MailStatus,
}

/// What a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum MailStatus {
    /// Its link proves the address.
    VerificationSent,
}

/// Carry a session on, or end it.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "refresh_token": "4Jm0dQpT7l1x3vYy6rB9sQ.2fK8wN5cX0zL7hV1gD4aEg" })))]
#[serde(deny_unknown_fields)]
pub struct RefreshToken {
    /// The last one that was answered.
    pub refresh_token: String,
}

/// Use a link that was mailed.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "token": "9f3vYy6rB9sQ2fK8wN5cX0zL7hV1gD4aEgJm0dQpT7l" })))]
#[serde(deny_unknown_fields)]
pub struct LinkToken {
    /// The `token` of the link.
    pub token: String,
}

/// Ask for a link that sets a new password.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "email": "ada@example.org" })))]
#[serde(deny_unknown_fields)]
pub struct ForgotPassword {
    /// Answered alike whether or not it has an account.
    pub email: String,
}

/// Set a new password with the link's token. Ends every session. Field errors: `/password`.
#[derive(Clone, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(example = json!({ "token": "9f3vYy6rB9sQ2fK8wN5cX0zL7hV1gD4aEgJm0dQpT7l", "password": "ebb lantern harbour box" })))]
#[serde(deny_unknown_fields)]
pub struct ResetPassword {
    /// From the link.
    pub token: String,
    /// The new password.
    pub password: String,
}

/// What a link in a mail is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
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
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Link {
    /// What pressing the page's button will do.
    pub purpose: LinkPurpose,
    /// The address it was sent to; `None` for setup.
    pub email: Option<String>,
    /// Until when.
    pub expires_at: DateTime,
}
