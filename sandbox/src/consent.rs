//! The consent page both providers show: choose an account, tick scopes, allow or deny. It works without scripts.

use std::{collections::BTreeSet, fmt::Write as _};

use axum::response::Html;
use url::{Url, form_urlencoded};

use crate::identity::{Account, Provider};

/// What the page shows.
pub struct Page<'a> {
    pub provider: Provider,
    pub client_id: &'a str,
    pub accounts: &'a [Account],
    /// Preselects the account, when it exists.
    pub login_hint: Option<&'a str>,
    pub scopes: &'a BTreeSet<String>,
}

/// What the user decided, from the page's form. The query of the address still carries what was asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Decision {
    pub allowed: bool,
    pub account: String,
    pub scopes: BTreeSet<String>,
}

impl Decision {
    pub fn from_form(body: &str) -> Self {
        let mut decision = Self { allowed: false, account: String::new(), scopes: BTreeSet::new() };
        for (name, value) in form_urlencoded::parse(body.as_bytes()) {
            match &*name {
                "decision" => decision.allowed = value == "allow",
                "account" => decision.account = value.into_owned(),
                "scope" => drop(decision.scopes.insert(value.into_owned())),
                _ => {}
            }
        }
        decision
    }

    pub fn to_form(&self) -> String {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair("account", &self.account);
        form.append_pair("decision", if self.allowed { "allow" } else { "deny" });
        form.extend_pairs(self.scopes.iter().map(|scope| ("scope", scope)));
        form.finish()
    }
}

/// The redirect address with these pairs added to its query. `None` when it is no address.
pub fn redirect_with(redirect_uri: &str, pairs: &[(&str, &str)]) -> Option<String> {
    let mut url = Url::parse(redirect_uri).ok()?;
    url.query_pairs_mut().extend_pairs(pairs);
    Some(url.into())
}

pub fn render(page: &Page<'_>) -> Html<String> {
    let provider = match page.provider {
        Provider::Google => "Google",
        Provider::Microsoft => "Microsoft",
        Provider::CalDav => "CalDAV",
    };
    let mut accounts = String::new();
    for (index, account) in page.accounts.iter().enumerate() {
        let hinted = page.login_hint.is_some_and(|hint| hint.eq_ignore_ascii_case(&account.email));
        let checked = if hinted || (index == 0 && page.login_hint.is_none()) { " checked" } else { "" };
        let (email, name) = (escape(&account.email), escape(&account.name));
        let _ = writeln!(
            accounts,
            r#"<label><input type="radio" name="account" value="{email}" required{checked}> {name} <small>{email}</small></label>"#
        );
    }
    let mut scopes = String::new();
    for scope in page.scopes.iter().map(|scope| escape(scope)) {
        let _ = writeln!(
            scopes,
            r#"<label><input type="checkbox" name="scope" value="{scope}" checked> {scope}</label>"#
        );
    }
    Html(format!(
        r#"<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Sign in with {provider} (sandbox)</title>
<style>
body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 32rem; margin: 3rem auto; padding: 0 1rem; color: #1c1b1a; background: #fcfbf9; }}
fieldset {{ border: 1px solid #c9c5bd; border-radius: .5rem; margin: 0 0 1rem; padding: .75rem 1rem; }}
label {{ display: block; padding: .25rem 0; overflow-wrap: anywhere; }}
button {{ font: inherit; padding: .5rem 1.25rem; border-radius: .5rem; border: 1px solid #57534e; background: #fff; color: inherit; }}
button[value=allow] {{ background: #14664d; border-color: #14664d; color: #fff; }}
</style>
</head>
<body>
<main>
<h1>Sign in with {provider}</h1>
<p>This is the sandbox: no real account is involved. <strong>{client}</strong> asks for access.</p>
<form method="post">
<fieldset><legend>Account</legend>
{accounts}</fieldset>
<fieldset><legend>It may</legend>
{scopes}</fieldset>
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny" formnovalidate>Deny</button>
</form>
</main>
</body>
</html>
"#,
        client = escape(page.client_id),
    ))
}

/// A plain page for a request that cannot be sent back to the client, such as an unknown redirect address.
pub fn render_error(provider: &str, code: &str, explanation: &str) -> Html<String> {
    Html(format!(
        r#"<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{code}</title></head><body><main><h1>{provider} refused the request</h1><p>{code}</p><p>{text}</p></main></body></html>"#,
        code = escape(code),
        text = escape(explanation),
    ))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_survives_the_form() {
        let scopes = ["openid", "https://www.googleapis.com/auth/calendar"].map(str::to_owned).into();
        let decision = Decision { allowed: true, account: "maya@northcare.example".to_owned(), scopes };
        assert_eq!(Decision::from_form(&decision.to_form()), decision);
    }

    #[test]
    fn names_cannot_break_out_of_the_page() {
        let account = Account {
            provider: Provider::Google,
            email: "a@b.example".to_owned(),
            name: "<script>".to_owned(),
            zone: chrono_tz::UTC,
        };
        let page = Page {
            provider: Provider::Google,
            client_id: "\"><b>",
            accounts: &[account],
            login_hint: None,
            scopes: &BTreeSet::new(),
        };
        assert!(!render(&page).0.contains("<script>"));
    }
}
