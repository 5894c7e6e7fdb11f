use serde_json::json;

use crate::support::TestApp;

#[tokio::test]
async fn a_name_is_kept_as_it_was_written_whatever_it_holds() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    for name in ["Robert'); DROP TABLE users;--", "<script>alert(1)</script>", "عَلِيّ بن أبي", "👩‍🚀 \"Ada\" & Co", "%s %d \\ {{ name }}"]
    {
        let changed = ada.call("users/update_profile", &json!({ "change": { "name": name } })).await.ok().json();
        assert_eq!(changed["name"], name);
        assert_eq!(ada.reads_profile().await["name"], name);
    }
}

#[tokio::test]
async fn a_name_that_deceives_is_refused_and_nothing_changes() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    for (name, code) in
        [("", "required"), ("a\u{0}b", "invisible_characters"), ("a\u{202e}b", "invisible_characters"), (&*"x".repeat(101), "too_long")]
    {
        ada.call("users/update_profile", &json!({ "change": { "name": name } })).await.assert_fields(&[("/name", code)]);
    }
    assert_eq!(ada.reads_profile().await["name"], "ada");
}

#[tokio::test]
async fn what_is_absent_stays() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    ada.call("users/update_profile", &json!({ "change": {} })).await.ok();
    assert_eq!(ada.reads_profile().await["name"], "ada");
}
