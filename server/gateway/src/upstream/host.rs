//! Which host a request is for (RFC 9112 §3.2).

use axum::extract::Request;
use http::{header, uri::Authority};
use portreeve_contract::{ErrorKind, Problem};

/// As the request names it.
#[derive(Debug)]
pub(super) struct Host<'a>(&'a str);

impl<'a> Host<'a> {
    /// From the target (HTTP/2's `:authority`, or an absolute URI), else from the `Host` header.
    pub(super) fn of(request: &'a Request) -> Result<Self, Problem> {
        let header = request.headers().get(header::HOST);
        if let Some(authority) = request.uri().authority() {
            return Ok(Self(authority.host()));
        }
        let Some(header) = header else { return Ok(Self("")) };
        let text = header.to_str().map_err(|_| refused())?;
        if text.is_empty() {
            return Ok(Self(""));
        }
        // Only to see that it is one: what it gives lives as long as itself.
        let authority: Authority = text.parse().map_err(|_| refused())?;
        if text.contains('@') {
            return Err(refused());
        }
        Ok(Self(&text[..authority.host().len()]))
    }

    /// Whether it is that name. A dot at the end names the same.
    pub(super) fn is(&self, name: &str) -> bool {
        self.0.strip_suffix('.').unwrap_or(self.0).eq_ignore_ascii_case(name)
    }
}

/// Refuses a request that names two.
pub(super) fn check(request: &Request) -> Result<(), Problem> {
    let mut headers = request.headers().get_all(header::HOST).iter();
    if headers.nth(1).is_some() { Err(refused()) } else { Ok(()) }
}

fn refused() -> Problem {
    Problem::new(ErrorKind::Malformed, "host_refused", "Name one host.")
}

/// What is said below a name of an upstream's own where no upstream is.
pub(super) fn nothing() -> Problem {
    Problem::new(ErrorKind::NotFound, "not_found", "There is nothing here.")
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn host(uri: &str, hosts: &[&str]) -> Result<String, String> {
        let mut request = Request::builder().uri(uri);
        for host in hosts {
            request = request.header("host", *host);
        }
        let request = request.body(Body::empty()).unwrap();
        check(&request).and_then(|()| Host::of(&request)).map(|host| host.0.to_owned()).map_err(|problem| problem.code)
    }

    #[test]
    fn one_host_is_found_wherever_it_stands() {
        assert_eq!(host("/", &["a.example:8080"]).unwrap(), "a.example");
        assert_eq!(host("/", &["[::1]:8080"]).unwrap(), "[::1]");
        assert_eq!(host("http://b.example/x", &["a.example"]).unwrap(), "b.example");
        assert_eq!(host("/", &[]).unwrap(), "");
        assert!(Host("Shop.Example.Org.").is("shop.example.org"));
    }

    #[test]
    fn two_hosts_or_rubbish_are_refused() {
        for hosts in [&["a.example", "b.example"][..], &["a.example", "a.example"], &["a b"], &["user@a.example"], &["a/b"]] {
            assert_eq!(host("/", hosts).unwrap_err(), "host_refused", "{hosts:?}");
        }
    }
}
