//! In the process that makes a change.

use super::{AT_ONCE, acts::all_are_seen, counts, remembered};
use crate::support::TestApp;

#[tokio::test]
async fn a_second_request_reads_no_row() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let read = ada.profile().await.ok().text;
    assert_eq!(remembered(&app, || ada.profile()).await.ok().text, read);
}

#[tokio::test]
async fn whatever_is_changed_is_so_with_the_next_request() {
    let app = TestApp::start().await;
    all_are_seen(&app, &app, AT_ONCE).await;
}

#[tokio::test]
async fn nobody_is_remembered_where_nobody_is_to_be() {
    let app = TestApp::start_with(&[("PORTREEVE__TOKENS__CACHE_CALLERS", "false")]).await;
    let ada = app.person("ada").await;
    let begun = std::time::Instant::now();
    // As long as it takes to look at the events, where somebody does.
    while begun.elapsed() < super::A_SECOND {
        ada.reads_profile().await;
    }
    assert_eq!(counts(&app).hits, 0);
}
