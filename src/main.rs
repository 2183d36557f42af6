//! The `sendpool` command: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    sendpool::cli::main()
}
