//! What a release has that other builds have not: the site in its binary, and its functions in the order in which they are wanted.
#![allow(clippy::print_stdout, reason = "this is how a build script speaks to cargo")]

mod layout;
mod site;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed=build");
    site::embed()?;
    layout::arrange()
}
