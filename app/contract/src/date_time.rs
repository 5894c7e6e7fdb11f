//! Moments on the wire: RFC 3339, in UTC.

/// As the server reckons with it.
#[cfg(not(target_arch = "wasm32"))]
pub type DateTime = chrono::DateTime<chrono::Utc>;

/// As it came: browsers have clocks and calendars of their own, so chrono need not be loaded into them.
#[cfg(target_arch = "wasm32")]
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct DateTime(String);

#[cfg(target_arch = "wasm32")]
impl DateTime {
    /// As chrono's method of this name writes it.
    pub fn to_rfc3339(&self) -> String {
        self.0.clone()
    }
}

/// Writes one in one piece, where chrono hands over each digit to be looked at alone: for what is answered most.
pub(crate) fn write<S: serde::Serializer>(moment: &DateTime, serializer: S) -> Result<S::Ok, S::Error> {
    #[cfg(not(target_arch = "wasm32"))]
    return serializer.serialize_str(&moment.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true));
    #[cfg(target_arch = "wasm32")]
    return serde::Serialize::serialize(moment, serializer);
}
