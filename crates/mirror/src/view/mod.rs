//! What is read: each view in the form that its readers need, and nothing written.

pub(crate) mod agenda;
pub(crate) mod blocks;
pub(crate) mod busy;
pub(crate) mod conflicts;
pub(crate) mod contents;
pub(crate) mod journal;
pub(crate) mod search;
