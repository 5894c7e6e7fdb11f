//! Files over the API.

mod content;
mod hostile;
mod upload_whole;
mod uploads;
