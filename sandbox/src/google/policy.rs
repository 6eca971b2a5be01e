//! What an organisation's administrator allows its people to sign in with, as Google tells them.

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

use super::Google;
use crate::sync::lock;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Policy {
    /// The scopes are restricted: a page says so instead of going back to the app, and refreshing fails too.
    AdminPolicyEnforced,
    /// The app is for people of another organisation.
    OrgInternal,
}

impl Policy {
    /// Status and code of Google's page.
    pub(super) fn page(self) -> (u16, &'static str, &'static str) {
        match self {
            Self::AdminPolicyEnforced => {
                (400, "admin_policy_enforced", "Your administrator does not let this app have your data.")
            }
            Self::OrgInternal => (403, "org_internal", "This app is for people of its organisation alone."),
        }
    }
}

impl Google {
    /// The account's organisation decides so from now on; `None` lets every app in.
    pub fn set_policy(&self, user: &str, policy: Option<Policy>) {
        let mut policies = lock(&self.policies);
        match policy {
            Some(policy) => drop(policies.insert(user.to_ascii_lowercase(), policy)),
            None => drop(policies.remove(&user.to_ascii_lowercase())),
        }
    }

    pub(super) fn policy(&self, user: &str) -> Option<Policy> {
        lock(&self.policies).get(&user.to_ascii_lowercase()).copied()
    }
}

#[derive(Deserialize)]
pub(super) struct NewPolicy {
    policy: Option<Policy>,
}

pub(super) async fn set(
    State(google): State<Arc<Google>>,
    Path(user): Path<String>,
    Json(new): Json<NewPolicy>,
) -> Json<Value> {
    google.set_policy(&user, new.policy);
    Json(json!({"done": true}))
}
