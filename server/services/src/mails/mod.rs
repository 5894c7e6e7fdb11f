//! Placeholder until the templates are merged.
use chrono::{DateTime, Utc};
pub(crate) enum Template {
    VerifyEmail { name: String, url: String, hours: u64 },
    ChangeEmail { name: String, url: String, new_email: String, hours: u64 },
    EmailChanged { name: String, new_email: String },
    ResetPassword { name: String, url: String, minutes: u64 },
    PasswordChanged { name: String },
    AccountExists { name: String },
    SessionReuse { name: String, device: String },
    DeletionScheduled { name: String, erase_at: DateTime<Utc> },
    DeletionCancelled { name: String },
}
pub(crate) struct Rendered {
    pub(crate) subject: String,
    pub(crate) text: String,
    pub(crate) html: String,
}
pub(crate) fn render(_: &Template, _: &url::Url) -> Result<Rendered, std::fmt::Error> {
    Err(std::fmt::Error)
}
