//! How long an account's sign-in will last: what its provider said, what an earlier one taught, and
//! what comes of not using it.

use chrono::TimeDelta;
use daymark_core::time::Instant;
use daymark_mirror::Grant;
use daymark_remotes::oauth::GrantStatus;

use crate::api::accounts::ProviderKind;

/// Google ends the grants of an app whose consent screen is in testing after seven days.
const TEST_LIFE: TimeDelta = TimeDelta::days(7);
/// How far from seven days such an end is found: the account is not asked every minute.
const TEST_EARLIEST: TimeDelta = TimeDelta::hours(6 * 24 + 12);
const TEST_LATEST: TimeDelta = TimeDelta::hours(8 * 24 + 12);
/// An end that is known is told so long before.
const TOLD_BEFORE: TimeDelta = TimeDelta::days(3);
/// A permission that nobody uses is exercised after this long.
const EXERCISED_AFTER: TimeDelta = TimeDelta::days(30);
/// The end of an unused permission is told so long before.
const UNUSED_TOLD_BEFORE: TimeDelta = TimeDelta::days(30);

/// Why a sign-in that works will not do so for long.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The provider's rule for apps in testing.
    Test { ends: Instant },
    /// The provider, or its rule about disuse, says when.
    Known { ends: Instant },
    /// It cannot be renewed just now.
    Failing { why: String },
}

/// What a run has taught about the account's grant.
pub fn learned(provider: ProviderKind, grant: &Grant, status: &GrantStatus, now: Instant) -> Grant {
    let mut known = Grant {
        renewed: status.renewed_at.max(grant.renewed),
        ends: status.ends_at.or(grant.ends),
        ..*grant
    };
    if ended_as_test(provider, grant, status, now) {
        known.life = Some(TEST_LIFE);
    } else if age(grant, known.renewed).is_some_and(|age| age > TEST_LATEST) {
        // It outlived the seven days: the app is not in testing any more.
        known.life = None;
    }
    known
}

/// The provider refused the permission at the age at which it ends those of apps in testing.
pub fn ended_as_test(provider: ProviderKind, grant: &Grant, status: &GrantStatus, now: Instant) -> bool {
    let in_time = age(grant, Some(now)).is_some_and(|age| (TEST_EARLIEST..=TEST_LATEST).contains(&age));
    provider == ProviderKind::Google && status.refused && in_time
}

/// Whether and why the sign-in is about to end.
pub fn ending(provider: ProviderKind, grant: &Grant, status: &GrantStatus, now: Instant) -> Option<Ending> {
    if let Some(ends) = test_end(provider, grant).filter(|ends| *ends > now) {
        return Some(Ending::Test { ends });
    }
    if let Some(why) = &status.failing {
        return Some(Ending::Failing { why: why.clone() });
    }
    let told = grant.ends.filter(|ends| *ends > now && *ends - now <= TOLD_BEFORE);
    let unused = unused_end(provider, grant).filter(|ends| *ends - now <= UNUSED_TOLD_BEFORE);
    told.or(unused).map(|ends| Ending::Known { ends })
}

/// Whether a permission that no run uses should be exercised, lest it ends.
pub fn wants_exercise(provider: ProviderKind, grant: &Grant, now: Instant) -> bool {
    let last = grant.renewed.or(grant.granted);
    disuse_ends(provider).is_some() && last.is_some_and(|last| now - last >= EXERCISED_AFTER)
}

fn test_end(provider: ProviderKind, grant: &Grant) -> Option<Instant> {
    let granted = grant.granted.filter(|_| provider == ProviderKind::Google)?;
    let told = grant.ends.filter(|ends| (TEST_EARLIEST..=TEST_LATEST).contains(&(*ends - granted)));
    told.or_else(|| grant.life.filter(|life| *life == TEST_LIFE).map(|life| granted + life))
}

fn unused_end(provider: ProviderKind, grant: &Grant) -> Option<Instant> {
    Some(grant.renewed.or(grant.granted)? + disuse_ends(provider)?)
}

/// After how long of no use the provider ends a permission.
fn disuse_ends(provider: ProviderKind) -> Option<TimeDelta> {
    match provider {
        ProviderKind::Google => Some(TimeDelta::days(180)),
        ProviderKind::Microsoft => Some(TimeDelta::days(90)),
        ProviderKind::CalDav | ProviderKind::File | ProviderKind::Feed => None,
    }
}

fn age(grant: &Grant, at: Option<Instant>) -> Option<TimeDelta> {
    Some(at? - grant.granted?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ProviderKind::{Google, Microsoft};

    fn day(days: i64) -> Instant {
        Instant::UNIX_EPOCH + TimeDelta::days(20_000 + days)
    }

    fn granted() -> Grant {
        Grant { granted: Some(day(0)), renewed: Some(day(0)), ..Grant::default() }
    }

    fn refused() -> GrantStatus {
        GrantStatus { refused: true, ..GrantStatus::default() }
    }

    #[test]
    fn a_refusal_at_seven_days_is_googles_rule_for_testing_and_the_next_one_is_foretold() {
        assert!(ended_as_test(Google, &granted(), &refused(), day(7)));
        assert!(!ended_as_test(Google, &granted(), &refused(), day(3)), "somebody revoked it");
        assert!(!ended_as_test(Google, &granted(), &refused(), day(40)));
        assert!(!ended_as_test(Microsoft, &granted(), &refused(), day(7)));
        assert!(!ended_as_test(Google, &granted(), &GrantStatus::default(), day(7)), "nobody refused it");
        let taught = learned(Google, &granted(), &refused(), day(7));
        let again = Grant { granted: Some(day(8)), renewed: Some(day(8)), ..taught };
        let ending = ending(Google, &again, &GrantStatus::default(), day(8));
        assert_eq!(ending, Some(Ending::Test { ends: day(15) }));
    }

    #[test]
    fn a_grant_that_outlives_seven_days_unteaches_the_rule() {
        let grant = Grant { life: Some(TEST_LIFE), ..granted() };
        let status = GrantStatus { renewed_at: Some(day(9)), ..GrantStatus::default() };
        let taught = learned(Google, &grant, &status, day(9));
        assert_eq!((taught.life, taught.renewed), (None, Some(day(9))));
    }

    #[test]
    fn an_end_that_the_provider_names_is_told_three_days_before_and_a_test_grants_at_once() {
        let ends = |days| Grant { ends: Some(day(days)), ..granted() };
        let quiet = GrantStatus::default();
        assert_eq!(ending(Google, &ends(7), &quiet, day(0)), Some(Ending::Test { ends: day(7) }));
        assert_eq!(ending(Google, &ends(30), &quiet, day(20)), None);
        assert_eq!(ending(Google, &ends(30), &quiet, day(28)), Some(Ending::Known { ends: day(30) }));
    }

    #[test]
    fn a_permission_is_exercised_long_before_disuse_ends_it() {
        assert!(!wants_exercise(Microsoft, &granted(), day(29)));
        assert!(wants_exercise(Microsoft, &granted(), day(30)));
        assert!(wants_exercise(Google, &granted(), day(30)));
        assert!(!wants_exercise(ProviderKind::File, &granted(), day(300)));
        let quiet = GrantStatus::default();
        assert_eq!(ending(Microsoft, &granted(), &quiet, day(59)), None);
        assert_eq!(ending(Microsoft, &granted(), &quiet, day(61)), Some(Ending::Known { ends: day(90) }));
        assert_eq!(ending(Google, &granted(), &quiet, day(149)), None);
    }

    #[test]
    fn a_renewal_that_fails_is_told_while_the_access_still_works() {
        let failing = GrantStatus { failing: Some("down".into()), ..GrantStatus::default() };
        let told = ending(Google, &granted(), &failing, day(1));
        assert_eq!(told, Some(Ending::Failing { why: "down".into() }));
    }
}
