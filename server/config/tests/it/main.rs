//! What an operator writes, and what comes of it.

mod defaults;
mod documentation;
mod mistakes;
mod plans;
mod sources;
mod support;
mod upstreams;
