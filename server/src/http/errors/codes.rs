//! Every code that a problem can have, and what its client is to make of it. A test holds this against the code that writes them.

use portreeve_contract::ErrorKind::{
    self, BadGateway, ChecksumMismatch, Conflict, Forbidden, GatewayTimeout, HeadersTooLarge, InsufficientStorage, Internal, Invalid,
    LengthRequired, Malformed, MethodNotAllowed, NotAcceptable, NotFound, PreconditionFailed, PreconditionRequired, RangeNotSatisfiable,
    RequestTimeout, Throttled, TooLarge, Unauthenticated, Unavailable, UnsupportedMediaType, UriTooLong,
};

/// A code with its meanings, of which there is one for each kind of problem that has it.
#[derive(Clone, Copy, Debug)]
pub struct Code {
    /// As `code` has it.
    pub name: &'static str,
    /// Gives the status.
    pub kind: ErrorKind,
    /// What happened.
    pub meaning: &'static str,
    /// What the client can do.
    pub advice: &'static str,
}

const fn code(name: &'static str, kind: ErrorKind, meaning: &'static str, advice: &'static str) -> Code {
    Code { name, kind, meaning, advice }
}

/// All of them, by name.
pub const CODES: &[Code] = &[
    code("account_disabled", Forbidden, "The password was right, and an administrator shut the account.", "Ask an administrator."),
    code("api_key_not_found", NotFound, "There is no such key of the caller's, or not any more.", "List the keys again."),
    code("blocked", Forbidden, "A rule of the firewall does not let such requests in.", "Ask the operator, who knows the rule."),
    code(
        "body_incomplete",
        RequestTimeout,
        "The rest of the body did not come in time.",
        "Send it again over a better line; files in parts by `/v1/uploads`.",
    ),
    code("body_unreadable", Malformed, "The body is no valid HTTP, or broke off.", "Send it again, whole."),
    code("busy", Unavailable, "More people sign in than passwords can be checked.", "Wait for `Retry-After`, then send it again."),
    code(
        "changed",
        PreconditionFailed,
        "`If-Match` names a version that is not the present one.",
        "Read it again, see what has changed, and send the edit with the new `ETag`.",
    ),
    code("checksum_mismatch", ChecksumMismatch, "What came does not have the checksum that was promised (tus).", "Send that part again."),
    code("consumer_not_found", NotFound, "The stream has no consumer of that name.", "See `GET /v1/stream` for those there are."),
    code("cross_origin", Forbidden, "The page's own functions are for this site's pages.", "Use the API under `/v1`."),
    code(
        "cut_off",
        Malformed,
        "The upload ended before all of it was here. Nothing was kept.",
        "Send it again, or in parts by `/v1/uploads`.",
    ),
    code("dead_letter_not_found", NotFound, "There is no such dead letter: it was sent again or thrown away.", "List them again."),
    code("email_taken", Conflict, "Another account has the address.", "Sign in, or reset its password."),
    code("file_not_found", NotFound, "There is no such file that the caller may see.", "List the files again."),
    code(
        "file_not_stored",
        Conflict,
        "The file is still on its way to where it is kept.",
        "Wait for `Retry-After`, or follow `GET /v1/files/events`.",
    ),
    code("file_too_large", TooLarge, "It is larger than one file may be.", "Send less; the operator sets `files.max_size`."),
    code("forbidden", Forbidden, "This is for administrators.", "Ask one."),
    code(
        "headers_too_large",
        HeadersTooLarge,
        "There are too many headers, or they are too large together.",
        "Send fewer; mostly it is cookies of other programs.",
    ),
    code("host_refused", Malformed, "`Host` is missing, is there twice, or is no name.", "Send one `Host`."),
    code("idempotency_conflict", Invalid, "The `Idempotency-Key` was used for another request.", "Use a new key for a new request."),
    code(
        "idempotency_done",
        Conflict,
        "The request was carried out before, and its answer held a secret that is told once.",
        "List what there is; if the secret is lost, revoke it and make another.",
    ),
    code(
        "idempotency_in_flight",
        Conflict,
        "A request with the same `Idempotency-Key` is under way.",
        "Wait for `Retry-After`, then send it again: it gets the same answer, or is carried out if that one has failed.",
    ),
    code("insufficient_scope", Forbidden, "The key does not have the scope that this asks for.", "Make a key with that scope."),
    code(
        "internal",
        Internal,
        "Something went wrong on the server's side. Its cause is in the log under the answer's `X-Request-Id`.",
        "Try again later; tell the operator the id.",
    ),
    code(
        "invalid",
        Invalid,
        "The body was read, and holds what cannot be accepted.",
        "`errors` says what, by JSON Pointers into the body.",
    ),
    code(
        "invalid_credentials",
        Unauthenticated,
        "There is no such account, or the password is another; or, where that is required, the address is not verified.",
        "Ask the person again, or to look in their mail.",
    ),
    code(
        "invalid_token",
        Unauthenticated,
        "The access token or the key is expired, revoked, or none at all.",
        "Refresh the token, or sign in again.",
    ),
    code("last_admin", Conflict, "It would leave nobody to administrate.", "Make somebody else an administrator first."),
    code("length_required", LengthRequired, "How much will come has to be said first.", "Send `Content-Length`, or use `/v1/uploads`."),
    code("line_too_long", UriTooLong, "Path and query are longer than is read.", "Ask for less at once."),
    code("link_invalid", NotFound, "The link is expired, used, revoked, or was never made.", "Ask for a new one."),
    code(
        "malformed",
        Malformed,
        "The body is no JSON, or a parameter cannot be read.",
        "Mend the request; `title` says what is wrong with it.",
    ),
    code("malformed_cursor", Malformed, "The cursor is none of this list's.", "Begin again without one."),
    code(
        "malformed_idempotency_key",
        Malformed,
        "The `Idempotency-Key` is empty, too long, or there twice.",
        "Send one of 1 to 255 characters.",
    ),
    code("method_not_allowed", MethodNotAllowed, "Nothing here answers to that method.", "Use one that `Allow` names."),
    code("not_acceptable", NotAcceptable, "The answer would be in a form that `Accept` does not want.", "Accept `application/json`."),
    code("not_found", NotFound, "There is nothing under this path.", "See the reference for what there is."),
    code("origin_refused", Forbidden, "Pages of that origin may not use this.", "Have the operator allow the origin."),
    code(
        "path_refused",
        Malformed,
        "The path can be read in more than one way, such as with `..` or an encoded slash.",
        "Ask for the plain path.",
    ),
    code(
        "precondition_required",
        PreconditionRequired,
        "An edit has to say which version it is of.",
        "Send `If-Match` with the `ETag` that was read, or `*`.",
    ),
    code("quota_exceeded", TooLarge, "The person has no room left for the file.", "Erase files, the trash too; or ask an administrator."),
    code("quota_exceeded", Throttled, "The requests of a day are used up.", "Wait for `Retry-After`."),
    code(
        "range_not_satisfiable",
        RangeNotSatisfiable,
        "The file does not have the part that `Range` asks for.",
        "`Content-Range` says how long it is.",
    ),
    code("rotation_pending", Conflict, "The next signing key is published, and does not sign yet.", "Wait until it does."),
    code("service_account_not_found", NotFound, "There is no such service account, or not any more.", "List them again."),
    code("session_not_found", NotFound, "The session is over, or somebody else's.", "List the sessions again."),
    code(
        "session_over",
        Unauthenticated,
        "The session was ended, or the refresh token was used, is expired, or never was one.",
        "Sign in again.",
    ),
    code("session_required", Forbidden, "A key cannot do this.", "Use the access token of somebody who is signed in."),
    code("sign_up_closed", Forbidden, "Accounts are made by administrators here.", "Ask one."),
    code("storage_full", InsufficientStorage, "No room is left on this installation. Nothing was kept.", "Tell the operator."),
    code("storage_unavailable", Unavailable, "The place where files are kept does not answer.", "Wait for `Retry-After`, then try again."),
    code("taken_over", Conflict, "Another request goes on with the same upload.", "Ask with `HEAD` how far it is."),
    code("throttled", Throttled, "Something that is guarded, such as a password, was tried too often.", "Wait for `Retry-After`."),
    code("token_missing", Unauthenticated, "The request carries no token.", "Sign in, and send `Authorization: Bearer …`."),
    code("too_large", TooLarge, "The body is larger than is taken here.", "Send less at once."),
    code("too_many_api_keys", Conflict, "The account has as many keys as it may.", "Revoke some."),
    code(
        "too_many_requests",
        Throttled,
        "More requests came than the plan has.",
        "Wait for `Retry-After`; `RateLimit` says with each answer what is left.",
    ),
    code("too_many_shares", Conflict, "The file has as many links as it may.", "Revoke some."),
    code("too_many_uploads", Conflict, "The person has as many unfinished uploads as they may.", "Finish or cancel some."),
    code(
        "tus_version",
        PreconditionFailed,
        "The request is not of the version of tus that is spoken here.",
        "Send `Tus-Resumable: 1.0.0`.",
    ),
    code("unavailable", Unavailable, "The database cannot be reached.", "Wait for `Retry-After`, then try again."),
    code(
        "unsupported_media_type",
        UnsupportedMediaType,
        "`Content-Type` names nothing that is read here.",
        "Send what the reference names.",
    ),
    code("upload_checksum", Malformed, "`Upload-Checksum` cannot be read.", "Send `sha1` or `sha256`, a space, and the sum in base64."),
    code("upload_length", Malformed, "`Upload-Length` is missing or no number.", "Say how many bytes the file has."),
    code(
        "upload_metadata",
        Malformed,
        "`Upload-Metadata` cannot be read.",
        "Send keys, each with its value in base64, with commas between.",
    ),
    code("upload_offset", Malformed, "`Upload-Offset` is missing or no number.", "Say how many bytes are here already; `HEAD` tells."),
    code("upload_too_long", TooLarge, "That is more than the upload was announced to have.", "Begin another upload."),
    code(
        "upstream_failed",
        BadGateway,
        "The service behind the gateway did not answer as it should.",
        "Try again; tell whoever runs the service.",
    ),
    code(
        "upstream_timeout",
        GatewayTimeout,
        "The service behind the gateway took too long. It may have done what was asked.",
        "Look before you ask again.",
    ),
    code("upstream_unavailable", Unavailable, "No target of the service behind the gateway is well.", "Wait for `Retry-After`."),
    code(
        "upstream_unreachable",
        BadGateway,
        "The service behind the gateway cannot be reached. It was not asked.",
        "Try again; tell whoever runs the service.",
    ),
    code("user_not_found", NotFound, "There is no such account.", "List the accounts again."),
    code("wrong_offset", Conflict, "The upload is not where the request goes on.", "Ask with `HEAD` how far it is, and go on from there."),
    code("wrong_password", Forbidden, "The shared link wants another password.", "Ask the person again."),
];

/// Every code that an entry of `errors` can have, and what it says of the member that `pointer` names.
pub const FIELDS: &[(&str, &str)] = &[
    ("invisible_characters", "It holds line breaks or characters that are not seen: leave them out."),
    ("malformed", "It has not the form of what it should be, such as an address."),
    ("no_point", "It names no point of the stream."),
    ("past", "The time is over: one to come."),
    ("required", "It is missing or empty."),
    ("taken", "Another account has it."),
    ("too_common", "Many people use that password, or it names the person: another one."),
    ("too_few", "The number is too small."),
    ("too_long", "It is longer than it may be."),
    ("too_short", "It is shorter than it has to be."),
    ("unchanged", "It is what it was: nothing would change."),
    ("unknown", "There is no such member, or no such thing of that name."),
    ("wrong_password", "It is another password."),
    ("wrong_shape", "It is not of the type that is described."),
];
