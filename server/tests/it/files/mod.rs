//! Files over the API.

mod upload_whole;
mod uploads;
