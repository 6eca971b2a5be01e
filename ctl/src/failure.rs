//! What went wrong, for people and for programs: a code to branch on, what happened, and what helps.

use std::borrow::Cow;

use daymark_core::causes::causes;
use daymark_engine::api::problem::{Problem, ProblemCode};
use daymark_engine::config::ConfigError;
use daymark_engine::launch::LaunchError;
use serde::Serialize;

/// A failure as a program reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub error: String,
    pub message: String,
    /// Empty where the message says all there is to do.
    pub remedy: Cow<'static, str>,
}

impl Failure {
    pub fn new(error: &str, message: impl Into<String>, remedy: impl Into<Cow<'static, str>>) -> Self {
        Failure { error: error.into(), message: message.into(), remedy: remedy.into() }
    }

    pub fn of(error: &anyhow::Error) -> Self {
        if let Some(failure) = error.downcast_ref::<Failure>() {
            return failure.clone();
        }
        let message = causes(error.as_ref());
        match error.chain().find_map(|cause| cause.downcast_ref::<Problem>()) {
            Some(problem) => Failure::new(&name(problem.code), message, remedy(problem.code)),
            None => not_opened(error, message),
        }
    }
}

/// What kept the engine from opening says in one text what happened and what helps; a program wants them apart.
fn not_opened(error: &anyhow::Error, message: String) -> Failure {
    let helps = error.chain().find_map(|cause| match cause.downcast_ref::<LaunchError>() {
        Some(launch) => launch.remedy(),
        None => cause.downcast_ref::<ConfigError>().map(|config| config.remedy().to_owned()),
    });
    let Some(helps) = helps else {
        return Failure::new("failed", message, "");
    };
    let happened = match message.split_once(&helps) {
        Some((before, after)) => format!("{}{after}", before.trim_end_matches([' ', '.', ':', ';'])),
        None => message,
    };
    Failure::new("failed", happened, helps)
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
        ProblemCode::NoKeyring => "unlock or start the keyring, or choose in the app where sign-ins are kept",
        ProblemCode::Offline | ProblemCode::ProviderFailing => "check the network and try again later",
        ProblemCode::ServerUnreachable => "check the address, and whether this computer is online",
        ProblemCode::DiskFull => "free some space and try again",
        ProblemCode::DatabaseLocked => "close the other program and try again",
        ProblemCode::Database => "check the disk and the folder, and try again",
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
        assert_eq!((failure.error.as_str(), &*failure.remedy), ("not_read_yet", "run daymarkctl sync first"));
        assert!(failure.message.contains("cannot be saved") && failure.message.contains("to its end"));
    }

    #[test]
    fn what_has_no_code_is_still_an_object_with_all_three() {
        let said = serde_json::to_value(Failure::of(&anyhow::anyhow!("nothing there"))).unwrap();
        assert_eq!(said, serde_json::json!({"error": "failed", "message": "nothing there", "remedy": ""}));
    }
}
