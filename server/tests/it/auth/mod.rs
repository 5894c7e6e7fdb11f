//! Signing up, in and out.

mod delete_account;
mod passwords;
mod refresh;
mod setup;
mod sign_in;
mod sign_up;
mod throttle;
mod verify_email;
