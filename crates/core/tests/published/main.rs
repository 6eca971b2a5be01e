//! The recurrence results that libical publishes, against Daymark's and against the crate `rrule` by itself.

#[cfg(test)]
mod cases;
