//! What the lists have in common that are neither searched nor sorted.

use serde::{Deserialize, Serialize};

/// Which page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::IntoParams), into_params(parameter_in = Query))]
#[serde(deny_unknown_fields, default)]
pub struct PageQuery {
    /// `next` or `previous` of another page.
    pub cursor: Option<String>,
    /// Items a page: 1 to 100, 25 if absent.
    pub limit: Option<u64>,
}
