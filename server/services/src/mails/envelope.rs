//! What stands around the text of a mail: its subject, the line beside the subject in a list of mails, and why it was sent.

use super::Template;

impl Template {
    /// As stored.
    pub(super) fn name(&self) -> &str {
        match self {
            Self::VerifyEmail { name, .. }
            | Self::ChangeEmail { name, .. }
            | Self::EmailChanged { name, .. }
            | Self::ResetPassword { name, .. }
            | Self::PasswordChanged { name }
            | Self::ApiKeyCreated { name }
            | Self::AccountExists { name }
            | Self::SessionReuse { name, .. }
            | Self::DeletionScheduled { name, .. }
            | Self::DeletionCancelled { name } => name,
        }
    }

    /// ASCII, and nothing that a person chose.
    pub(super) const fn subject(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "Confirm your email address",
            Self::ChangeEmail { .. } => "Confirm your new email address",
            Self::EmailChanged { .. } => "Your email address was changed",
            Self::ResetPassword { .. } => "Choose a new password",
            Self::PasswordChanged { .. } => "Your password was changed",
            Self::ApiKeyCreated { .. } => "A key for your account was made",
            Self::AccountExists { .. } => "You already have an account",
            Self::SessionReuse { .. } => "Someone may have copied your session",
            Self::DeletionScheduled { .. } => "Your account will be erased",
            Self::DeletionCancelled { .. } => "Your account stays",
        }
    }

    pub(super) const fn preheader(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "One step and your account is ready.",
            Self::ChangeEmail { .. } => "From then on you sign in with it.",
            Self::EmailChanged { .. } => "If this was not you, act now.",
            Self::ResetPassword { .. } => "If you did not ask for one, do nothing.",
            Self::PasswordChanged { .. } | Self::ApiKeyCreated { .. } => "If this was not you, take your account back now.",
            Self::AccountExists { .. } => "Someone tried to use your address for another one.",
            Self::SessionReuse { .. } => "We ended it. Look at your other sessions now.",
            Self::DeletionScheduled { .. } => "Sign in before then to keep it.",
            Self::DeletionCancelled { .. } => "You signed in, so nothing is erased.",
        }
    }

    pub(super) const fn reason(&self) -> &'static str {
        match self {
            Self::VerifyEmail { .. } => "You got this mail because this address was entered for a new account at",
            Self::ChangeEmail { .. } => "You got this mail because this address was entered for an account at",
            Self::EmailChanged { .. } => "You got this mail because until now this was the address of an account at",
            _ => "You got this mail because this is the address of an account at",
        }
    }
}
