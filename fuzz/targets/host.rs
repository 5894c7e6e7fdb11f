//! Whom a request is for: no two readers of it may find two hosts.

#![no_main]

use http::{HeaderValue, Request, header};
use libfuzzer_sys::fuzz_target;
use portreeve_gateway::fuzzing::is_for;
use url::Url;

fuzz_target!(|data: &[u8]| {
    let mut lines = portreeve_fuzz::lines(data);
    let Ok(target) = http::Uri::try_from(lines.next().unwrap_or_default()) else { return };
    let mut request = Request::new(());
    let hosts: Vec<&[u8]> = lines.collect();
    for host in &hosts {
        let Ok(value) = HeaderValue::from_bytes(host) else { return };
        request.headers_mut().append(header::HOST, value);
    }
    let authority = target.authority().map(ToString::to_string);
    *request.uri_mut() = target;
    if is_for(&request, "").is_none() {
        return;
    }

    let named = hosts.iter().filter_map(|host| std::str::from_utf8(host).ok()).map(str::to_owned).chain(authority);
    let mut found = 0;
    for name in named {
        found += 1;
        assert!(!name.contains(['@', '/', '\\', '?', '#', ' ']), "{name:?} is more than a host");
        if let Ok(url) = Url::parse(&format!("http://{name}/"))
            && url.host_str().is_some_and(|host| host.eq_ignore_ascii_case(name.rsplit_once(':').map_or(&*name, |(host, _)| host)))
        {
            let host = url.host_str().unwrap_or_default();
            assert_eq!(is_for(&request, host.strip_suffix('.').unwrap_or(host)), Some(true), "{name:?}");
        }
    }
    assert!(hosts.len() <= 1 && found > 0, "none, or two");
});
