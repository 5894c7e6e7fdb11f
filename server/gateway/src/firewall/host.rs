//! Which host a request is for (RFC 9112 §3.2, RFC 9113 §8.3.1).

use http::{HeaderMap, HeaderValue, Request, Version, header, uri::Authority};
use portreeve_contract::{ErrorKind, Problem};

/// As the request names it.
#[derive(Debug)]
pub(crate) struct Host<'a>(&'a str);

impl<'a> Host<'a> {
    /// From the target (HTTP/2's `:authority`, or an absolute URI), and from the `Host` header. Empty only for HTTP/1.0, which may name none.
    ///
    /// # Errors
    /// A request that names none or two, or something that is no host: whoever stands before or behind us might go by the other one.
    pub(crate) fn of<B>(request: &'a Request<B>) -> Result<Self, Problem> {
        let named = header(request.headers())?;
        let target = match request.uri().authority() {
            Some(authority) => Some(host(authority.as_str())?),
            None => None,
        };
        match (target, named) {
            (Some(target), Some(named)) if !target.eq_ignore_ascii_case(named) => Err(refused()),
            (Some(host), _) | (None, Some(host)) => Ok(Self(host)),
            (None, None) if request.version() <= Version::HTTP_10 => Ok(Self("")),
            (None, None) => Err(refused()),
        }
    }

    /// Whether it is that name. A dot at the end names the same.
    pub(crate) fn is(&self, name: &str) -> bool {
        self.0.strip_suffix('.').unwrap_or(self.0).eq_ignore_ascii_case(name)
    }
}

/// The host in the one `Host` header.
fn header(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let mut all = headers.get_all(header::HOST).iter();
    let first = all.next().map(HeaderValue::to_str).transpose().map_err(|_| refused())?;
    if all.next().is_some() {
        return Err(refused());
    }
    first.map(host).transpose()
}

/// What stands before the port. A name that URIs can hold and no name service knows (`a|b`, `*`) names nothing of ours, and is answered as such.
fn host(text: &str) -> Result<&str, Problem> {
    // Most are nothing but a name and perhaps a port, for which nobody has to ask.
    let (name, port) = text.split_once(':').unwrap_or((text, "80"));
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    if !name.is_empty() && name.bytes().all(is_name) && (1..=4).contains(&port.len()) && port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(name);
    }
    // Only to see that it is one: what it gives lives as long as itself.
    let authority: Authority = text.parse().map_err(|_| refused())?;
    if text.contains('@') || authority.host().is_empty() {
        return Err(refused());
    }
    let (host, port) = text.split_at(authority.host().len());
    let is_port = port.is_empty() || port == ":" || authority.port_u16().is_some();
    if is_port { Ok(host) } else { Err(refused()) }
}

fn refused() -> Problem {
    Problem::new(ErrorKind::Malformed, "host_refused", "Name one host.")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(version: Version, uri: &str, hosts: &[&str]) -> Result<String, String> {
        let mut request = Request::builder().version(version).uri(uri);
        for host in hosts {
            request = request.header("host", *host);
        }
        let request = request.body(()).unwrap();
        Host::of(&request).map(|host| host.0.to_owned()).map_err(|problem| problem.code)
    }

    #[test]
    fn one_host_is_found_wherever_it_stands() {
        let found = |uri, hosts: &[&str]| find(Version::HTTP_11, uri, hosts).unwrap();
        assert_eq!(found("/", &["a.example:8080"]), "a.example");
        assert_eq!(found("/", &["[::1]:8080"]), "[::1]");
        assert_eq!(found("http://a.example/x", &["A.example:80"]), "a.example");
        assert_eq!(find(Version::HTTP_2, "https://a.example/x", &[]).unwrap(), "a.example");
        assert_eq!(find(Version::HTTP_10, "/", &[]).unwrap(), "");
        assert!(Host("Shop.Example.Org.").is("shop.example.org"));
    }

    #[test]
    fn two_hosts_none_or_rubbish_are_refused() {
        for hosts in [
            &["a.example", "b.example"][..],
            &["a.example", "a.example"],
            &["a b"],
            &["user@a.example"],
            &["a/b"],
            &["a.example:80:80"],
            &["a.example:x"],
            &["a.example:99999"],
            &[":80"],
            &[""],
            &[],
        ] {
            assert_eq!(find(Version::HTTP_11, "/", hosts).unwrap_err(), "host_refused", "{hosts:?}");
        }
        assert_eq!(find(Version::HTTP_11, "http://b.example/x", &["a.example"]).unwrap_err(), "host_refused");
        assert_eq!(find(Version::HTTP_11, "http://user@a.example/x", &["a.example"]).unwrap_err(), "host_refused");
    }
}
