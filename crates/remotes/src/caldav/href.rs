//! Addresses within a server: one form for each, whichever way the server writes it.
//!
//! `@` comes back as `%40` from some servers and as itself from others, often from one and the same.
//! So a path is compared and kept with each segment decoded and encoded anew.

use daymark_core::event::{Original, RemoteId};
use percent_encoding::percent_decode_str;
use url::Url;

use crate::calendar::{RemoteCalendarId, Target};
use crate::error::RemoteError;

/// Between the name of a resource and the occurrence that is meant. No path holds it unencoded.
const OCCURRENCE: char = '#';

/// The one form of a path.
pub fn canonical(url: &Url) -> Url {
    let mut out = url.clone();
    out.set_query(None);
    out.set_fragment(None);
    let segments = url.path_segments().into_iter().flatten();
    let decoded: Result<Vec<String>, _> =
        segments.map(|it| percent_decode_str(it).decode_utf8().map(|it| it.into_owned())).collect();
    // What is no UTF-8 has only the form that the server gave it.
    if let (Ok(segments), Ok(mut path)) = (decoded, out.path_segments_mut()) {
        path.clear().extend(segments);
    }
    out
}

/// What an `href` means beside the address that it came from.
pub fn resolve(base: &Url, href: &str) -> Option<Url> {
    base.join(href.trim()).ok().map(|url| canonical(&url))
}

/// A collection's address ends in a slash, so that names can be joined to it.
pub fn as_collection(mut url: Url) -> Url {
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    url
}

/// A calendar's id is its path: a server may change its name.
pub fn calendar_id(url: &Url) -> RemoteCalendarId {
    RemoteCalendarId(as_collection(canonical(url)).path().to_owned())
}

/// A resource's id: its name in the calendar, or its path when it lies elsewhere.
pub fn event_id(calendar: &Url, resource: &Url) -> RemoteId {
    let path = resource.path();
    RemoteId(path.strip_prefix(calendar.path()).unwrap_or(path).to_owned())
}

/// The id of an exception, which lives in its series' resource.
pub fn exception_id(master: &RemoteId, original: Original) -> RemoteId {
    RemoteId(format!("{}{OCCURRENCE}{original}", master.0))
}

/// Resource and occurrence that a target names.
pub fn place(target: &Target) -> Result<(RemoteId, Option<Original>), RemoteError> {
    match target {
        Target::Occurrence { master, original } => Ok((master.clone(), Some(*original))),
        Target::Event(id) => match id.0.split_once(OCCURRENCE) {
            None => Ok((id.clone(), None)),
            Some((master, original)) => {
                let original = original.parse().map_err(|_| RemoteError::NotFound)?;
                Ok((RemoteId(master.to_owned()), Some(original)))
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().unwrap()
    }

    #[test]
    fn an_encoded_at_sign_is_the_same_address() {
        let base = url("https://cal.example/dav/");
        let encoded = resolve(&base, "/dav/maya%40x.example/a%20b/").unwrap();
        assert_eq!(encoded, resolve(&base, "maya@x.example/a b/").unwrap());
        assert_eq!(
            resolve(&base, "/a%2Fb"),
            Some(url("https://cal.example/a%2Fb")),
            "a slash in a name stays one"
        );
        assert_eq!(resolve(&base, "https://cal.example:443/dav/#x"), Some(url("https://cal.example/dav/")));
    }

    #[test]
    fn ids_survive_their_text() {
        let calendar = url("https://cal.example/maya/round/");
        let id = event_id(&calendar, &url("https://cal.example/maya/round/a.ics"));
        assert_eq!(id.0, "a.ics");
        let original = Original::At("2026-03-02T09:00:00Z".parse().unwrap());
        let exception = Target::Event(exception_id(&id, original));
        assert_eq!(place(&exception).unwrap(), (id.clone(), Some(original)));
        assert_eq!(place(&Target::Event(id.clone())).unwrap(), (id, None));
        assert!(place(&Target::Event(RemoteId("a.ics#never".into()))).is_err());
    }
}
