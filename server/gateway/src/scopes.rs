//! What a route asks for, declared where the route is: by which of these extractors its handler takes the caller.

use axum::extract::FromRequestParts;
use http::request::Parts;
use portreeve_contract::{ErrorKind, Problem, api_key::Scope, user::Role};
use portreeve_services::Caller;

use crate::{Refusal, authorizer::authorize};

/// A session's access token, and no key: for what concerns the account's own security.
///
/// # Errors
/// 401 without a valid token of a live session; 403 with a key.
#[derive(Clone, Debug)]
pub struct Authorized(pub Caller);

impl Authorized {
    /// From a request's parts, which are free again while the database is asked.
    pub fn of(parts: &Parts) -> impl Future<Output = Result<Self, Refusal>> + Send + use<> {
        let caller = authorize(parts);
        async move {
            let caller = caller.await?;
            if caller.session().is_none() {
                return Err(Problem::new(ErrorKind::Forbidden, "session_required", "A key cannot do this. Sign in.").into());
            }
            Ok(Self(caller))
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Authorized {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Self::of(parts).await
    }
}

/// Declares an extractor for each scope.
macro_rules! extractors {
    ($($scope:ident),*) => {
        $(
            #[doc = concat!("A session's access token, or a key with [`Scope::", stringify!($scope), "`].")]
            ///
            /// # Errors
            /// 401 without a valid one of them; 403 with a key for something else.
            #[derive(Clone, Debug)]
            pub struct $scope(pub Caller);

            impl<S: Send + Sync> FromRequestParts<S> for $scope {
                type Rejection = Refusal;

                async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
                    let caller = authorize(parts);
                    with_scope(caller.await?, Scope::$scope).map(Self)
                }
            }
        )*
    };
}

extractors!(AccountRead, AccountWrite, FilesRead, FilesWrite, UsersRead, UsersWrite, StreamRead, StreamWrite);

/// What an upstream that is not public asks for.
pub(crate) fn may_call(caller: Caller, scope: Scope) -> Result<Caller, Refusal> {
    if scope.is_for_administrators() && caller.role != Role::Admin {
        return Err(Problem::new(ErrorKind::Forbidden, "forbidden", "This is for administrators.").into());
    }
    with_scope(caller, scope)
}

/// RFC 6750 §3.1.
fn with_scope(caller: Caller, scope: Scope) -> Result<Caller, Refusal> {
    if caller.has(scope) {
        return Ok(caller);
    }
    let title = format!("This key is not for that. It would need the scope {}.", scope.as_str());
    Err(Problem::new(ErrorKind::Forbidden, "insufficient_scope", title).into())
}
