use std::time::Duration;

use crate::read::settings;
use crate::values::{DAY, MINUTE, Size, within};

settings! {
    /// What people may upload, and how long what they threw away is kept.
    pub struct Files {
        /// Of one file.
        max_size: Size => within(Size::from_bytes(1)..=Size::from_bytes(5 << 40)),
        /// Files that one person may have, unfinished and trashed ones included.
        max_files: u32 => within(1..=1_000_000_000),
        /// Their bytes.
        max_bytes: Size => within(Size::from_bytes(1)..=Size::from_bytes(1 << 50)),
        /// Unfinished uploads that one person may have.
        max_uploads: u32 => within(1..=100_000),
        /// Of an unfinished upload, from its last byte on.
        upload_lifetime: Duration => within(MINUTE..=30 * DAY),
        /// Between throwing a file away and its erasure.
        trash_lifetime: Duration => within(MINUTE..=365 * DAY),
    }
}
