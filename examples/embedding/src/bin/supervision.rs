//! Runs the example `supervision`.

use std::process::ExitCode;

fn main() -> ExitCode {
    match ttvm_embedding::supervision::kill_the_baker() {
        Ok(restarted) => {
            println!("baker {} was killed, baker {} came", restarted.before, restarted.after);
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
