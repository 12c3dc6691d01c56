//! `HTTP_GET` and `HTTP_POST`: one request, the redirects that it meets, and the answer as a value.
//!
//! How a request is written is in `request.rs`, one exchange with one server in `exchange.rs`, whom we trust in
//! `trust.rs`. Every request has a connection of its own, which ends with it: whoever cancels a request has ended all of
//! it.

mod answer;
mod exchange;
mod request;
mod trust;

use std::{error::Error, time::Duration};

use ttvm_isa::{Fault, HostOperation};

use self::exchange::Exchanged;
pub(crate) use self::{
    request::Request,
    trust::{Trust, TrustSource},
};
use crate::{arguments::host_fault, guard::Guard, network::Made, reactor::within};

/// How long a request may take with all its redirects, unless the program says it.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Does all that a request asks for.
pub(crate) async fn perform(
    operation: HostOperation,
    guard: &Guard,
    request: Request,
    trust: &Trust,
    source: &TrustSource,
    timeout: Option<Duration>,
) -> Result<Made, Fault> {
    let work = async {
        let mut request = request;
        let mut redirects = 0;
        loop {
            match exchange::exchange(operation, guard, &request, trust, source).await? {
                Exchanged::Answer(answer) => return answer.into_made(operation),
                Exchanged::Redirect { status, location } => {
                    redirects += 1;
                    if redirects > request.redirects_max {
                        let error = format_args!("more than {} redirects", request.redirects_max);
                        return Err(host_fault(operation, error));
                    }
                    request = request.redirected(operation, status, &location)?;
                }
            }
        }
    };
    within(operation, Some(timeout.unwrap_or(REQUEST_TIMEOUT)), work).await
}

/// An error with all that caused it: the libraries' own say little without.
fn causes(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        let cause_text = cause.to_string();
        // Some say what caused them themselves.
        if !text.contains(&cause_text) {
            text = format!("{text}: {cause_text}");
        }
        next = cause.source();
    }
    text
}
