//! Services of one's own behind the gateway: which request goes to which of them, and how.

mod admitted;
mod balance;
mod body;
mod connections;
mod endpoint;
mod forward;
pub(crate) mod headers;
mod health;
mod path;
mod tls;
mod tunnel;

use std::{
    sync::{Arc, atomic::AtomicU64},
    time::Duration,
};

use axum::extract::Request;
use http::HeaderValue;
use portreeve_config::{Access, Gateway as Config, Upstream as Settings};
use portreeve_contract::{ErrorKind, Problem};
use url::{Position, Url};

pub(crate) use self::forward::forward;
pub use self::tls::Error;
use self::{balance::Balance, path::PathPrefix};
use crate::{
    cors::Cors,
    firewall::{Host, path as reading},
};

/// All of them. Empty, unless the operator wrote some.
#[derive(Clone, Debug, Default)]
pub struct Upstreams(Arc<[Arc<Upstream>]>);

/// One of them.
#[derive(Debug)]
pub(crate) struct Upstream {
    /// Whom its tokens are for.
    pub(crate) audience: Arc<str>,
    /// Which pages of other origins may use it.
    pub(crate) cors: Cors,
    settings: Settings,
    path: PathPrefix,
    /// Portreeve's own name, if it answers on that one.
    own_host: Option<HeaderValue>,
    token_lifetime: Duration,
    balance: Arc<Balance>,
    tries: Tries,
}

/// What came of asking its targets.
#[derive(Debug, Default)]
struct Tries {
    answered: AtomicU64,
    failed: AtomicU64,
}

impl Upstreams {
    /// Reads their certificates and begins to look after their targets, for as long as anybody holds this.
    ///
    /// # Errors
    /// [`Error`] for certificates that are no use.
    pub fn open(config: &Config, public_url: &Url) -> Result<Self, Error> {
        let own_host = HeaderValue::try_from(&public_url[Position::BeforeHost..Position::AfterPort]).ok();
        let open = |settings: &Settings| {
            Ok(Arc::new(Upstream {
                audience: settings.name.as_str().into(),
                path: PathPrefix::new(&settings.path),
                cors: Cors::of_an_upstream(&settings.allowed_origins, config.cors.max_age),
                own_host: own_host.clone().filter(|_| settings.host.is_none()),
                token_lifetime: config.token_lifetime,
                balance: Balance::start(settings)?,
                settings: settings.clone(),
                tries: Tries::default(),
            }))
        };
        let mut all = config.upstream.iter().map(open).collect::<Result<Vec<_>, Error>>()?;
        // The longest path that fits is meant.
        all.sort_by_key(|upstream| std::cmp::Reverse(upstream.settings.path.len()));
        Ok(Self(all.into()))
    }

    /// Whose the request is, if it is not Portreeve's own: a name that belongs to an upstream is wholly its own, and on all others paths decide.
    ///
    /// # Errors
    /// One for the name of an upstream, where it has nothing; and one for a path that is another upstream's for who takes its encoding, parameters and capitals off.
    pub(crate) fn find(&self, request: &Request) -> Result<Option<&Arc<Upstream>>, Problem> {
        if self.0.is_empty() {
            return Ok(None);
        }
        let host = Host::of(request)?;
        let is_its = |upstream: &&Arc<Upstream>| upstream.settings.host.as_deref().is_some_and(|name| host.is(name));
        let named = self.0.iter().any(|upstream| is_its(&upstream));
        let path = request.uri().path();
        let fitting = || self.0.iter().filter(|upstream| if named { is_its(upstream) } else { upstream.settings.host.is_none() });
        match fitting().find(|upstream| upstream.path.holds(path)) {
            Some(upstream) => {
                // Which of them it is decides who may come in, and the service behind it may well read on from there.
                let plain = reading::plain(path)?;
                let plain = reading::without_parameters(&plain);
                let read = fitting().find(|upstream| upstream.path.holds_in_any_case(&plain));
                if read.is_some_and(|read| Arc::ptr_eq(read, upstream)) { Ok(Some(upstream)) } else { Err(ambiguous()) }
            }
            // Nothing of Portreeve's own answers there.
            None if named => Err(Problem::new(ErrorKind::NotFound, "not_found", "There is nothing here.")),
            None => Ok(None),
        }
    }
}

fn ambiguous() -> Problem {
    let title = "Write the path as the service is known by: without encoded letters, parameters in its segments, and other capitals.";
    Problem::new(ErrorKind::Malformed, "path_refused", title)
}

impl Upstream {
    /// What the operator calls it, in logs and metrics.
    pub(crate) fn name(&self) -> &str {
        &self.settings.name
    }

    fn is_public(&self) -> bool {
        self.settings.access == Access::Public
    }

    /// Whether it answers on Portreeve's own name.
    fn is_on_own_host(&self) -> bool {
        self.settings.host.is_none()
    }

    /// What a browser is told of all that it answers.
    pub(crate) fn guard(&self, headers: &mut http::HeaderMap) {
        headers.insert(http::header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
        if self.is_on_own_host() {
            // Beside whatever it says itself: a browser keeps to all policies. Its scripts could read what our pages keep.
            headers.append(http::header::CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox; frame-ancestors 'none'"));
        }
    }
}
