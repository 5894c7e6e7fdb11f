//! The way of a request through the gateway and back, as one layer: on a layer of its own each of these steps would be boxed and cloned once more.

use std::{panic::AssertUnwindSafe, sync::LazyLock};

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::Response,
};
use futures::FutureExt;
use tracing::Instrument;

use crate::{
    Gateway,
    access_log::Line,
    body_limit::{self, Bodies},
    cors,
    metrics::Seen,
    origin::address_of,
    problem,
    request_id::RequestId,
    same_origin,
    security_headers::CspNonce,
    throttle,
    trace::Trace,
    upstream::forward,
};

/// Names the request, counts it, logs it, and lets it through, to whom it is for, if it may come from where it comes; the answer gets its headers.
pub(crate) async fn pass(State((gateway, bodies)): State<(Gateway, Bodies)>, mut request: Request, next: Next) -> Response {
    let id = RequestId::new(&gateway.settings.random);
    // Most of what goes to an upstream has none.
    let nonce = LazyLock::new(|| CspNonce::new(&gateway.settings.random));
    let span = id.span();
    let pass = async {
        let settings = &gateway.settings;
        request.extensions_mut().insert(gateway.clone());
        let address = address_of(request.extensions(), request.headers());
        let admitted = settings.firewall.admit(&mut request, address);
        let upstream = admitted.and_then(|()| settings.upstreams.find(&request)).map(Option::<&_>::cloned);
        let cors = match &upstream {
            Ok(Some(upstream)) => upstream.cors.asked(&request),
            Ok(None) if cors::is_api(request.uri().path()) => settings.cors.asked(&request),
            _ => None,
        };
        let seen = Seen::default();
        let line = Line::begin(&gateway, &request, upstream.as_ref().ok().and_then(Option::as_ref));
        let trace = Trace::begin(settings, &mut request, &line.route, address, &id);
        request.extensions_mut().insert(seen.clone());
        let answer = async {
            let (tally, counted) = throttle::address(&gateway, &mut request, matches!(upstream, Ok(Some(_)))).await;
            let upstream = counted.and(upstream);
            // A bug must cost one request, not the connection.
            let response = match &upstream {
                Err(problem) => problem::respond(problem),
                Ok(_) if let Some(answer) = cors.as_ref().and_then(cors::Asked::preflight) => answer,
                Ok(Some(upstream)) => {
                    let forwarded = AssertUnwindSafe(forward(&gateway, upstream, request, &id)).catch_unwind().await;
                    forwarded.unwrap_or_else(problem::panicked)
                }
                Ok(None) => match same_origin::check(&request, &gateway.settings.public_url) {
                    Ok(()) => {
                        request.extensions_mut().insert(CspNonce::clone(&nonce));
                        let answer = async {
                            match body_limit::take(&gateway, bodies, request).await {
                                Ok(request) => next.run(request).await,
                                Err(refusal) => refusal,
                            }
                        };
                        AssertUnwindSafe(answer).catch_unwind().await.unwrap_or_else(problem::panicked)
                    }
                    Err(refusal) => refusal,
                },
            };
            (tally, upstream, response)
        };
        let (tally, upstream, mut response) = answer.instrument(trace.span()).await;
        match &upstream {
            Ok(Some(upstream)) => upstream.guard(response.headers_mut()),
            _ => nonce.guard(&mut response, &gateway.settings.public_url),
        }
        if let Some(tally) = tally {
            tally.tell(response.headers_mut());
        }
        if let Some(cors) = &cors {
            cors.tell(response.headers_mut());
        }
        line.end(&response, &seen, trace.id());
        trace.end(&response);
        response
    };
    let mut response = pass.instrument(span).await;
    id.tell(response.headers_mut());
    response
}
