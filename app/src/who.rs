//! The person who is signed in, as the header and their own pages show them.

use leptos::prelude::*;
use portreeve_contract::user::{Profile, Role};

use crate::{
    api,
    error::ApiError,
    session::{Presence, Session},
};

/// The profile, loaded in the browser and loaded again when somebody else signs in.
#[derive(Clone, Copy)]
pub(crate) struct Who(LocalResource<Result<Option<Profile>, ApiError>>);

impl Who {
    /// Puts it into context.
    pub(crate) fn provide(session: Session) {
        provide_context(Self(LocalResource::new(move || {
            let signed_in = session.presence() == Presence::In;
            async move { if signed_in { api::users::profile().await.map(Some) } else { Ok(None) } }
        })));
    }

    /// The one in context.
    pub(crate) fn here() -> Self {
        expect_context()
    }

    /// `None` while it is not known. To be read under `Suspense` or `Transition`.
    pub(crate) fn get(self) -> Option<Result<Profile, ApiError>> {
        self.0.get().and_then(Result::transpose)
    }

    /// Whether it is an administrator; `false` while it is not known.
    pub(crate) fn is_admin(self) -> bool {
        matches!(self.get(), Some(Ok(Profile { role: Role::Admin, .. })))
    }

    /// Shows what a change has answered.
    pub(crate) fn set(self, profile: Profile) {
        self.0.set(Some(Ok(Some(profile))));
    }

    /// Loads it again.
    pub(crate) fn reload(self) {
        self.0.refetch();
    }
}
