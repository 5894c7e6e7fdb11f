//! Who was let in, for what lives longer than a request.

use portreeve_services::Caller;

use crate::Gateway;

/// Whoever asked, as they were let in.
#[derive(Debug)]
pub(super) struct Admitted {
    pub(super) gateway: Gateway,
    pub(super) caller: Caller,
}

impl Admitted {
    /// Comes to an end with the session or key. A token's own end is none: it is renewed, and nothing of that comes over this connection.
    pub(super) async fn ended(self) {
        self.gateway.services.auth.ended(&self.caller).await;
    }
}
