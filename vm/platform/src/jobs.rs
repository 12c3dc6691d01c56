//! Work that blocks (files, commands, name look-ups) goes to threads of its own: never to a scheduler's.

/// Runs `job` on a thread where blocking disturbs nobody. Threads are started as needed and end when idle.
pub fn run(job: impl FnOnce() + Send + 'static) {
    blocking::unblock(job).detach();
}
