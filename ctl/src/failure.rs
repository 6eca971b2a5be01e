//! What went wrong, for people and for programs: a code to branch on, what happened, and what helps.

use std::borrow::Cow;

use daymark_core::causes::causes;
use daymark_engine::api::problem::{Problem, ProblemCode};
use daymark_engine::launch;
use serde::Serialize;

/// A failure as a program reads it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    pub error: String,
    pub message: String,
    pub remedy: Cow<'static, str>,
}

/// Where nothing better is known.
const LOOK_CLOSER: &str = "run the command again with DAYMARK_LOG=debug, which says more";

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
            None => {
                let (happened, helps) = launch::told(error.as_ref());
                Failure::new("failed", happened, helps.map_or(LOOK_CLOSER.into(), Cow::Owned))
            }
        }
    }
}

/// The code as every UI has it.
fn name(code: ProblemCode) -> String {
    let name = serde_json::to_value(code).ok();
    name.as_ref().and_then(|name| name.as_str()).unwrap_or("failed").to_owned()
}

/// What helps at a terminal. A new code gets its own: the compiler asks for it here.
fn remedy(code: ProblemCode) -> &'static str {
    use ProblemCode as P;
    match code {
        P::NotACalendar => "check that the file is an iCalendar file",
        P::BadFeedAddress => "give an address that begins with https:// or webcal://",
        P::NotReadYet => "run daymarkctl sync first",
        P::NotFound => "daymarkctl accounts lists what is there",
        P::NoKeyring => "unlock or start the keyring, or choose in the app where sign-ins are kept",
        P::ServerUnreachable => "check the address, and whether this computer is online",
        P::SentElsewhere => "open a web page: the network may want a sign-in of its own",
        P::DiskFull => "free some space and try again",
        P::DatabaseLocked => "close the other program and try again",
        P::Database => "check the disk and the folder, and try again",
        P::DatabaseDamaged => "start the app: it says what can be done about the database",
        P::FileNotSaved => "check the place, and whether you may write there",
        P::SecretsFile => "check that the file can be read and written by you",
        P::SecretsLocked => "set DAYMARK_PASSPHRASE to its passphrase",
        P::WrongPassphrase => "set DAYMARK_PASSPHRASE to the passphrase that the file was made with",
        P::PassphraseTooShort => "choose a longer passphrase",
        P::Offline | P::ProviderFailing => "check the network and try again later",
        P::ChangedSince | P::ConflictMoved => "look again, and repeat it if it is still wanted",
        P::BadSettings => "correct what the message names, in the app's settings",
        P::NoClientId | P::ClientRefused | P::ApiOff => {
            "an admin does what the README says under “Connect real accounts”"
        }
        P::BadRequest | P::Internal => "report it with the message and the command",
        P::ReadOnly => "choose a calendar that can be written",
        P::EndsBeforeStart | P::NoSuchYear => "give a time that a calendar can hold",
        P::TitleTooLong | P::LocationTooLong | P::DescriptionTooLong => "shorten the text",
        P::SeriesFixed | P::CannotUndo | P::AskAboutGuests => {
            "change the event in the app, or at its provider"
        }
        P::BadEnrolCode | P::RelayNotSecure | P::RelayRefused => "join the relay anew in the app",
        P::ProviderRefused => "look at the account in the app, which can test the connection",
        P::SignInByPolicy => {
            "an administrator of the organisation allows Daymark, then sign in again in the app"
        }
        P::SignInMismatch
        | P::SignInDenied
        | P::SignInEmbedded
        | P::SignInStrange
        | P::SignInCodeRefused
        | P::SignInRefused
        | P::SignInMalformed
        | P::SignInTimedOut
        | P::NoRefreshToken
        | P::MissingScope => "sign in again in the app",
        P::BadAddress | P::OtherServer | P::NotCaldav | P::NoCalendars => {
            "check the server's address in the app"
        }
        P::WrongPassword => "connect the account in the app again, with its password",
        P::PlainHttp => "give an address that begins with https://",
        P::ServerUnsafe => "check this computer's date, and whether a proxy reads along",
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
        let all = serde_json::json!({"error": "failed", "message": "nothing there", "remedy": LOOK_CLOSER});
        assert_eq!(said, all);
    }

    /// Every code that the engine can send, as the windows know them.
    fn codes() -> Vec<ProblemCode> {
        let contract = include_str!("../../ui/src/host/contract.ts");
        let line = contract.lines().find_map(|line| line.strip_prefix("export type ProblemCode = ")).unwrap();
        let names = line.trim_end_matches(';').split(" | ");
        names.map(|name| serde_json::from_str(name).unwrap()).collect()
    }

    #[test]
    fn every_code_has_a_remedy() {
        let codes = codes();
        assert!(codes.len() > 50, "{codes:?}");
        for code in codes {
            assert!(!remedy(code).is_empty(), "{code:?}");
        }
    }
}
