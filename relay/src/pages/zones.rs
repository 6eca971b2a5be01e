//! Choosing a zone: a short list on the page, and a page with all of them.

use std::sync::Arc;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::{Offset as _, TimeZone as _};
use chrono_tz::{TZ_VARIANTS, Tz};
use daymark_core::cities::{called, city};
use daymark_core::time::Instant;

use crate::app::App;
use crate::pages::answer::{Keep, Result, Trouble, html, settle};
use crate::pages::frame::Frame;
use crate::pages::visitor::{Named, Visitor, link};
use crate::words::is_utc;

/// One well-known city for nearly every clock people live by.
const COMMON: [Tz; 38] = [
    chrono_tz::Pacific::Honolulu,
    chrono_tz::America::Anchorage,
    chrono_tz::America::Los_Angeles,
    chrono_tz::America::Vancouver,
    chrono_tz::America::Denver,
    chrono_tz::America::Phoenix,
    chrono_tz::America::Chicago,
    chrono_tz::America::Winnipeg,
    chrono_tz::America::Mexico_City,
    chrono_tz::America::New_York,
    chrono_tz::America::Toronto,
    chrono_tz::America::Bogota,
    chrono_tz::America::Halifax,
    chrono_tz::America::Santiago,
    chrono_tz::America::St_Johns,
    chrono_tz::America::Sao_Paulo,
    chrono_tz::America::Argentina::Buenos_Aires,
    chrono_tz::Atlantic::Azores,
    chrono_tz::Europe::London,
    chrono_tz::Europe::Lisbon,
    chrono_tz::Africa::Lagos,
    chrono_tz::Europe::Paris,
    chrono_tz::Europe::Berlin,
    chrono_tz::Africa::Cairo,
    chrono_tz::Africa::Johannesburg,
    chrono_tz::Europe::Athens,
    chrono_tz::Europe::Istanbul,
    chrono_tz::Africa::Nairobi,
    chrono_tz::Asia::Dubai,
    chrono_tz::Asia::Karachi,
    chrono_tz::Asia::Kolkata,
    chrono_tz::Asia::Dhaka,
    chrono_tz::Asia::Bangkok,
    chrono_tz::Asia::Singapore,
    chrono_tz::Asia::Tokyo,
    chrono_tz::Australia::Brisbane,
    chrono_tz::Australia::Sydney,
    chrono_tz::Pacific::Auckland,
];

const REGIONS: [&str; 9] =
    ["Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];

pub struct ZoneOption {
    pub name: &'static str,
    /// “Toronto (UTC−05:00)”.
    pub label: String,
    pub chosen: bool,
}

/// The common zones and those given, from west to east.
pub fn short_list(chosen: Tz, owner: Tz, now: Instant) -> Vec<ZoneOption> {
    let mut zones = COMMON.to_vec();
    zones.extend([chosen, owner].iter().filter(|zone| !COMMON.contains(zone)));
    zones.sort_by_cached_key(|zone| (offset_s(*zone, now), zone.name()));
    zones.dedup();
    one_each(zones.into_iter().map(|zone| option(zone, &city(zone), chosen, now)))
}

/// A place that was renamed has two zones: the one that is chosen stands for both, else the first.
fn one_each(options: impl Iterator<Item = ZoneOption>) -> Vec<ZoneOption> {
    let mut kept: Vec<ZoneOption> = Vec::new();
    for option in options {
        match kept.iter_mut().find(|it| it.label == option.label) {
            Some(known) if option.chosen => *known = option,
            Some(_) => {}
            None => kept.push(option),
        }
    }
    kept
}

fn option(zone: Tz, name: &str, chosen: Tz, now: Instant) -> ZoneOption {
    let minutes = offset_s(zone, now) / 60;
    let sign = if minutes < 0 { '−' } else { '+' };
    let (hours, rest) = (minutes.abs() / 60, minutes.abs() % 60);
    let offset = format!("UTC{sign}{hours:02}:{rest:02}");
    let label = if is_utc(name) { offset } else { format!("{name} ({offset})") };
    ZoneOption { name: zone.name(), label, chosen: zone == chosen }
}

fn offset_s(zone: Tz, now: Instant) -> i32 {
    zone.offset_from_utc_datetime(&now.naive_utc()).fix().local_minus_utc()
}

struct Region {
    name: &'static str,
    zones: Vec<ZoneOption>,
}

fn regions(chosen: Tz, now: Instant) -> Vec<Region> {
    let of_region = |region: &'static str| {
        let zones = TZ_VARIANTS.iter().filter_map(|zone| {
            let path = zone.name().strip_prefix(region)?.strip_prefix('/')?;
            let name = called(*zone).map_or_else(|| path.replace('_', " ").replace('/', ", "), str::to_owned);
            Some(option(*zone, &name, chosen, now))
        });
        Region { name: region, zones: one_each(zones) }
    };
    REGIONS.into_iter().map(of_region).collect()
}

#[derive(Template)]
#[template(path = "zone.html")]
struct ZonePage {
    f: Frame,
    action: String,
    back: String,
    carried: Vec<(&'static str, String)>,
    regions: Vec<Region>,
    utc: bool,
}

pub async fn show(State(app): State<Arc<App>>, Named(slug): Named, visitor: Visitor) -> Response {
    let page = page(&app, &slug, &visitor).await;
    settle(&app, &visitor, page)
}

async fn page(app: &App, slug: &str, visitor: &Visitor) -> Result<Response> {
    let now = app.now();
    let stamped = app.offer(slug, now).await?.ok_or(Trouble::Lost)?;
    let owner = stamped.offer.published.as_ref().map_or(Tz::UTC, |page| page.sheet.owner.zone);
    let chosen = visitor.zone().known().unwrap_or(owner);
    let path = format!("/{slug}");
    let carried: Vec<_> = ["type", "month", "day", "lang"]
        .into_iter()
        .filter_map(|name| Some((name, visitor.asked.get(name)?.to_owned())))
        .collect();
    let mut back: Vec<_> = carried.iter().map(|(name, value)| (*name, value.as_str())).collect();
    back.push(("tz", visitor.asked.get("tz").unwrap_or_default()));
    let page = ZonePage {
        f: Frame::new(app, visitor, visitor.locale.words().zone_title.to_owned()),
        back: link(&path, &back),
        action: path,
        regions: regions(chosen, now),
        utc: chosen == Tz::UTC,
        carried,
    };
    Ok(html(StatusCode::OK, Keep::Checked, page.render()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Instant {
        "2026-01-10T00:00:00Z".parse().unwrap()
    }

    #[test]
    fn the_short_list_holds_the_chosen_and_the_owners_zone_once() {
        let zones = short_list(chrono_tz::Asia::Kathmandu, chrono_tz::America::Toronto, now());
        let named = |name| zones.iter().filter(|zone| zone.name == name).count();
        assert_eq!(named("Asia/Kathmandu"), 1);
        assert_eq!(named("America/Toronto"), 1);
        assert_eq!(zones.iter().filter(|zone| zone.chosen).count(), 1);
        assert!(zones.iter().any(|zone| zone.label == "Kathmandu (UTC+05:45)"));
        assert!(zones.iter().any(|zone| zone.label == "St. John’s (UTC−03:30)"));
    }

    #[test]
    fn a_place_that_was_renamed_stands_once_under_the_name_that_the_visitor_came_with() {
        let kolkata = |zones: &[ZoneOption]| {
            let found = zones.iter().filter(|zone| zone.label == "Kolkata (UTC+05:30)");
            found.map(|zone| (zone.name, zone.chosen)).collect::<Vec<_>>()
        };
        let old = chrono_tz::Asia::Calcutta;
        assert_eq!(kolkata(&short_list(old, Tz::UTC, now())), [("Asia/Calcutta", true)]);
        assert_eq!(kolkata(&short_list(Tz::UTC, old, now())).len(), 1);
        let asia =
            |chosen| regions(chosen, now()).into_iter().find(|region| region.name == "Asia").unwrap().zones;
        assert_eq!(kolkata(&asia(old)), [("Asia/Calcutta", true)]);
        assert_eq!(kolkata(&asia(Tz::UTC)).len(), 1);
    }

    #[test]
    fn a_zone_without_a_city_is_its_distance_alone() {
        let zones = short_list(chrono_tz::Etc::GMTPlus5, Tz::UTC, now());
        let chosen: Vec<_> =
            zones.iter().filter(|zone| zone.chosen).map(|zone| zone.label.as_str()).collect();
        assert_eq!(chosen, ["UTC−05:00"]);
    }

    #[test]
    fn every_inhabited_zone_can_be_chosen() {
        let count: usize = regions(Tz::UTC, now()).iter().map(|region| region.zones.len()).sum();
        assert!(count > 400, "{count}");
    }
}
