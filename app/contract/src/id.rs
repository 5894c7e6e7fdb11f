//! Ids: UUID v7 (RFC 9562), one type a noun, so that a session's id cannot be passed for a user's.

/// Declares a newtype over [`uuid::Uuid`].
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "orm", derive(sea_orm::DeriveValueType))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[serde(transparent)]
        pub struct $name(pub uuid::Uuid);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }

        #[cfg(feature = "orm")]
        impl sea_orm::TryFromU64 for $name {
            fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
            }
        }
    };
}

id! {
    /// A person's account.
    UserId
}
id! {
    /// A key for machines.
    ApiKeyId
}
id! {
    /// A signed-in device: one refresh-token family (RFC 9700 §4.14).
    SessionId
}
id! {
    /// Something that happened (CloudEvents `id`).
    EventId
}
id! {
    /// A file, and the upload that it came in by.
    FileId
}
id! {
    /// A link that opens a file without an account.
    ShareId
}
id! {
    /// An event that a consumer gave up on.
    DeadLetterId
}
