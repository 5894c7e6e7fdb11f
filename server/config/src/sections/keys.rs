use std::path::PathBuf;
use std::time::Duration;

use crate::read::settings;
use crate::values::{DAY, within};

settings! {
    /// Keys that sign tokens, and the one that seals all others.
    pub struct Keys {
        /// Relative to `data.path`; made at the first start, readable by its owner only.
        master_key_file: PathBuf,
        /// How long a signing key signs.
        rotation: Duration => within(DAY..=365 * DAY),
    }
}
