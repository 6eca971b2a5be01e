//! The token endpoint: a code or a refresh token in, an access token and a fresh refresh token out.

use std::collections::BTreeSet;

use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::Microsoft;
use super::login::{Form, id_token, permissions, scopes};
use super::token_error::Lament;
use crate::identity::{Provider, Redeem, Refusal, Tokens};

pub fn exchange(microsoft: &Microsoft, form: &Form) -> Result<Response, Lament> {
    let client_id = required(form, "client_id")?;
    check_client(microsoft, client_id, form.get("client_secret"))?;
    let tokens = match required(form, "grant_type")? {
        "authorization_code" => redeem(microsoft, client_id, form)?,
        "refresh_token" => refresh(microsoft, client_id, form)?,
        other => {
            let message = format!("The app requested an unsupported grant type '{other}'.");
            return Err(Lament::new("unsupported_grant_type", 70_003, message));
        }
    };
    Ok(answer(microsoft, client_id, tokens))
}

fn required<'a>(form: &'a Form, name: &str) -> Result<&'a str, Lament> {
    form.get(name).map(String::as_str).filter(|value| !value.is_empty()).ok_or_else(|| Lament::missing(name))
}

/// A public client keeps no secret and must send none.
fn check_client(microsoft: &Microsoft, client_id: &str, secret: Option<&String>) -> Result<(), Lament> {
    let identity = microsoft.world.identity();
    let client = identity.client(Provider::Microsoft, client_id).ok_or(Refusal::ClientUnknown)?;
    match (&client.secret, secret) {
        (None, Some(_)) => Err(Lament::new(
            "invalid_client",
            700_025,
            "Client is public so neither 'client_assertion' nor 'client_secret' should be presented.",
        )),
        (Some(_), None) => Err(Refusal::SecretMissing.into()),
        (Some(kept), Some(sent)) if kept != sent => Err(Refusal::SecretWrong.into()),
        _ => Ok(()),
    }
}

fn redeem(microsoft: &Microsoft, client_id: &str, form: &Form) -> Result<Tokens, Lament> {
    let redeem = Redeem {
        client_id,
        code: required(form, "code")?,
        redirect_uri: required(form, "redirect_uri")?,
        verifier: Some(required(form, "code_verifier")?),
    };
    let world = &microsoft.world;
    let tokens = world.identity().redeem(&redeem, world.now(), &world.dice)?;
    microsoft.signed_in(&tokens.email);
    Ok(tokens)
}

fn refresh(microsoft: &Microsoft, client_id: &str, form: &Form) -> Result<Tokens, Lament> {
    let token = required(form, "refresh_token")?;
    let asked = form.get("scope").map(|text| scopes(text));
    let world = &microsoft.world;
    // A resource's ".default" stands for everything granted.
    let narrow = asked.as_ref().filter(|asked| !asked.contains(".default"));
    let tokens = world.identity().refresh(client_id, token, narrow, world.now(), &world.dice)?;
    if let Some(demand) = microsoft.sign_in_demand(&tokens.email) {
        return Err(demand);
    }
    let missing = narrow.is_some_and(|asked| !permissions(asked).is_subset(&tokens.scopes));
    if missing {
        return Err(Lament::new(
            "invalid_grant",
            65_001,
            "The user or administrator has not consented to use the application. Send an interactive authorization request.",
        )
        .with_suberror("consent_required"));
    }
    Ok(tokens)
}

fn answer(microsoft: &Microsoft, client_id: &str, tokens: Tokens) -> Response {
    // What is granted is told without `offline_access`, which shows in the refresh token alone.
    let shown: BTreeSet<String> =
        tokens.scopes.iter().filter(|scope| *scope != "offline_access").cloned().collect();
    let mut body = json!({
        "token_type": "Bearer",
        "scope": shown.iter().map(String::as_str).collect::<Vec<_>>().join(" "),
        "expires_in": tokens.expires_in_s,
        "ext_expires_in": tokens.expires_in_s,
        "access_token": tokens.access_token,
    });
    let account = microsoft.world.identity().account(Provider::Microsoft, &tokens.email);
    if let Some(fields) = body.as_object_mut() {
        if let Some(refresh) = tokens.refresh_token {
            fields.insert("refresh_token".into(), json!(refresh));
        }
        if let Some(account) = account.filter(|_| tokens.scopes.contains("openid")) {
            fields.insert("id_token".into(), json!(id_token(&account, client_id)));
        }
    }
    let mut response = axum::Json(body).into_response();
    let no_store = axum::http::HeaderValue::from_static("no-store");
    response.headers_mut().insert(axum::http::header::CACHE_CONTROL, no_store);
    response
}
