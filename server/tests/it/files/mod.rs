//! Files over the API.

mod chaos;
mod content;
mod events;
mod half_way;
mod hostile;
mod in_flight;
mod list;
mod load;
mod outages;
mod proof;
mod restored;
mod upload_whole;
mod uploads;
