//! What each program of ours does alike with the terminal that it was started from: it logs there, and ends with it.

pub mod ending;
pub mod log;
