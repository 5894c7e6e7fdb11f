//! Files over the API.

mod chaos;
mod content;
mod half_way;
mod hostile;
mod load;
mod outages;
mod proof;
mod upload_whole;
mod uploads;
