//! `/v1/auth`: signing up, in and out, and links in mails. Refresh tokens travel in bodies: nothing here reads or sets a cookie.

use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use http::{HeaderMap, StatusCode, header};
use portreeve_contract::{
    ErrorKind, Problem,
    auth::{Credentials, ForgotPassword, LinkToken, MailSent, MailStatus, RefreshToken, ResetPassword, SignIn, SignUp, TokenType, Tokens},
};
use portreeve_gateway::{Authorized, Origin, Refusal};
use portreeve_services::{
    Caller, Services,
    auth::{SignedIn, SignedUp},
};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::extract::{IdempotencyKey, Json, MaybeJson, answer, replayed};

const TAG: &str = "auth";

pub(super) fn router() -> OpenApiRouter<Services> {
    OpenApiRouter::new()
        .routes(routes!(sign_up))
        .routes(routes!(sign_in))
        .routes(routes!(refresh))
        .routes(routes!(sign_out))
        .routes(routes!(forgot_password))
        .routes(routes!(reset_password))
        .routes(routes!(verify_email))
        .routes(routes!(resend_verification))
}

/// Makes an account.
///
/// Where an address has to be verified first, nobody learns whether it was taken: the answer is 202, and a mail tells its owner.
#[utoipa::path(post, path = "/v1/auth/sign-up", tag = TAG, operation_id = "signUp", security(()), request_body = SignUp, responses(
    (status = 201, description = "The account is there, and its owner signed in.", body = Tokens, headers(("Location" = String, description = "`/v1/me`"))),
    (status = 202, description = "A mail with a link is on its way.", body = MailSent),
    (status = 403, description = "Accounts are made by administrators only: `sign_up_closed`."),
    (status = 409, description = "The address has an account: `email_taken`."),
    (status = 422, description = "`/name`, `/email` or `/password` cannot be accepted."),
))]
async fn sign_up(State(services): State<Services>, Origin(origin): Origin, Json(form): Json<SignUp>) -> Response {
    answer(services.auth.sign_up(&origin, form).await.map(|signed_up| match signed_up {
        SignedUp::SignedIn(signed_in) => (StatusCode::CREATED, [(header::LOCATION, "/v1/me")], tokens(signed_in)).into_response(),
        SignedUp::VerificationSent => (StatusCode::ACCEPTED, verification_sent()).into_response(),
    }))
}

/// Opens a session.
///
/// An unknown address and a wrong password are answered alike, after the same work.
#[utoipa::path(post, path = "/v1/auth/sign-in", tag = TAG, operation_id = "signIn", security(()), request_body = SignIn, responses(
    (status = 200, description = "The session's tokens.", body = Tokens),
    (status = 401, description = "Unknown address or wrong password: `invalid_credentials`."),
    (status = 403, description = "The password was right, and the account is shut (`account_disabled`)."),
))]
async fn sign_in(State(services): State<Services>, Origin(mut origin): Origin, Json(form): Json<SignIn>) -> Response {
    let SignIn { email, password, device_token } = form;
    origin.device = device_token;
    answer(services.auth.sign_in(&origin, Credentials { email, password }).await.map(tokens))
}

/// Carries a session on: a refresh token for the next one, and a fresh access token.
///
/// A refresh token is used once. Used again much later it ends the session, since somebody else may have it (RFC 9700 §4.14.2).
#[utoipa::path(post, path = "/v1/auth/refresh", tag = TAG, operation_id = "refresh", security(()), request_body = RefreshToken, responses(
    (status = 200, description = "The session's next tokens.", body = Tokens),
    (status = 401, description = "Signed out, revoked, expired, replaced or never issued: `session_over`."),
))]
async fn refresh(State(services): State<Services>, Origin(origin): Origin, Json(form): Json<RefreshToken>) -> Response {
    answer(services.auth.refresh(&origin, &form.refresh_token).await.map(tokens))
}

/// Ends a session: that of the refresh token in the body, or else that of the access token.
#[utoipa::path(post, path = "/v1/auth/sign-out", tag = TAG, operation_id = "signOut", security((), ("access_token" = [])),
    request_body = Option<RefreshToken>, responses(
    (status = 204, description = "That session is over, if it was not already."),
    (status = 401, description = "Neither of the tokens was sent, or the access token is not valid."),
))]
async fn sign_out(
    State(services): State<Services>,
    caller: Result<Authorized, Refusal>,
    headers: HeaderMap,
    MaybeJson(form): MaybeJson<RefreshToken>,
) -> Response {
    if let Some(RefreshToken { refresh_token }) = form {
        return answer(services.auth.sign_out(&refresh_token).await.map(|()| StatusCode::NO_CONTENT));
    }
    match caller {
        Ok(Authorized(caller)) => answer(end(&services, &caller).await.map(|()| StatusCode::NO_CONTENT)),
        Err(refusal) if headers.contains_key(header::AUTHORIZATION) => refusal.into_response(),
        Err(_) => Refusal::from(Problem::new(ErrorKind::Unauthenticated, "token_missing", "Send the refresh token, or the access token."))
            .into_response(),
    }
}

async fn end(services: &Services, caller: &Caller) -> Result<(), portreeve_services::sessions::Error> {
    let Some(session) = caller.session() else { return Ok(()) };
    match services.sessions.revoke(caller, session).await {
        // Ended by somebody else a moment ago.
        Err(portreeve_services::sessions::Error::NotFound) => Ok(()),
        ended => ended,
    }
}

/// Mails a link that sets a new password, if the address has an account. The answer does not tell.
#[utoipa::path(post, path = "/v1/auth/forgot-password", tag = TAG, operation_id = "forgotPassword", security(()), request_body = ForgotPassword,
    responses((status = 202, description = "If the address has an account, a mail is on its way.")))]
async fn forgot_password(State(services): State<Services>, Origin(origin): Origin, Json(form): Json<ForgotPassword>) -> Response {
    answer(services.auth.forgot_password(&origin, form).await.map(|()| StatusCode::ACCEPTED))
}

/// Sets a new password with the token of a mailed link, and ends every session and every key.
#[utoipa::path(post, path = "/v1/auth/reset-password", tag = TAG, operation_id = "resetPassword", security(()), request_body = ResetPassword, responses(
    (status = 204, description = "The password is set."),
    (status = 404, description = "The link has expired or was used: `link_invalid`."),
    (status = 422, description = "`/password` cannot be accepted; the link still works."),
))]
async fn reset_password(State(services): State<Services>, Origin(origin): Origin, Json(form): Json<ResetPassword>) -> Response {
    answer(services.auth.reset_password(&origin, form).await.map(|()| StatusCode::NO_CONTENT))
}

/// Proves an address, of a new account or a changed one, with the token of a mailed link.
#[utoipa::path(post, path = "/v1/auth/verify-email", tag = TAG, operation_id = "verifyEmail", security(()), request_body = LinkToken, responses(
    (status = 204, description = "The address is proved."),
    (status = 404, description = "The link has expired or was used: `link_invalid`."),
    (status = 409, description = "Another account took the new address meanwhile: `email_taken`."),
))]
async fn verify_email(State(services): State<Services>, Origin(origin): Origin, Json(form): Json<LinkToken>) -> Response {
    answer(services.auth.verify_email(&origin, form.token).await.map(|()| StatusCode::NO_CONTENT))
}

/// Mails the link that proves one's address once more.
#[utoipa::path(post, path = "/v1/auth/resend-verification", tag = TAG, operation_id = "resendVerification", params(IdempotencyKey),
    responses((status = 202, description = "A mail is on its way.", body = MailSent)))]
async fn resend_verification(
    State(services): State<Services>,
    Authorized(caller): Authorized,
    IdempotencyKey(idempotency_key): IdempotencyKey,
) -> Response {
    let sent = services.auth.resend_verification(&caller, idempotency_key).await;
    answer(sent.map(|effect| replayed(effect.is_repeated(), (StatusCode::ACCEPTED, verification_sent()))))
}

fn verification_sent() -> Json<MailSent> {
    Json(MailSent { status: MailStatus::VerificationSent })
}

/// What holds secrets is nobody's to keep (RFC 6749 §5.1).
fn tokens(signed_in: SignedIn) -> impl IntoResponse {
    let SignedIn { access_token, refresh_token, refresh_max_age, device_token, account_kept } = signed_in;
    let tokens = Tokens {
        access_token: access_token.access_token,
        token_type: TokenType::Bearer,
        expires_in: access_token.expires_in,
        refresh_token,
        refresh_expires_in: refresh_max_age,
        device_token,
        account_kept,
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(tokens))
}
