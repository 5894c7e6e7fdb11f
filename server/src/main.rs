//! The binary `portreeve`.

// A page is one type as deep as its markup.
#![recursion_limit = "512"]

/// Under many small requests glibc's spends twice the time on memory.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    portreeve::cli::run()
}
