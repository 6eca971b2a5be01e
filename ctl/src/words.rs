//! Accounts in words, as a terminal shows them.

use daymark_engine::api::accounts::{Account, AccountState, HeldUp, LeftAccount, ProviderKind};

pub fn account(account: &Account) -> String {
    let kept = account.kept.map(|days| format!(", kept here from {} to {}", days.from, days.to));
    let (provider, state) = (provider(account.provider), state(account.state));
    format!("{} ({provider}): {state}{}", account.address, kept.unwrap_or_default())
}

/// One that removes its copies before it is gone.
pub fn left(account: &LeftAccount) -> String {
    let removing = account.removing;
    let copies = match removing.map_or(0, |removing| removing.copies) {
        1 => "1 copy".to_owned(),
        count => format!("{count} copies"),
    };
    let state = match removing.and_then(|removing| removing.held_up) {
        None => format!("removing {copies}, then it leaves"),
        Some(HeldUp::ProviderUnreachable) => format!("leaves once {copies} can be removed"),
        Some(HeldUp::SignInNeeded) => format!("its sign-in has ended, {copies} cannot be removed"),
    };
    format!("{} ({}): {state}", account.address, provider(account.provider))
}

pub fn events(count: i64) -> String {
    match count {
        1 => "1 event".to_owned(),
        count => format!("{count} events"),
    }
}

fn provider(provider: ProviderKind) -> &'static str {
    match provider {
        ProviderKind::Google => "Google",
        ProviderKind::Microsoft => "Microsoft",
        ProviderKind::CalDav => "CalDAV",
        ProviderKind::File => "file",
        ProviderKind::Feed => "subscription",
    }
}

fn state(state: AccountState) -> &'static str {
    match state {
        AccountState::Connected => "connected",
        AccountState::Expiring => "connected, its sign-in will end",
        AccountState::SignInNeeded => "sign-in needed",
        AccountState::Error => "its provider cannot be asked",
        AccountState::Paused => "paused",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use daymark_engine::api::accounts::{KeptDays, Removing};

    fn at(provider: ProviderKind, kept: Option<KeptDays>) -> Account {
        Account {
            id: 1,
            provider,
            address: "maya@x.example".into(),
            state: AccountState::Connected,
            reason: None,
            syncing: false,
            kept,
            calendars: Vec::new(),
        }
    }

    #[test]
    fn an_account_is_named_with_its_provider_and_the_days_that_are_kept() {
        let day = |text: &str| text.parse().unwrap();
        let days = KeptDays { from: day("2025-12-02"), to: day("2027-04-06") };
        assert_eq!(
            account(&at(ProviderKind::Microsoft, Some(days))),
            "maya@x.example (Microsoft): connected, kept here from 2025-12-02 to 2027-04-06"
        );
        assert_eq!(account(&at(ProviderKind::CalDav, None)), "maya@x.example (CalDAV): connected");
    }

    #[test]
    fn an_account_that_leaves_says_how_many_copies_it_waits_for() {
        let copies = |copies, held_up| {
            left(&LeftAccount {
                id: 1,
                provider: ProviderKind::Google,
                address: "maya@x.example".into(),
                left: "2026-03-02T07:00:00".parse().unwrap(),
                days_remaining: 30,
                removing: Some(Removing { copies, held_up }),
            })
        };
        assert_eq!(copies(12, None), "maya@x.example (Google): removing 12 copies, then it leaves");
        assert!(copies(1, Some(HeldUp::ProviderUnreachable)).ends_with("leaves once 1 copy can be removed"));
    }

    #[test]
    fn one_event_is_one() {
        assert_eq!([events(0), events(1), events(2)], ["0 events", "1 event", "2 events"]);
    }
}
