//! A laptop trades its one-time code for a place on the relay.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use daymark_core::contract::{Enrol, Enrolled, ProblemCode};
use daymark_core::{entropy, seal};

use super::problem::{Refused, Result, parse};
use super::signed::{body, verifying_key};
use crate::app::App;
use crate::enrolment;
use crate::store::{EnrolOutcome, NewDevice};

pub async fn enrol(State(app): State<Arc<App>>, request: Request) -> Result<Json<Enrolled>> {
    let asked: Enrol = parse(&body(request).await?)?;
    check(&asked)?;
    let device = NewDevice {
        code_hash: enrolment::hash(&asked.code),
        id: data_encoding::HEXLOWER.encode(&entropy::bytes::<16>(&*app.entropy)),
        name: asked.device_name,
        verifying_key: asked.verifying_key,
        sealing_key: asked.sealing_key,
        now: app.now(),
    };
    match app.store.enrol(device).await? {
        EnrolOutcome::Enrolled { device, slug } => {
            tracing::info!(%device, %slug, "a laptop was enrolled");
            let epoch = app.store.epoch().await?;
            Ok(Json(Enrolled { device, epoch, page_url: app.address(&format!("/{slug}")) }))
        }
        EnrolOutcome::BadCode => {
            let message = "this code is wrong, used or expired; ask the admin for a new one";
            Err(Refused::new(ProblemCode::BadCode, message))
        }
    }
}

fn check(asked: &Enrol) -> Result<()> {
    let name = asked.device_name.trim();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(Refused::bad_request("device_name must be plain text of 1 to 100 letters"));
    }
    if verifying_key(&asked.verifying_key).is_none() {
        return Err(Refused::bad_request("verifying_key is no Ed25519 public key in base64"));
    }
    seal::public_key(&asked.sealing_key)
        .map_err(|error| Refused::bad_request(format!("sealing_key: {error}")))?;
    Ok(())
}
