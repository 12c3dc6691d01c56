//! `HTTP_GET` and `HTTP_POST`: programs with real servers on the loopback interface, run by the whole machine.

mod bodies;
mod hostile;
mod properties;
mod requests;
mod secure;
mod server;
