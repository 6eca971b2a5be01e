//! The bodies of questions.

use quick_xml::escape::escape;

/// What a calendar is asked about.
pub const OF_CALENDAR: &str = "<d:resourcetype/><d:displayname/><i:calendar-color/><i:calendar-order/>\
    <c:calendar-timezone/><c:supported-calendar-component-set/><d:current-user-privilege-set/>";
/// What leads to an account's calendars.
pub const OF_ENTRANCE: &str = "<d:current-user-principal/><d:resourcetype/><c:calendar-home-set/>";
pub const OF_PRINCIPAL: &str = "<c:calendar-home-set/><c:calendar-user-address-set/>";
/// The tag of a whole collection, for servers that cannot tell changes.
pub const OF_STATE: &str = "<s:getctag/><d:resourcetype/>";
pub const OF_MEMBER: &str = "<d:getetag/><d:resourcetype/>";

const SPACES: &str = "xmlns:d=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\" \
    xmlns:i=\"http://apple.com/ns/ical/\" xmlns:s=\"http://calendarserver.org/ns/\"";

fn document(root: &str, content: &str) -> String {
    format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<{root} {SPACES}>{content}</{root}>")
}

pub fn propfind(properties: &str) -> String {
    document("d:propfind", &format!("<d:prop>{properties}</d:prop>"))
}

/// Changes since `token`; everything there is without one (RFC 6578).
pub fn sync(token: Option<&str>) -> String {
    let token = escape(token.unwrap_or_default());
    let content = format!(
        "<d:sync-token>{token}</d:sync-token><d:sync-level>1</d:sync-level><d:prop><d:getetag/></d:prop>"
    );
    document("d:sync-collection", &content)
}

pub fn multiget<'a>(hrefs: impl IntoIterator<Item = &'a str>) -> String {
    let hrefs: String = hrefs.into_iter().map(|href| format!("<d:href>{}</d:href>", escape(href))).collect();
    document("c:calendar-multiget", &format!("<d:prop><d:getetag/><c:calendar-data/></d:prop>{hrefs}"))
}

/// The event with this UID.
pub fn by_uid(uid: &str) -> String {
    let content = format!(
        "<d:prop><d:getetag/></d:prop><c:filter><c:comp-filter name=\"VCALENDAR\"><c:comp-filter name=\"VEVENT\">\
         <c:prop-filter name=\"UID\"><c:text-match collation=\"i;octet\">{}</c:text-match></c:prop-filter>\
         </c:comp-filter></c:comp-filter></c:filter>",
        escape(uid)
    );
    document("c:calendar-query", &content)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::caldav::xml::{Space, read};

    #[test]
    fn a_token_cannot_leave_its_element() {
        let mut names = Vec::new();
        let evil = "x</d:sync-token><d:evil/>&";
        read(sync(Some(evil)).as_bytes(), |entry| names.push((entry.name, entry.text))).unwrap();
        assert_eq!(names[0], ("sync-token".to_owned(), evil.to_owned()));
        assert_eq!(names.len(), 3);
    }

    #[test]
    fn every_question_is_well_formed() {
        for body in [
            propfind(OF_CALENDAR),
            propfind(OF_ENTRANCE),
            propfind(OF_STATE),
            sync(None),
            by_uid("a\"<"),
            multiget(["/a&b"]),
        ] {
            assert_ne!(read(body.as_bytes(), |_| {}).unwrap().space, Space::Other, "{body}");
        }
    }
}
