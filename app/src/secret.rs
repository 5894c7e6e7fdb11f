//! Forms that hold a password or a token.

use serde::{Deserialize, Serialize};

/// A server function's argument that must not be printed: Leptos derives `Debug` for the arguments of every server function.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret<T>(pub T);

impl<T> std::fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}
