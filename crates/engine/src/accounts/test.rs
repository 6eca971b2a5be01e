//! The connection test: what works, step by step, and what helps where it does not.

use chrono_tz::Tz;
use daymark_mirror::{Account, AccountId};
use daymark_remotes::calendar::{Access, Cursor, RemoteCalendar, RemoteCalendarId};
use daymark_remotes::error::{ClientFailure, RemoteError, SignInFailure};
use daymark_remotes::reach::Reach;
use url::Url;

use super::Accounts;
use crate::api::accounts::{ProviderKind, TestFinding, TestOutcome, TestStep, TestSubject};
use crate::api::health::Remedy;
use crate::api::problem::Problem;
use crate::problems;
use crate::providers::Live;
use crate::sync::provider_of;
use crate::sync::pull::window;

const ORDER: [TestSubject; 6] = [
    TestSubject::Network,
    TestSubject::Tls,
    TestSubject::Token,
    TestSubject::Calendars,
    TestSubject::Read,
    TestSubject::Write,
];

/// The steps so far; once one failed, the rest is skipped.
#[derive(Default)]
struct Steps(Vec<TestStep>);

impl Accounts {
    /// Asked for by the person, so it goes out even while the account is paused or held to be down.
    pub async fn test(&self, id: AccountId, home: Tz) -> Result<Vec<TestStep>, Problem> {
        let account = self.account(id).await?;
        let provider = provider_of(&account).map_err(|error| problems::remote(&error))?;
        let mut steps = Steps::default();
        if provider != ProviderKind::File {
            self.try_out(&account, provider, home, &mut steps).await?;
        }
        Ok(steps.finished(provider))
    }

    async fn try_out(
        &self,
        account: &Account,
        provider: ProviderKind,
        home: Tz,
        steps: &mut Steps,
    ) -> Result<(), Problem> {
        let address = match provider {
            ProviderKind::CalDav => {
                let place = self.providers.place(account.id).await.map_err(problems::secrets)?;
                place.and_then(|place| place.homes.into_iter().next())
            }
            _ => self.providers.address(provider).cloned(),
        };
        if !self.contact(address.as_ref(), steps).await {
            return Ok(());
        }
        let live = match self.providers.of(account.id, provider, home).await {
            Ok(live) => live,
            Err(error) => {
                steps.fail(TestSubject::Token, &error, account.id);
                return Ok(());
            }
        };
        live.hurry();
        if let Some(listed) = access(&live, account.id, steps).await
            && self.readable(&live, account.id, steps).await?
        {
            writable(provider, &listed, account.id, steps);
        }
        Ok(())
    }

    /// False when it makes no sense to go on.
    async fn contact(&self, address: Option<&Url>, steps: &mut Steps) -> bool {
        let Some(address) = address else { return true };
        match self.providers.reach(address).await {
            Reach::Answers { encrypted } => {
                steps.pass(TestSubject::Network, "the provider answers");
                if encrypted {
                    steps.pass(TestSubject::Tls, "the connection is encrypted, and its certificate is right");
                } else {
                    steps.skip(TestSubject::Tls, "the address is on this machine and needs no encryption");
                }
                true
            }
            Reach::Unsafe(error) => {
                steps.pass(TestSubject::Network, "something answers");
                let help = "check this computer's date, and whether a proxy or virus scanner reads along";
                let message = format!("{}; {help}", chain(&error));
                steps.failed(TestSubject::Tls, TestFinding::Unsafe, message, Remedy::Retry);
                false
            }
            Reach::Unreachable(error) => {
                let help = "check the network, and whether a firewall or proxy is in the way";
                let message = format!("{}; {help}", chain(&error));
                steps.failed(TestSubject::Network, TestFinding::Unreachable, message, Remedy::Retry);
                false
            }
        }
    }

    /// One answer about a calendar that is mirrored; nothing of it is kept. False when it fails.
    async fn readable(&self, live: &Live, id: AccountId, steps: &mut Steps) -> Result<bool, Problem> {
        let calendars = self.mirror.calendars().await.map_err(problems::mirror)?;
        let known = calendars.into_iter().find_map(|calendar| {
            let mirrored = calendar.account == id && calendar.chosen && !calendar.gone;
            let cursor = calendar.cursor.filter(|_| mirrored)?;
            Some((RemoteCalendarId(calendar.remote_id), Cursor(cursor)))
        });
        let (Some((calendar, cursor)), Some(window)) = (known, window(self.ports.clock.now())) else {
            steps.skip(TestSubject::Read, "no calendar of it has been read so far");
            return Ok(true);
        };
        match live.calendars.changes(&calendar, Some(&cursor), window).await {
            Ok(_) => {
                steps.pass(TestSubject::Read, "events can be read");
                Ok(true)
            }
            Err(error) => {
                steps.fail(TestSubject::Read, &error, id);
                Ok(false)
            }
        }
    }
}

async fn access(live: &Live, id: AccountId, steps: &mut Steps) -> Option<Vec<RemoteCalendar>> {
    if let Some(tokens) = &live.tokens {
        if let Err(error) = tokens.access().await {
            steps.fail(TestSubject::Token, &error, id);
            return None;
        }
        steps.pass(TestSubject::Token, "the provider takes the stored permission");
    }
    match live.calendars.calendars().await {
        Ok(listed) => {
            if live.tokens.is_none() {
                steps.pass(TestSubject::Token, "the server takes what is stored");
            }
            let message = format!("{} calendars are listed", listed.len());
            steps.counted(TestSubject::Calendars, listed.len(), message);
            Some(listed)
        }
        // A password has no step of its own on the wire: the first question brings its refusal.
        Err(error @ RemoteError::SignIn { .. }) => {
            steps.fail(TestSubject::Token, &error, id);
            None
        }
        Err(error) => {
            steps.fail(TestSubject::Calendars, &error, id);
            None
        }
    }
}

fn writable(provider: ProviderKind, listed: &[RemoteCalendar], id: AccountId, steps: &mut Steps) {
    let count = listed.iter().filter(|calendar| calendar.access == Access::Write).count();
    if provider == ProviderKind::Feed {
        steps.skip(TestSubject::Write, "a feed is only read");
    } else if count > 0 {
        steps.counted(TestSubject::Write, count, format!("{count} calendars may be written"));
    } else {
        let message = "no calendar of the account may be written; sign in with an account that owns one";
        let remedy = Remedy::SignIn { account: id.0 };
        steps.failed(TestSubject::Write, TestFinding::NothingWritable, message.into(), remedy);
    }
}

impl Steps {
    fn add(&mut self, step: TestSubject, outcome: TestOutcome, finding: TestFinding, message: String) {
        self.0.push(TestStep { step, outcome, finding, count: 0, message, remedy: Remedy::None });
    }

    fn pass(&mut self, step: TestSubject, message: &str) {
        self.add(step, TestOutcome::Passed, TestFinding::Fine, message.into());
    }

    fn counted(&mut self, step: TestSubject, count: usize, message: String) {
        self.add(step, TestOutcome::Passed, TestFinding::Counted, message);
        if let Some(last) = self.0.last_mut() {
            last.count = i64::try_from(count).unwrap_or(i64::MAX);
        }
    }

    fn skip(&mut self, step: TestSubject, message: &str) {
        self.add(step, TestOutcome::Skipped, TestFinding::NotNeeded, message.into());
    }

    fn failed(&mut self, step: TestSubject, finding: TestFinding, message: String, remedy: Remedy) {
        let outcome = TestOutcome::Failed;
        self.0.push(TestStep { step, outcome, finding, count: 0, message, remedy });
    }

    fn fail(&mut self, step: TestSubject, error: &RemoteError, id: AccountId) {
        let remedy = match error {
            RemoteError::SignIn { .. } | RemoteError::Scope { .. } => Remedy::SignIn { account: id.0 },
            RemoteError::Client(ClientFailure::ApiOff { .. }) => Remedy::Retry,
            RemoteError::Client(_) => Remedy::None,
            RemoteError::Invalid { .. } | RemoteError::Forbidden { .. } => Remedy::OpenSettings,
            _ => Remedy::Retry,
        };
        self.failed(step, finding(error), chain(error), remedy);
    }

    fn finished(mut self, provider: ProviderKind) -> Vec<TestStep> {
        let (finding, why) = match provider {
            ProviderKind::File => (TestFinding::NotNeeded, "a file needs no connection"),
            ProviderKind::Feed => (TestFinding::NotNeeded, "a feed does not need it"),
            _ => (TestFinding::NotReached, "an earlier step failed"),
        };
        for step in ORDER {
            if !self.0.iter().any(|done| done.step == step) {
                self.add(step, TestOutcome::Skipped, finding, why.into());
            }
        }
        self.0.sort_by_key(|done| ORDER.iter().position(|step| *step == done.step));
        self.0
    }
}

fn finding(error: &RemoteError) -> TestFinding {
    match error {
        error if error.is_unsafe() => TestFinding::Unsafe,
        RemoteError::Unreachable { .. } => TestFinding::Unreachable,
        RemoteError::Throttled { .. }
        | RemoteError::Quota { .. }
        | RemoteError::Paused { .. }
        | RemoteError::Resting { .. } => TestFinding::TooOften,
        RemoteError::Keyring { .. } => TestFinding::KeyringFailing,
        RemoteError::SignIn(SignInFailure::ByPolicy { .. }) => TestFinding::NotAllowed,
        RemoteError::SignIn(_) => TestFinding::SignInNeeded,
        RemoteError::Client(ClientFailure::ApiOff { .. }) => TestFinding::ApiOff,
        RemoteError::Client(_) => TestFinding::ClientNotAccepted,
        RemoteError::Scope { .. } => TestFinding::MissingScope,
        RemoteError::Forbidden { .. } | RemoteError::Invalid { .. } | RemoteError::NotFound => {
            TestFinding::NotAllowed
        }
        RemoteError::Elsewhere { .. } => TestFinding::SentElsewhere,
        RemoteError::Server { .. }
        | RemoteError::Unwell { .. }
        | RemoteError::Taken
        | RemoteError::Changed
        | RemoteError::Malformed { .. } => TestFinding::ProviderFailing,
    }
}

/// The error with its causes, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut words = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        words.push_str(": ");
        words.push_str(&cause.to_string());
        next = cause.source();
    }
    words
}
