//! The last run of an account that was left: our copies go from its calendars before its permission does.

use chrono_tz::Tz;
use daymark_mirror::{Account, AccountState, MirrorError};

use super::{Sync, SyncError, provider_of, state_after};
use crate::api::Tag;

impl Sync {
    /// Removes what can be removed now. What stands in the way is kept as the account's state, for its owner to
    /// see; the rest waits for the next turn.
    pub async fn part(&self, account: &Account, home: Tz) -> Result<(), MirrorError> {
        let turn = self.turn(account.id);
        let _turn = turn.lock().await;
        let state = match self.take_copies_away(account, home).await {
            Ok(()) => AccountState::Ok,
            Err(SyncError::Mirror(error)) => return Err(error),
            Err(SyncError::Remote(error)) => {
                tracing::info!(account = account.id.0, %error, "copies could not be removed from an account yet");
                state_after(&error)
            }
        };
        let left = self.mirror.left_accounts().await?;
        // It may be back by now.
        if left.iter().any(|it| it.id == account.id && it.state != state) {
            self.mirror.set_account_state(account.id, state, "").await?;
            self.notices.tell(&[Tag::Accounts]);
        }
        Ok(())
    }

    async fn take_copies_away(&self, account: &Account, home: Tz) -> Result<(), SyncError> {
        let live = self.providers.of(account.id, provider_of(account)?, home).await?;
        Ok(self.push.parting(account.id, live.calendars.as_ref()).await?)
    }
}

/// Only its owner can help, by signing in or by leaving at once.
pub fn is_signed_out(account: &Account) -> bool {
    matches!(account.state, AccountState::SignInNeeded | AccountState::MissingScope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use daymark_remotes::error::{RemoteError, SignInFailure};

    #[test]
    fn an_ended_sign_in_is_told_from_an_outage() {
        let ended: RemoteError = SignInFailure::Lapsed { reason: "gone".into() }.into();
        assert_eq!(state_after(&ended), AccountState::SignInNeeded);
        assert_eq!(state_after(&RemoteError::NotFound), AccountState::Error);
    }
}
