//! The binary `portreeve`.

// A page is one type as deep as its markup.
#![recursion_limit = "512"]

#[global_allocator]
static ALLOCATOR: portreeve_memory::Allocator = portreeve_memory::Allocator;

fn main() -> std::process::ExitCode {
    portreeve::cli::run()
}
