//! A service that is called in an account's name.

use std::sync::Arc;

use reqwest::StatusCode;

use super::tokens::Tokens;
use crate::error::{RemoteError, SignInFailure};
use crate::http::{Answer, Request, Service};

/// One account's way to a service, with its tokens put on every call.
pub struct SignedIn {
    service: Service,
    tokens: Arc<Tokens>,
}

impl SignedIn {
    pub fn new(service: Service, tokens: Arc<Tokens>) -> Self {
        SignedIn { service, tokens }
    }

    pub fn service(&self) -> &Service {
        &self.service
    }

    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// A 401 is cured by one fresh token or not at all; it says that nothing was carried out, so
    /// even a write may go again.
    pub async fn send(&self, request: Request) -> Result<Answer, RemoteError> {
        let token = self.tokens.access().await?;
        let answer = self.service.send(request.clone().bearer(&token)?).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        self.tokens.refused(&token).await;
        let fresh = self.tokens.access().await?;
        let answer = self.service.send(request.bearer(&fresh)?).await?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        self.tokens.refused(&fresh).await;
        let reason = format!("{} refuses even a new token", self.service.name());
        Err(SignInFailure::Lapsed { reason }.into())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::testing::{Script, json_answer, signed_in};

    #[tokio::test]
    async fn a_dead_access_token_is_renewed_once() {
        let script = Script::play([
            json_answer(401, &json!({})),
            json_answer(200, &json!({"access_token": "a2", "token_type": "Bearer"})),
            json_answer(200, &json!({"fine": true})),
        ])
        .await;
        let account = signed_in(&script, "a1").await;
        let answer = account.send(Request::get(script.url("x"))).await.unwrap();
        assert_eq!(answer.status, 200);
        let heard = script.heard();
        assert!(heard[0].to_lowercase().contains("authorization: bearer a1"));
        assert!(heard[2].to_lowercase().contains("authorization: bearer a2"));
    }

    #[tokio::test]
    async fn a_service_that_refuses_new_tokens_asks_for_a_sign_in() {
        let script = Script::play([
            json_answer(401, &json!({})),
            json_answer(200, &json!({"access_token": "a2", "token_type": "Bearer"})),
            json_answer(401, &json!({})),
        ])
        .await;
        let account = signed_in(&script, "a1").await;
        let refused = account.send(Request::get(script.url("x"))).await;
        assert!(matches!(refused, Err(RemoteError::SignIn { .. })));
        assert_eq!(script.heard().len(), 3);
    }
}
