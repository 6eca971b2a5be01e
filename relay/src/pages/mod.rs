//! What visitors see: every public page, plain HTML that needs no script.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware;
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::App;
use crate::words::fill;

mod answer;
mod book;
mod calendar;
mod canonical;
mod closed;
mod form;
mod form_page;
mod frame;
mod keys;
mod line;
mod manage;
mod month;
mod page;
mod parts;
mod sent;
mod visitor;
mod wish;
mod zones;

use answer::{Keep, Trouble, html, settle};
use frame::Frame;
use visitor::Named;
pub use visitor::Visitor;

pub fn router() -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home))
        .route("/assets/{file}", get(asset))
        .route("/favicon.ico", get(icon))
        .route("/m/{token}", get(manage::show))
        .route("/m/{token}/cancel", get(manage::ask_cancel).post(manage::cancel))
        .route("/m/{token}/visit.ics", get(manage::file))
        .route("/{slug}", get(page::show))
        .route("/{slug}/zone", get(zones::show))
        .route("/{slug}/book", get(book::show).post(book::submit))
        .method_not_allowed_fallback(wrong_method)
        .fallback(lost)
        .layer(middleware::from_fn(canonical::lead))
}

/// The page for a request that the server is too busy to take.
pub fn busy(app: &App, visitor: &Visitor) -> Response {
    settle(app, visitor, Err(Trouble::Busy))
}

/// The page for a request that took too long: what it began may still come to its end.
pub fn unsure(app: &App, visitor: &Visitor) -> Response {
    settle(app, visitor, Err(Trouble::Unsure))
}

async fn lost(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    settle(&app, &visitor, Err(Trouble::Lost))
}

async fn wrong_method(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    settle(&app, &visitor, Err(Trouble::Method))
}

#[derive(Template)]
#[template(path = "home.html")]
struct HomeView {
    f: Frame,
    heading: String,
}

async fn home(State(app): State<Arc<App>>, visitor: Visitor) -> Response {
    let heading = fill(visitor.locale.words().home_title, &[("organisation", &app.organisation)]);
    let page = HomeView { f: Frame::new(&app, &visitor, heading.clone()), heading }.render();
    let page = page.map(|page| html(StatusCode::OK, Keep::Checked, page)).map_err(Trouble::from);
    settle(&app, &visitor, page)
}

async fn asset(State(app): State<Arc<App>>, Named(file): Named, visitor: Visitor) -> Response {
    match app.assets.find(&format!("/assets/{file}")) {
        Some(asset) => {
            let keep = HeaderValue::from_static("public, max-age=31536000, immutable");
            let headers = [(CONTENT_TYPE, asset.kind.clone()), (CACHE_CONTROL, keep)];
            (headers, asset.content.clone()).into_response()
        }
        None => settle(&app, &visitor, Err(Trouble::Lost)),
    }
}

/// Browsers ask for this name whatever the page says.
async fn icon(State(app): State<Arc<App>>) -> Response {
    ([(CONTENT_TYPE, app.assets.icon.kind.clone())], app.assets.icon.content.clone()).into_response()
}
