//! Runs the example `messages`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match ttvm_embedding::messages::squares_of(&[1, 2, 3, 4, 5]) {
        Ok(squares) => {
            println!("squares: {squares:?}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
