//! `next=` leads nowhere but here, as a browser reads it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use portreeve_app::next::{local_path, with_next};
use url::{Url, form_urlencoded};

fuzz_target!(|next: &str| {
    let here = Url::parse("https://portreeve.example/sign-in").expect("a URL");
    if let Some(path) = local_path(next) {
        assert_eq!(here.join(path).map(|there| there.origin()), Ok(here.origin()), "{path:?}");
    }
    // Carried through a query it is the same, or nothing.
    let page = here.join(&with_next("/sign-in", Some(next))).expect("a page");
    assert_eq!(page.origin(), here.origin());
    let carried = form_urlencoded::parse(page.query().unwrap_or_default().as_bytes()).find(|(name, _)| name == "next");
    match (local_path(next), carried) {
        (Some(path), Some((_, carried))) => assert_eq!(path, carried),
        (Some("/") | None, None) => {}
        other => panic!("{other:?}"),
    }
});
