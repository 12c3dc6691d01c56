//! The reactor: one thread that waits for all sockets of a machine.
//!
//! Started on first use. Not here: what is waited for (`tcp.rs`, `udp.rs`, `http.rs`), whom it belongs to (`resources.rs`).

use std::{future::Future, io, sync::OnceLock, time::Duration};

use tokio::{
    runtime::{Builder, Handle, Runtime},
    sync::oneshot,
};
use ttvm_isa::{Fault, HostOperation};
use ttvm_platform::jobs::{self, Panicked};

use crate::arguments::host_fault;

/// Threads for looking up names, which the operating system offers as a blocking call only.
const LOOK_UPS_MAX: usize = 16;

/// The reactor of one machine.
#[derive(Debug, Default)]
pub(crate) struct Reactor(OnceLock<Runtime>);

impl Reactor {
    /// Where to start what waits.
    ///
    /// # Errors
    /// If the operating system has no thread left.
    pub fn handle(&self) -> io::Result<&Handle> {
        if self.0.get().is_none() {
            let runtime = Builder::new_multi_thread()
                .worker_threads(1)
                .max_blocking_threads(LOOK_UPS_MAX)
                .thread_name("ttvm-reactor")
                .enable_all()
                .build()?;
            if let Err(second) = self.0.set(runtime) {
                second.shutdown_background();
            }
        }
        Ok(self.0.get().expect("it was set above").handle())
    }
}

impl Drop for Reactor {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            // The last to let go of a machine may be one of its own threads, which cannot wait for itself.
            runtime.shutdown_background();
        }
    }
}

/// Waits for something, but no longer than this.
///
/// # Errors
/// What it gives, or that the time is over.
pub(crate) async fn within<T>(
    operation: HostOperation,
    timeout: Option<Duration>,
    work: impl Future<Output = Result<T, Fault>>,
) -> Result<T, Fault> {
    let Some(timeout) = timeout else { return work.await };
    match tokio::time::timeout(timeout, work).await {
        Ok(done) => done,
        Err(_) => Err(host_fault(operation, format_args!("timed out after {} ms", timeout.as_millis()))),
    }
}

/// Does what blocks or takes long where that disturbs nobody.
///
/// # Errors
/// What it panics with.
pub(crate) async fn elsewhere<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Panicked> {
    let (sender, receiver) = oneshot::channel();
    jobs::run(move || {
        // Nobody may wait for it any more.
        let _ = sender.send(jobs::caught(work));
    });
    receiver.await.expect("a job runs to its end, where it sends")
}
