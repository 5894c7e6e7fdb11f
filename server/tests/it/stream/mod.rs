mod admin;
mod commands;
mod staging;
mod worker;
