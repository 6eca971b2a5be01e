//! Where secrets are kept: what is said about it, and what follows when the person decides.

use crate::api::Tag;
use crate::api::accounts::Password;
use crate::api::health::{Card, CardCode, HealthState, Remedy};
use crate::api::problem::{Problem, ProblemCode};
use crate::api::secrets::{ChooseSecrets, MovedAside, SHORTEST, is_short};
use crate::api::settings::SecretsState;
use crate::health::{Subject, card};
use crate::parts::Parts;
use crate::problems;
use crate::secrets::vault::Vault;

const OF_SECRETS: [CardCode; 3] =
    [CardCode::SecretsForSessionOnly, CardCode::NoKeyring, CardCode::SecretsLocked];

impl Parts {
    pub async fn choose_secrets(&self, choice: ChooseSecrets) -> Result<(), Problem> {
        let vault = self.vault()?;
        match choice {
            ChooseSecrets::Session => vault.keep_for_session(),
            ChooseSecrets::File { passphrase } => vault.keep_in_file(long_enough(&passphrase)?).await,
        }
        .map_err(problems::secrets)?;
        self.secrets_changed();
        Ok(())
    }

    pub async fn unlock_secrets(&self, passphrase: &Password) -> Result<(), Problem> {
        self.vault()?.unlock(&passphrase.0).await.map_err(problems::secrets)?;
        self.secrets_changed();
        Ok(())
    }

    pub async fn replace_secrets(&self, passphrase: &Password) -> Result<MovedAside, Problem> {
        let begun = self.vault()?.begin_anew(long_enough(passphrase)?).await;
        let name = begun.map_err(problems::secrets)?;
        self.secrets_changed();
        Ok(MovedAside { name })
    }

    /// Shows where secrets are kept, when that is not what everybody expects.
    pub fn say_about_secrets(&self) {
        let card = card_of(self.ports.secrets.state());
        let stands = card.as_ref().map(|card| card.code);
        for code in OF_SECRETS.into_iter().filter(|code| Some(*code) != stands) {
            self.health.clear(Subject::Machine, code);
        }
        if let Some(card) = card {
            let helps = self.ports.secrets.vault().map_or(Remedy::OpenSettings, |_| Remedy::OpenSecrets);
            self.health.raise(Subject::Machine, card.remedy(helps));
        }
    }

    /// Every account is tried again, and so is the relay.
    fn secrets_changed(&self) {
        self.say_about_secrets();
        self.notices.tell(&[Tag::Settings, Tag::Accounts, Tag::Health, Tag::Page]);
        self.hurry.ring();
        self.page.enrolled.ring();
    }

    fn vault(&self) -> Result<&Vault, Problem> {
        let decided = || Problem::new(ProblemCode::ChangedSince, "where secrets are kept is not asked here");
        self.ports.secrets.vault().ok_or_else(decided)
    }
}

fn long_enough(passphrase: &Password) -> Result<&str, Problem> {
    if is_short(&passphrase.0) {
        let message = format!("a passphrase has {SHORTEST} characters at least");
        return Err(
            Problem::new(ProblemCode::PassphraseTooShort, message).with("limit", SHORTEST.to_string())
        );
    }
    Ok(&passphrase.0)
}

fn card_of(state: SecretsState) -> Option<Card> {
    Some(match state {
        SecretsState::Keyring | SecretsState::Passphrase => return None,
        SecretsState::SessionOnly => card(
            CardCode::SecretsForSessionOnly,
            HealthState::Attention,
            "Sign-ins are kept only until Daymark stops; you will be asked again at the next start.",
        ),
        SecretsState::Missing => card(
            CardCode::NoKeyring,
            HealthState::Broken,
            "No keyring answers on this machine, so accounts cannot be signed in safely. Start a keyring service, or \
             choose in the window where sign-ins are kept.",
        ),
        SecretsState::Locked => card(
            CardCode::SecretsLocked,
            HealthState::Broken,
            "Sign-ins are locked. Nothing is synced until their passphrase is typed in the window; nothing is lost.",
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(words: &str) -> Password {
        Password(words.into())
    }

    #[test]
    fn a_short_or_blank_passphrase_is_refused_with_how_long_it_must_be() {
        for words in ["", "seven77", "          ", " seven77 "] {
            let refused = long_enough(&typed(words)).unwrap_err();
            assert_eq!(refused.code, ProblemCode::PassphraseTooShort);
            assert_eq!(refused.params["limit"], "8");
        }
        assert!(long_enough(&typed("éééééééé")).is_ok(), "characters count, not bytes");
        assert_eq!(long_enough(&typed(" eight888 ")).unwrap(), " eight888 ", "it is taken as it was typed");
    }

    #[test]
    fn a_passphrase_shows_itself_to_no_log() {
        let choice = ChooseSecrets::File { passphrase: typed("correct horse") };
        assert!(!format!("{choice:?}").contains("horse"));
    }
}
