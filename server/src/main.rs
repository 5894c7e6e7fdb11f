//! The binary `portreeve`.

// A page is one type as deep as its markup.
#![recursion_limit = "512"]

fn main() -> std::process::ExitCode {
    portreeve::cli::run()
}
