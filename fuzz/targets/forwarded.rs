//! Whatever a client forged, what our own proxy appended counts, or nothing of it does.

#![no_main]

use std::net::IpAddr;

use http::HeaderMap;
use ipnet::IpNet;
use libfuzzer_sys::fuzz_target;
use portreeve_config::ForwardedBy;
use portreeve_gateway::fuzzing::{forwarded, nearest};

const CLIENT: &str = "198.51.100.1";

fuzz_target!(|forged: &[u8]| {
    let (proxy, stranger): (IpAddr, IpAddr) = ([10, 0, 0, 1].into(), [203, 0, 113, 9].into());
    let ours: [IpNet; 1] = ["10.0.0.0/8".parse().expect("a network")];
    let client: IpAddr = CLIENT.parse().expect("an address");

    for (by, name, appended) in
        [(ForwardedBy::XForwardedFor, "x-forwarded-for", CLIENT.to_owned()), (ForwardedBy::Forwarded, "forwarded", format!("for={CLIENT}"))]
    {
        let Some(alone) = portreeve_fuzz::header(name, forged) else { return };
        assert_eq!(nearest(stranger, &alone, by, &ours), stranger, "a stranger is believed");

        // As proxies do it: at the end of the line, or on a line of its own.
        let mut line = forged.to_vec();
        line.extend_from_slice(format!(", {appended}").as_bytes());
        let joined: HeaderMap = portreeve_fuzz::header(name, &line).expect("a value");
        let found = nearest(proxy, &joined, by, &ours);
        assert!(found == client || found == proxy, "{found} is neither the client's nor the proxy's");
        let mut apart = alone.clone();
        apart.append(name, appended.parse().expect("a value"));
        assert_eq!(nearest(proxy, &apart, by, &ours), client);
    }

    // What can be read means the same behind what can be read.
    if let Ok(text) = std::str::from_utf8(forged)
        && let Some(names) = forwarded(text)
    {
        let twice = forwarded(&format!("{text}, {text}")).expect("twice what can be read");
        assert_eq!(twice, [names.clone(), names].concat());
    }
});
