//! What no request may be, whoever sends it; and which ones an operator does not want. Asked before anything else is.

mod count;
pub(crate) mod glob;
mod host;
mod pace;
pub(crate) mod path;
mod rule;

use std::{net::IpAddr, sync::Arc};

use axum::{body::Body, extract::Request};
use http_body::Body as _;
use portreeve_config::{Public, Rule as RuleConfig, RuleAction};
use portreeve_contract::{ErrorKind, Problem};

use self::rule::{Rule, Seen};
pub(crate) use self::{
    host::Host,
    pace::{is_too_slow, too_slow},
};

/// Its limits and its rules.
#[derive(Clone, Debug)]
pub struct Firewall(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    line: usize,
    headers: usize,
    header_bytes: usize,
    pace: pace::Pace,
    rules: Vec<Rule>,
}

impl Firewall {
    /// As an operator has set it.
    pub fn new(public: &Public, rules: &[RuleConfig]) -> Self {
        let bytes = |size: portreeve_config::Size| usize::try_from(size.bytes()).unwrap_or(usize::MAX);
        Self(Arc::new(Inner {
            line: bytes(public.max_line),
            headers: public.max_headers,
            header_bytes: bytes(public.max_header_bytes),
            pace: pace::Pace { pause: public.body_timeout, rate: public.body_rate.bytes() },
            rules: rules.iter().map(Rule::new).collect(),
        }))
    }

    /// Lets a request from `address` come on, its body at a pace that is reasonable.
    ///
    /// # Errors
    /// A request that is out of bounds, one that can be read as more than one, and one that a rule blocks.
    pub(crate) fn admit(&self, request: &mut Request, address: IpAddr) -> Result<(), Problem> {
        self.measure(request)?;
        Host::of(request)?;
        let path = path::plain(request.uri().path())?;
        let named = path::without_parameters(&path);
        let bare = named.strip_suffix(b"/").unwrap_or(&named);
        let (method, headers) = (request.method(), request.headers());
        self.judge(&Seen {
            address,
            method,
            overriding: headers.get("x-http-method-override"),
            path: &path,
            named: &named,
            bare,
            headers,
        })?;
        if !request.body().is_end_stream() {
            let body = std::mem::take(request.body_mut());
            *request.body_mut() = Body::new(self.0.pace.keep(body));
        }
        Ok(())
    }

    fn measure(&self, request: &Request) -> Result<(), Problem> {
        let target = request.uri().path_and_query().map_or(0, |target| target.as_str().len());
        if target > self.0.line {
            let title = format!("Ask with {} bytes of path and query at most.", self.0.line);
            return Err(Problem::new(ErrorKind::UriTooLong, "line_too_long", title));
        }
        let headers = request.headers();
        let bytes: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        if headers.len() > self.0.headers || bytes > self.0.header_bytes {
            let title = format!("Send {} headers of {} bytes together at most.", self.0.headers, self.0.header_bytes);
            return Err(Problem::new(ErrorKind::HeadersTooLarge, "headers_too_large", title));
        }
        Ok(())
    }

    /// The first rule that allows or blocks decides; those that only count go on to the next.
    fn judge(&self, seen: &Seen<'_>) -> Result<(), Problem> {
        for rule in self.0.rules.iter().filter(|rule| rule.fits(seen)) {
            match rule.action {
                RuleAction::Allow => return Ok(()),
                RuleAction::Count => tracing::info!(rule = rule.name, "a rule would have acted"),
                RuleAction::Block => {
                    tracing::info!(rule = rule.name, "a rule blocked a request");
                    return Err(Problem::new(ErrorKind::Forbidden, "blocked", "Requests like this one are not let in here."));
                }
            }
        }
        Ok(())
    }
}
