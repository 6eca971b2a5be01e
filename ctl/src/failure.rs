//! What went wrong, for people and for programs: a code to branch on, what happened, and what helps.

use daymark_core::causes::causes;
use daymark_engine::api::problem::{Problem, ProblemCode};
use serde::Serialize;

/// A failure as a program reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    pub error: String,
    pub message: String,
    /// Empty where the message says all there is to do.
    pub remedy: &'static str,
}

impl Failure {
    pub fn new(error: &str, message: impl Into<String>, remedy: &'static str) -> Self {
        Failure { error: error.into(), message: message.into(), remedy }
    }

    pub fn of(error: &anyhow::Error) -> Self {
        let message = causes(error.as_ref());
        match error.chain().find_map(|cause| cause.downcast_ref::<Problem>()) {
            Some(problem) => Failure { error: name(problem.code), message, remedy: remedy(problem.code) },
            None => Failure::new("failed", message, ""),
        }
    }
}

/// The code as every UI has it.
fn name(code: ProblemCode) -> String {
    let name = serde_json::to_value(code).ok();
    name.as_ref().and_then(|name| name.as_str()).unwrap_or("failed").to_owned()
}

/// What helps at a terminal, where the message does not say it itself.
fn remedy(code: ProblemCode) -> &'static str {
    match code {
        ProblemCode::NotACalendar => "check that the file is an iCalendar file",
        ProblemCode::BadFeedAddress => "give an address that begins with https:// or webcal://",
        ProblemCode::NotReadYet => "run daymarkctl sync first",
        ProblemCode::NotFound => "daymarkctl accounts lists what is there",
        ProblemCode::NoKeyring => "unlock or start the keyring, or choose another store in config.toml",
        ProblemCode::Offline | ProblemCode::ProviderFailing => "check the network and try again later",
        ProblemCode::Database => "check that the disk is not full, and try again",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_of_the_engine_keeps_its_code_under_other_words() {
        let problem = Problem::new(ProblemCode::NotReadYet, "not read to its end so far");
        let failure = Failure::of(&anyhow::Error::from(problem).context("the calendar cannot be saved"));
        assert_eq!((failure.error.as_str(), failure.remedy), ("not_read_yet", "run daymarkctl sync first"));
        assert!(failure.message.contains("cannot be saved") && failure.message.contains("to its end"));
    }

    #[test]
    fn what_has_no_code_is_still_an_object_with_all_three() {
        let said = serde_json::to_value(Failure::of(&anyhow::anyhow!("nothing there"))).unwrap();
        assert_eq!(said, serde_json::json!({"error": "failed", "message": "nothing there", "remedy": ""}));
    }
}
