use std::path::PathBuf;

use crate::read::settings;

settings! {
    /// The folder of everything that is kept on this machine.
    pub struct Data {
        /// Relative to the working directory.
        path: PathBuf,
    }
}
