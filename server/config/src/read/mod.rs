//! From text to typed settings, with every mistake told at once.
//!
//! Why neither the crate `config` nor serde's derive does this: both stop at the first mistake, `config` forgets the line a value came
//! from and reads every environment variable as whatever it happens to look like, and an internally tagged enum (`kind`) forgets the
//! path as well. An operator with five mistakes should start Portreeve twice, not six times. So `toml` parses, with spans, into a tree
//! whose every value knows its [`Place`]; the sources are laid over each other; and a [`Reader`] hands each setting to its type and
//! collects what is wrong.

mod each;
mod environment;
mod file;
mod leaf;
mod macros;
mod named;
mod problem;
mod reader;
mod show;
mod tree;

pub use each::Each;
pub(crate) use environment::tree as environment;
pub(crate) use file::{read as file, text as toml_text};
pub(crate) use leaf::Leaf;
pub(crate) use macros::{kinds, settings, words};
pub use named::Named;
pub use problem::{Errors, Place, Problem};
pub(crate) use reader::{Bound, Conflict, Given, Read, Reader, Reported, Section};
pub(crate) use show::Shown;
pub(crate) use tree::{Node, Raw, Table, Value, overlay, without_password};
