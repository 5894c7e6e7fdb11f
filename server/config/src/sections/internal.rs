use std::net::SocketAddr;

use crate::read::settings;

settings! {
    /// The listener for whoever operates Portreeve: metrics and health.
    pub struct Internal {
        /// Where it listens; port 0 takes a free one.
        listen: SocketAddr,
    }
}
