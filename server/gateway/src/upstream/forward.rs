//! A request's way to an upstream and back.

use std::{
    pin::pin,
    sync::{Arc, atomic::Ordering},
};

use axum::{body::Body, extract::Request, response::Response};
use http::{HeaderValue, Method, StatusCode, Uri, header, request::Parts, uri::PathAndQuery};
use http_body::Body as _;
use hyper::body::Incoming;
use portreeve_contract::{ErrorKind, Problem};
use portreeve_services::Caller;
use tokio::time::{Instant, timeout_at};
use tower_http::timeout::TimeoutBody;
use tracing::Instrument;

use super::{
    Upstream,
    admitted::Admitted,
    body::{Outgoing, Received, Watch},
    connections::{Connection, Unanswered},
    endpoint::{Endpoint, Lease},
    headers, tunnel,
};
use crate::{
    Gateway,
    authorizer::{authorize, is_key},
    body_limit, firewall, problem,
    request_id::RequestId,
    scopes, trace,
};

/// Sends the request on, as the upstream's settings have it, and gives what comes back.
pub(crate) async fn forward(gateway: &Gateway, upstream: &Arc<Upstream>, request: Request, id: &RequestId) -> Response {
    match send(gateway, upstream, request, id).await {
        Ok(response) => response,
        Err(problem) if matches!(problem.kind, ErrorKind::TooLarge | ErrorKind::RequestTimeout) => body_limit::refuse(&problem),
        Err(problem) => problem::respond(&problem),
    }
}

async fn send(gateway: &Gateway, upstream: &Arc<Upstream>, mut request: Request, id: &RequestId) -> Result<Response, Problem> {
    // One would be a tunnel to anything, and the other would show the client the token that it is not to see.
    if matches!(*request.method(), Method::CONNECT | Method::TRACE) {
        return Err(Problem::new(ErrorKind::MethodNotAllowed, "method_not_allowed", "Neither CONNECT nor TRACE passes here."));
    }
    let tunnelled = tunnel::take(&mut request);
    let (mut parts, body) = request.into_parts();
    let caller = caller(upstream, &parts).await?;
    let token = match &caller {
        Some(caller) => Some(token(gateway, upstream, caller)?),
        None => None,
    };
    let admitted = caller.map(|caller| Admitted { gateway: gateway.clone(), caller });
    let limit = upstream.settings.body_limit.bytes();
    if body.size_hint().lower() > limit {
        return Err(body_limit::exceeded(limit));
    }
    headers::outgoing(&mut parts, gateway, upstream, token);
    id.tell(&mut parts.headers);
    if tunnelled.is_some() {
        tunnel::ask(&mut parts.headers);
    }
    let path = path(upstream, &parts.uri)?;
    let body = Outgoing::new(body, limit);
    // RFC 9110 §9.2.2: a proxy must not send anything else again by itself.
    let is_repeatable = tunnelled.is_none() && parts.method.is_idempotent() && body.is_empty();

    let balance = &upstream.balance;
    balance.deposit();
    let mut tried = Vec::<Arc<Endpoint>>::new();
    let (lease, (connection, response)) = loop {
        // Every address once; then, if there are tries left, the same again.
        let mut picked = balance.pick(&tried).await;
        if picked.is_none() && !tried.is_empty() {
            picked = balance.pick(&[]).await;
        }
        let Some(lease) = picked else { return Err(nobody_there(upstream)) };
        let asked = Asked { upstream, lease: &lease, parts: &parts, path: &path, body: &body };
        match asked.send(tried.len()).await {
            Ok(answer) => {
                upstream.tries.answered.fetch_add(1, Ordering::Relaxed);
                break (lease, answer);
            }
            Err(failure) => {
                upstream.tries.failed.fetch_add(1, Ordering::Relaxed);
                if failure.is_the_targets() {
                    lease.0.failed();
                }
                tried.push(lease.0.clone());
                // What found no connection was not sent, so that anything can be sent elsewhere.
                let may = failure.is_the_targets() && (is_repeatable || matches!(failure, Failure::Connect(_)) && !body.is_touched());
                if !may || tried.len() > upstream.settings.retries as usize || !balance.may_retry() {
                    return Err(failure.told(upstream, &lease.0));
                }
            }
        }
    };
    answer(upstream, (lease, connection), response, tunnelled, admitted)
}

/// Who calls, if that matters: a public upstream hears of those who say so, and gets any other's `Authorization` as it is.
async fn caller(upstream: &Upstream, parts: &Parts) -> Result<Option<Caller>, Problem> {
    if !upstream.is_public() {
        return Ok(Some(scopes::may_call(authorize(parts).await?, upstream.settings.scope)?));
    }
    if !parts.headers.contains_key(header::AUTHORIZATION) {
        return Ok(None);
    }
    match authorize(parts).await {
        // A key for something else is as good as none, and is not for the upstream to see.
        Ok(caller) => Ok(Some(scopes::may_call(caller, upstream.settings.scope)?)),
        Err(refusal) if refusal.0.kind == ErrorKind::Unauthenticated && !is_key(&parts.headers) => Ok(None),
        Err(refusal) => Err(refusal.into()),
    }
}

fn token(gateway: &Gateway, upstream: &Upstream, caller: &Caller) -> Result<HeaderValue, Problem> {
    let token = gateway.services.auth.token_for(caller, &upstream.audience, upstream.token_lifetime)?;
    let mut value = HeaderValue::from_maybe_shared(token)
        .map_err(|_| Problem::new(ErrorKind::Internal, "internal", "Something went wrong on our side."))?;
    value.set_sensitive(true);
    Ok(value)
}

fn path(upstream: &Upstream, uri: &Uri) -> Result<PathAndQuery, Problem> {
    let whole = uri.path_and_query().map_or("/", PathAndQuery::as_str);
    let wanted = match whole.split_once('?') {
        _ if !upstream.settings.strip_prefix => whole.to_owned(),
        Some((path, query)) => format!("{}?{query}", upstream.path.strip(path)),
        None => upstream.path.strip(whole).to_owned(),
    };
    PathAndQuery::try_from(wanted).map_err(|_| Problem::new(ErrorKind::Malformed, "path_refused", "This path cannot be read."))
}

/// One try at one address.
struct Asked<'a> {
    upstream: &'a Upstream,
    lease: &'a Lease,
    parts: &'a Parts,
    path: &'a PathAndQuery,
    body: &'a Outgoing,
}

impl Asked<'_> {
    async fn send(&self, tries: usize) -> Result<(Connection, http::Response<Incoming>), Failure> {
        let Self { upstream, lease: Lease(endpoint), parts, path, body } = self;
        let span = trace::asking(upstream.name(), &parts.method, (&endpoint.origin, &endpoint.authority, path.path()), tries);
        let mut request = http::Request::new(body.send());
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = Uri::from((*path).clone());
        *request.headers_mut() = parts.headers.clone();
        if !upstream.settings.preserve_host || !request.headers().contains_key(header::HOST) {
            request.headers_mut().insert(header::HOST, endpoint.host.clone());
        }
        trace::carry_on(request.headers_mut(), &span);
        let answer = self.wait(endpoint.connections.ask(request)).instrument(span.clone()).await;
        match &answer {
            Ok((_, response)) => trace::answered(&span, response.status()),
            Err(failure) => trace::failed(&span, failure.word()),
        }
        answer
    }

    async fn wait<T>(&self, asked: impl Future<Output = Result<T, Unanswered>>) -> Result<T, Failure> {
        let Self { upstream, body, .. } = self;
        let mut asked = pin!(asked);
        loop {
            // Counted from the last that came of the request: one that takes long to send may take long.
            if let Ok(answer) = timeout_at(body.moved_at() + upstream.settings.timeout, asked.as_mut()).await {
                return answer.map_err(|error| Failure::of(error, body));
            }
            if body.moved_at() + upstream.settings.timeout <= Instant::now() {
                return Err(if body.is_starved() { Failure::SlowClient } else { Failure::Timeout });
            }
        }
    }
}

fn answer(
    upstream: &Arc<Upstream>,
    (lease, connection): (Lease, Connection),
    mut response: http::Response<Incoming>,
    tunnelled: Option<tunnel::Client>,
    admitted: Option<Admitted>,
) -> Result<Response, Problem> {
    let endpoint = lease.0.clone();
    if matches!(response.status(), StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT) {
        endpoint.failed();
    } else {
        endpoint.succeeded();
    }
    let switched = response.status() == StatusCode::SWITCHING_PROTOCOLS;
    headers::incoming(response.headers_mut(), upstream, &endpoint.origin);
    match tunnelled {
        Some(client) if switched => {
            tunnel::ask(response.headers_mut());
            client.join(hyper::upgrade::on(&mut response), lease, upstream.settings.idle_timeout, admitted);
            Ok(response.map(|_| Body::empty()))
        }
        None if switched => Err(Failure::Garbage("it switched protocols unasked".into()).told(upstream, &endpoint)),
        _ => Ok(response.map(|body| {
            let body = TimeoutBody::new(upstream.settings.idle_timeout, body);
            Body::new(Received { body, watch: Watch::new(admitted), _connection: connection, _lease: lease })
        })),
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error("no connection: {}", root(.0.as_ref()))]
    Connect(axum::BoxError),
    #[error("no answer in time")]
    Timeout,
    #[error("an answer that is no HTTP, or half of it: {}", root(.0.as_ref()))]
    Garbage(axum::BoxError),
    #[error("more than may be sent")]
    TooLarge,
    #[error("the client stopped sending")]
    SlowClient,
    #[error("the client's body could not be read")]
    Refused,
}

impl Failure {
    fn of(error: Unanswered, body: &Outgoing) -> Self {
        if body.is_too_large() {
            return Self::TooLarge;
        }
        if body.is_too_slow() {
            return Self::SlowClient;
        }
        match error {
            Unanswered::Unreachable(error) => Self::Connect(error),
            Unanswered::Failed(error) if error.is_user() => Self::Refused,
            Unanswered::Failed(error) => Self::Garbage(error.into()),
        }
    }

    /// For traces.
    fn word(&self) -> &'static str {
        match self {
            Self::Connect(_) => "connect",
            Self::Timeout => "timeout",
            Self::Garbage(_) => "garbage",
            Self::TooLarge => "too_large",
            Self::SlowClient => "slow_client",
            Self::Refused => "refused",
        }
    }

    fn is_the_targets(&self) -> bool {
        matches!(self, Self::Connect(_) | Self::Timeout | Self::Garbage(_))
    }

    /// To the operator in the log, and to the client as it concerns them.
    fn told(self, upstream: &Upstream, endpoint: &Endpoint) -> Problem {
        if self.is_the_targets() {
            let (target, address) = (&endpoint.origin, &endpoint.authority);
            tracing::warn!(upstream = upstream.settings.name, %target, %address, cause = %self, "an upstream did not answer");
        }
        match self {
            Self::Connect(_) => {
                Problem::new(ErrorKind::BadGateway, "upstream_unreachable", "The service behind this address cannot be reached.")
            }
            Self::Garbage(_) => {
                Problem::new(ErrorKind::BadGateway, "upstream_failed", "The service behind this address did not answer as it should.")
            }
            Self::Timeout => {
                Problem::new(ErrorKind::GatewayTimeout, "upstream_timeout", "The service behind this address took too long to answer.")
            }
            Self::TooLarge => body_limit::exceeded(upstream.settings.body_limit.bytes()),
            Self::SlowClient => firewall::too_slow(),
            Self::Refused => Problem::new(ErrorKind::Malformed, "body_unreadable", "The body could not be read."),
        }
    }
}

/// What lies at the bottom of an error: those above it only say where it came by.
fn root<'a>(error: &'a (dyn std::error::Error + 'static)) -> &'a dyn std::error::Error {
    std::iter::successors(Some(error), |error| error.source()).last().unwrap_or(error)
}

/// All targets are resting or ill.
fn nobody_there(upstream: &Upstream) -> Problem {
    let mut problem =
        Problem::new(ErrorKind::Unavailable, "upstream_unavailable", "The service behind this address is not well. Try again in a moment.");
    problem.retry_after = Some(upstream.settings.recovery.as_secs().max(1));
    problem
}
