mod admin;
mod commands;
mod retention;
mod staging;
mod worker;
