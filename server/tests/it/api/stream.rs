use serde_json::json;

use super::send;
use crate::support::TestApp;

#[tokio::test]
async fn administrators_look_after_the_stream() {
    let app = TestApp::start().await;
    let master = app.admin("master").await;
    let info = master.get("/v1/stream").await.ok().json();
    assert!(info["last"].as_i64().unwrap() > 0, "{info}");
    assert_eq!(send(&master, "POST", "/v1/stream/replay", &json!({ "consumer": "store-files", "from": "beginning" })).await.status, 202);
    let nowhere = json!({ "consumer": "store-files", "from": "the day after tomorrow" });
    send(&master, "POST", "/v1/stream/replay", &nowhere).await.assert_fields(&[("/from", "no_point")]);
    let nobody = json!({ "consumer": "nobody", "from": "0" });
    send(&master, "POST", "/v1/stream/replay", &nobody).await.assert_problem(404, "consumer_not_found");

    assert_eq!(master.get("/v1/dead-letters").await.ok().json(), json!({ "items": [], "next": null }));
    let missing = "/v1/dead-letters/00000000-0000-7000-8000-000000000000";
    master.get(missing).await.assert_problem(404, "dead_letter_not_found");
    send(&master, "POST", &format!("{missing}/redrive"), &json!({})).await.assert_problem(404, "dead_letter_not_found");
    send(&master, "DELETE", missing, &json!({})).await.assert_problem(404, "dead_letter_not_found");
    assert_eq!(send(&master, "POST", "/v1/dead-letters/redrive", &json!({})).await.ok().json(), json!({ "count": 0 }));
}
