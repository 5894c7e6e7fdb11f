//! One contract a port, held to by every engine, and what only one engine can get wrong.

mod objects;
mod staging;
mod support;
mod syncs;
