//! tus 1.0.0 at `/v1/uploads`.

use crate::support::TestApp;

#[tokio::test]
async fn an_upload_in_parts_is_resumed_and_stored() {
    let app = TestApp::start().await;
    let ada = app.person("ada").await;
    let bytes: Vec<u8> = (0..300_000_u32).map(|n| (n % 253) as u8).collect();
    let upload = ada.create_upload(bytes.len(), "filename bG9nLmJpbg==").await;
    assert_eq!(upload.status, 201, "{}", upload.text);
    let location = upload.headers["location"].to_str().unwrap().to_owned();
    let first = ada.patch_upload(&location, 0, bytes[..100_000].to_vec(), &[]).await;
    assert_eq!((first.status.as_u16(), &first.headers["upload-offset"]), (204, &"100000".parse().unwrap()));
    ada.patch_upload(&location, 50_000, bytes[50_000..].to_vec(), &[]).await.assert_problem(409, "wrong_offset");
    let head = ada.head_upload(&location).await;
    assert_eq!((&head.headers["upload-offset"], &head.headers["upload-length"]), (&"100000".parse().unwrap(), &"300000".parse().unwrap()));
    let last = ada.patch_upload(&location, 100_000, bytes[100_000..].to_vec(), &[]).await;
    assert_eq!(last.status, 204, "{}", last.text);
    let id = location.rsplit('/').next().unwrap();
    let stored = ada.stored_file(id).await;
    assert_eq!((&stored["name"], &stored["size"]), (&"log.bin".into(), &300_000.into()));
    assert_eq!(ada.head_upload(&location).await.headers["upload-offset"], "300000");
}
