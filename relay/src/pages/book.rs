//! `/{slug}/book`: the form, and the one way a booking is made.

use std::sync::Arc;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use daymark_core::booking::{BookingId, State as BookingState};
use daymark_core::contract::{TypeSheet, Visitor as Answers};
use daymark_core::time::Interval;
use daymark_core::{entropy, seal};

use crate::app::App;
use crate::offer::{Phase, Refusal};
use crate::pages::answer::{Result, Trouble, settle};
use crate::pages::form::Typed;
use crate::pages::form_page::{Again, FormPage};
use crate::pages::keys::FormKey;
use crate::pages::sent::{Back, Sent};
use crate::pages::visitor::{Asked, Named, Visitor, link};
use crate::pages::wish::Wish;
use crate::store::{BookOutcome, NewBooking, Publication, Terms};

/// How often the page may be republished under a visitor's hands before they are asked to try again.
const TRIES_MAX: usize = 4;

pub async fn show(State(app): State<Arc<App>>, Named(slug): Named, visitor: Visitor) -> Response {
    let page = form(&app, &slug, &visitor).await;
    settle(&app, &visitor, page)
}

async fn form(app: &App, slug: &str, visitor: &Visitor) -> Result<Response> {
    let now = app.now();
    let stamped = app.offer(slug, now).await?.ok_or(Trouble::Lost)?;
    let wish = Wish::read(&visitor.asked, FormKey::new(&*app.entropy));
    let Some(sheet) = stamped.offer.type_of(&wish.type_id) else {
        return Err(Trouble::LostType { slug: slug.to_owned() });
    };
    let again = match wish.start.map(|start| stamped.offer.check(sheet, start, now)) {
        _ if !stamped.offer.phase(now).takes_bookings() => Again::Blocked,
        Some(Ok(_)) => Again::Fresh,
        Some(Err(refusal)) => Again::Start(Some(refusal)),
        None => Again::Start(None),
    };
    FormPage { app, slug, visitor, offer: &stamped.offer, wish: &wish, sent: false, now }.answer(again)
}

pub async fn submit(
    State(app): State<Arc<App>>,
    Named(slug): Named,
    mut visitor: Visitor,
    sent: Sent,
) -> Response {
    let answer = match sent.read(&mut visitor, "type", || Back::Page(slug.clone())) {
        Ok(sent) if sent.get("speak").is_some() => {
            visitor.speak(sent.get("speak"));
            spoken(&app, &slug, &visitor, &sent).await
        }
        Ok(sent) => book(&app, &slug, &visitor, &sent).await,
        Err(trouble) => Err(trouble),
    };
    settle(&app, &visitor, answer)
}

/// The same form in another language, with what was typed and what is wrong with it. Nothing is booked.
async fn spoken(app: &App, slug: &str, visitor: &Visitor, sent: &Asked) -> Result<Response> {
    let now = app.now();
    let wish = Wish::read(sent, key(slug, sent)?);
    let stamped = app.offer(slug, now).await?.ok_or(Trouble::Lost)?;
    let page = FormPage { app, slug, visitor, offer: &stamped.offer, wish: &wish, sent: true, now };
    page.answer(page.judge().err().unwrap_or(Again::Fresh))
}

/// Each form of ours carries a key. Another one in its place would let the same form book twice.
fn key(slug: &str, sent: &Asked) -> Result<FormKey> {
    let back = Back::Page(slug.to_owned());
    let not_ours = Trouble::NotOurs { status: StatusCode::BAD_REQUEST, back };
    sent.get("key").and_then(FormKey::parse).ok_or(not_ours)
}

async fn book(app: &App, slug: &str, visitor: &Visitor, sent: &Asked) -> Result<Response> {
    let wish = Wish::read(sent, key(slug, sent)?);
    if let Some(answer) = sent_before(app, slug, visitor, &wish).await? {
        return Ok(answer);
    }
    for _ in 0..TRIES_MAX {
        let now = app.now();
        let stamped = app.offer(slug, now).await?.ok_or(Trouble::Lost)?;
        let page = FormPage { app, slug, visitor, offer: &stamped.offer, wish: &wish, sent: true, now };
        let (sheet, visit) = match page.judge() {
            Ok(chosen) => chosen,
            Err(again) => return page.answer(again),
        };
        let new = booking(&page, sheet, visit)?;
        match app.store.book(new).await? {
            BookOutcome::Made | BookOutcome::MadeBefore => return done(visitor, &wish),
            BookOutcome::Taken => return page.answer(Again::Start(Some(Refusal::Taken))),
            BookOutcome::KeyReused => return Err(Trouble::SentBefore { manage: manage_path(&wish)? }),
            BookOutcome::PageChanged => {}
        }
    }
    Err(Trouble::Busy)
}

/// The same form again gets the same answer, before anything else is looked at: its own booking
/// has taken its time.
async fn sent_before(app: &App, slug: &str, visitor: &Visitor, wish: &Wish) -> Result<Option<Response>> {
    match app.store.request_of(&wish.key.idem_hash()).await? {
        Some(digest) if digest == wish.digest(slug) => done(visitor, wish).map(Some),
        Some(_) => Err(Trouble::SentBefore { manage: manage_path(wish)? }),
        None => Ok(None),
    }
}

fn done(visitor: &Visitor, wish: &Wish) -> Result<Response> {
    let lang = visitor.lang.map_or("", |lang| lang.code());
    Ok(Redirect::to(&link(&manage_path(wish)?, &[("lang", lang)])).into_response())
}

fn manage_path(wish: &Wish) -> Result<String> {
    let token = wish.key.token().ok_or_else(|| Trouble::Broken("a form key made no token".into()))?;
    Ok(format!("/m/{}", token.reveal()))
}

fn published<'a>(form: &FormPage<'a>) -> Result<&'a Publication> {
    form.offer.published.as_ref().ok_or_else(|| Trouble::Broken("an unpublished page was booked".into()))
}

fn booking(form: &FormPage<'_>, sheet: &TypeSheet, visit: Interval) -> Result<NewBooking> {
    let broken = |error: seal::SealError| Trouble::Broken(error.to_string());
    let (page, entropy) = (published(form)?, &*form.app.entropy);
    let id = BookingId(data_encoding::HEXLOWER.encode(&entropy::bytes::<16>(entropy)));
    let token = form.wish.key.token().ok_or_else(|| Trouble::Broken("a form key made no token".into()))?;
    let plain = serde_json::to_vec(&answers(form)).map_err(|error| Trouble::Broken(error.to_string()))?;
    let owner_key = seal::public_key(&form.offer.sealing_key).map_err(broken)?;
    let waits_because = match form.offer.phase(form.now) {
        Phase::Requests(why) => Some(why),
        Phase::Instant | Phase::Away | Phase::Paused | Phase::Unpublished => None,
    };
    Ok(NewBooking {
        person: form.offer.person,
        device: page.device.clone(),
        rev: page.rev,
        state: waits_because.map_or(BookingState::Accepted, |_| BookingState::Requested),
        type_id: sheet.id.clone(),
        visit,
        length_min: sheet.length_min,
        gap_min: sheet.gap_min,
        terms: Terms {
            type_name: sheet.name.clone(),
            place: sheet.place.clone(),
            cancel_cutoff_min: sheet.cancel_cutoff_min,
            waits_because,
        },
        idem_hash: form.wish.key.idem_hash(),
        request_digest: form.wish.digest(form.slug),
        token_hash: token.lookup(),
        sealed_for_owner: seal::to_owner(&owner_key, &plain, entropy).map_err(broken)?,
        sealed_for_visitor: token.seal(&id.0, &plain, entropy).map_err(broken)?,
        email: form.wish.typed.email.clone(),
        now: form.now,
        id,
    })
}

fn answers(form: &FormPage<'_>) -> Answers {
    let Typed { name, email, phone, address, note } = form.wish.typed.clone();
    let (zone, language) = (form.zone(), form.visitor.locale.lang.code().to_owned());
    Answers { name, email, phone, address, note, zone, language }
}
