//! The list of an account's calendars, and what may be done to each.

use std::str::FromStr as _;

use chrono_tz::Tz;
use daymark_core::ics::zone_of_calendar;
use url::Url;

use super::call::Ask;
use super::href::{calendar_id, resolve};
use super::xml::{Element, Response, Space};
use super::{CalDav, body};
use crate::calendar::{Access, RemoteCalendar, RemoteCalendarId};
use crate::error::RemoteError;

/// Apple's order number, and the calendar.
struct Listed {
    order: i64,
    calendar: RemoteCalendar,
}

impl CalDav {
    pub(super) async fn list_calendars(&self) -> Result<Vec<RemoteCalendar>, RemoteError> {
        let mut found: Vec<Listed> = Vec::new();
        for home in &self.place.homes {
            let answer = self.server.ask(&Ask::propfind("1", body::OF_CALENDAR), home).await?;
            found.extend(answer.responses.iter().filter_map(|response| self.listed(home, response)));
        }
        found.sort_by(|one, other| (one.order, &one.calendar.id).cmp(&(other.order, &other.calendar.id)));
        found.dedup_by(|one, other| one.calendar.id == other.calendar.id);
        // There is no word for the main calendar that all servers know: the first that can be written.
        if let Some(first) = found.iter_mut().find(|it| it.calendar.access == Access::Write) {
            first.calendar.primary = true;
        }
        Ok(found.into_iter().map(|it| it.calendar).collect())
    }

    /// A calendar that takes events; one on another server is none of this account's.
    fn listed(&self, home: &Url, response: &Response) -> Option<Listed> {
        let kind = response.property(Space::Dav, "resourcetype")?;
        kind.child(Space::CalDav, "calendar").filter(|_| takes_events(response))?;
        let url = resolve(home, &response.href).filter(|url| self.server.is_own(url))?;
        let last = url.path().trim_end_matches('/').rsplit('/').next().unwrap_or_default();
        let name = response.text(Space::Dav, "displayname").unwrap_or(last).to_owned();
        let calendar = RemoteCalendar {
            id: calendar_id(&url),
            name,
            color: response.text(Space::Ical, "calendar-color").and_then(without_alpha),
            zone: response.text(Space::CalDav, "calendar-timezone").and_then(zone),
            access: access(response.property(Space::Dav, "current-user-privilege-set")),
            primary: false,
        };
        let order = response.text(Space::Ical, "calendar-order").and_then(|order| i64::from_str(order).ok());
        Some(Listed { order: order.unwrap_or(i64::MAX), calendar })
    }

    pub(super) fn calendar_url(&self, calendar: &RemoteCalendarId) -> Result<Url, RemoteError> {
        self.server.at(&calendar.0)
    }

    /// Addresses under which the owner is invited. Not knowing them does not keep anything from working.
    pub(super) async fn owner(&self) -> Result<&[String], RemoteError> {
        let owner = self.owner.get_or_try_init(|| async {
            let mut owner: Vec<String> =
                Some(self.username.clone()).filter(|it| it.contains('@')).into_iter().collect();
            let Some(principal) = &self.place.principal else { return Ok(owner) };
            match self.server.send(&Ask::propfind("0", body::OF_PRINCIPAL), principal).await? {
                Ok(answer) => owner.extend(addresses(&super::call::multistatus(&answer)?.responses)),
                Err(refusal) => {
                    tracing::debug!(status = refusal.status, "the owner's addresses are not told")
                }
            }
            Ok::<_, RemoteError>(owner)
        });
        Ok(owner.await?.as_slice())
    }
}

fn addresses(responses: &[Response]) -> Vec<String> {
    let sets = responses.iter().filter_map(|it| it.property(Space::CalDav, "calendar-user-address-set"));
    let hrefs = sets.flat_map(|set| &set.children).filter(|it| it.is(Space::Dav, "href"));
    let mailto = |href: &Element| {
        let (scheme, address) = href.text.trim().split_once(':')?;
        scheme.eq_ignore_ascii_case("mailto").then(|| address.to_owned())
    };
    hrefs.filter_map(mailto).collect()
}

/// A calendar that does not say what it takes takes everything.
fn takes_events(response: &Response) -> bool {
    let set = response.property(Space::CalDav, "supported-calendar-component-set");
    set.is_none_or(|set| {
        set.children.is_empty() || set.children.iter().any(|kind| names_event(&kind.attributes))
    })
}

fn names_event(attributes: &[(String, String)]) -> bool {
    attributes.iter().any(|(name, value)| name == "name" && value.eq_ignore_ascii_case("VEVENT"))
}

/// A server that tells nothing about rights lets the write itself decide.
fn access(privileges: Option<&Element>) -> Access {
    let Some(privileges) = privileges else { return Access::Write };
    let granted: Vec<&Element> =
        privileges.children.iter().flat_map(|privilege| &privilege.children).collect();
    let has = |space, names: &[&str]| granted.iter().any(|it| names.iter().any(|name| it.is(space, name)));
    if has(Space::Dav, &["all", "write", "write-content", "bind"]) {
        Access::Write
    } else if has(Space::Dav, &["read"]) || granted.is_empty() {
        Access::Read
    } else if has(Space::CalDav, &["read-free-busy"]) {
        Access::FreeBusy
    } else {
        Access::Read
    }
}

/// `#rrggbb`, without the alpha that Apple appends.
fn without_alpha(color: &str) -> Option<String> {
    let color = color.get(..7)?.to_lowercase();
    let digits = color.strip_prefix('#')?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(color)
}

fn zone(text: &str) -> Option<Tz> {
    zone_of_calendar(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caldav::xml::multistatus;

    fn privileges(granted: &str) -> Access {
        let body = format!(
            "<d:multistatus xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><d:response><d:href>/a/</d:href>\
             <d:propstat><d:prop><d:current-user-privilege-set>{granted}</d:current-user-privilege-set></d:prop>\
             <d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response></d:multistatus>"
        );
        let answer = multistatus(body.as_bytes()).unwrap();
        access(answer.responses[0].property(Space::Dav, "current-user-privilege-set"))
    }

    #[test]
    fn rights_are_what_the_server_grants() {
        let privilege = |name: &str| format!("<d:privilege><{name}/></d:privilege>");
        assert_eq!(privileges(&(privilege("d:read") + &privilege("d:write-content"))), Access::Write);
        assert_eq!(privileges(&(privilege("c:read-free-busy") + &privilege("d:read"))), Access::Read);
        assert_eq!(privileges(&privilege("c:read-free-busy")), Access::FreeBusy);
        assert_eq!(access(None), Access::Write);
    }

    #[test]
    fn a_colour_loses_its_alpha() {
        assert_eq!(without_alpha("#1A73E8FF").as_deref(), Some("#1a73e8"));
        assert_eq!(without_alpha("red"), None);
    }
}
