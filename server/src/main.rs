//! The binary `portreeve`.

fn main() -> std::process::ExitCode {
    portreeve::cli::run()
}
