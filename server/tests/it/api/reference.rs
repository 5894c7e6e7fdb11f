//! `/docs`: the reference, which nothing of the internet is needed for. What it does in a browser is tested in one.

use crate::support::TestApp;

#[tokio::test]
async fn all_that_the_reference_loads_is_here() {
    let app = TestApp::start().await;
    let page = app.get("/docs").await.ok();
    assert_eq!(page.headers["content-type"], "text/html; charset=utf-8");
    assert!(page.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'; script-src 'self'"));
    let loaded: Vec<_> = ["src=\"", "href=\""].into_iter().flat_map(|attribute| page.text.split(attribute).skip(1)).collect();
    let mut files = 0;
    for address in loaded.into_iter().filter_map(|rest| rest.split('"').next()) {
        assert!(address.starts_with('/') && !address.starts_with("//"), "{address} is elsewhere");
        // The rest is the site's, which a test's server has none of.
        if !address.starts_with("/docs") && !address.starts_with("/v1") {
            continue;
        }
        let answer = app.get(address).await;
        assert_eq!(answer.status, 200, "{address}");
        let kind = answer.headers["content-type"].to_str().unwrap();
        match address.rsplit('.').next() {
            Some("css") => assert!(kind.starts_with("text/css"), "{address}: {kind}"),
            Some("js") => assert!(kind.starts_with("text/javascript") || kind.starts_with("application/javascript"), "{address}: {kind}"),
            _ => continue,
        }
        files += 1;
    }
    assert_eq!(files, 5);
    assert_eq!(app.get("/docs/index.html").await.status, 404);
}
