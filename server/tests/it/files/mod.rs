//! Files over the API.

mod chaos;
mod content;
mod hostile;
mod upload_whole;
mod uploads;
