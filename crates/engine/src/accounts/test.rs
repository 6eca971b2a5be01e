//! The connection test: what works, step by step, and what helps where it does not.

use chrono_tz::Tz;
use daymark_mirror::{Account, AccountId};
use daymark_remotes::calendar::{Access, RemoteCalendar};
use daymark_remotes::error::RemoteError;
use daymark_remotes::reach::Reach;
use url::Url;

use super::Accounts;
use crate::api::accounts::{ProviderKind, TestOutcome, TestStep, TestSubject};
use crate::api::health::Remedy;
use crate::api::problem::Problem;
use crate::problems;
use crate::providers::Live;
use crate::sync::provider_of;

const ORDER: [TestSubject; 5] =
    [TestSubject::Network, TestSubject::Tls, TestSubject::Token, TestSubject::Calendars, TestSubject::Write];

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
        if !self.contact(self.providers.address(provider), steps).await {
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
        if let Some(listed) = access(&live, account.id, steps).await {
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
                steps.add(
                    TestSubject::Tls,
                    TestOutcome::Failed,
                    format!("{}; {help}", chain(&error)),
                    Remedy::Retry,
                );
                false
            }
            Reach::Unreachable(error) => {
                let help = "check the network, and whether a firewall or proxy is in the way";
                steps.add(
                    TestSubject::Network,
                    TestOutcome::Failed,
                    format!("{}; {help}", chain(&error)),
                    Remedy::Retry,
                );
                false
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
            steps.pass(TestSubject::Calendars, &format!("{} calendars are listed", listed.len()));
            Some(listed)
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
        steps.pass(TestSubject::Write, &format!("{count} calendars may be written"));
    } else {
        let message = "no calendar of the account may be written; sign in with an account that owns one";
        let remedy = Remedy::SignIn { account: id.0 };
        steps.add(TestSubject::Write, TestOutcome::Failed, message.into(), remedy);
    }
}

impl Steps {
    fn add(&mut self, step: TestSubject, outcome: TestOutcome, message: String, remedy: Remedy) {
        self.0.push(TestStep { step, outcome, message, remedy });
    }

    fn pass(&mut self, step: TestSubject, message: &str) {
        self.add(step, TestOutcome::Passed, message.into(), Remedy::None);
    }

    fn skip(&mut self, step: TestSubject, message: &str) {
        self.add(step, TestOutcome::Skipped, message.into(), Remedy::None);
    }

    fn fail(&mut self, step: TestSubject, error: &RemoteError, id: AccountId) {
        let remedy = match error {
            RemoteError::SignIn { .. } | RemoteError::Scope { .. } => Remedy::SignIn { account: id.0 },
            RemoteError::Invalid { .. } | RemoteError::Forbidden { .. } => Remedy::OpenSettings,
            _ => Remedy::Retry,
        };
        self.add(step, TestOutcome::Failed, chain(error), remedy);
    }

    fn finished(mut self, provider: ProviderKind) -> Vec<TestStep> {
        let why = match provider {
            ProviderKind::File => "a file needs no connection",
            ProviderKind::Feed => "a feed does not need it",
            _ => "an earlier step failed",
        };
        for step in ORDER {
            if !self.0.iter().any(|done| done.step == step) {
                self.skip(step, why);
            }
        }
        self.0.sort_by_key(|done| ORDER.iter().position(|step| *step == done.step));
        self.0
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
