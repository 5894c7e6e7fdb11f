//! The consumer `store-files`.

use std::sync::Arc;

use portreeve_services::Services;
use tokio_util::sync::CancellationToken;

pub(super) async fn run(services: Services, stop: CancellationToken) {
    let handler = services.files.store_files();
    services.stream().consume(handler.consumer(), Arc::new(handler), stop).await;
}
