//! The `Prefer` header: several preferences in one value or in several headers, and which of them were applied.

use super::error::GraphError;
use super::moment::Zone;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Preferences {
    pub immutable_ids: bool,
    pub zone: Option<Zone>,
    pub page_size: Option<usize>,
    pub plain_text: bool,
    pub minimal: bool,
    applied: Vec<String>,
}

impl Preferences {
    pub fn parse<'a>(headers: impl Iterator<Item = &'a str>) -> Result<Self, GraphError> {
        let mut preferences = Self::default();
        for part in headers.flat_map(split) {
            preferences.take(part.trim())?;
        }
        Ok(preferences)
    }

    fn take(&mut self, part: &str) -> Result<(), GraphError> {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let value = value.trim().trim_matches('"');
        match name.trim().to_ascii_lowercase().as_str() {
            "idtype" if value.eq_ignore_ascii_case("ImmutableId") => self.immutable_ids = true,
            "outlook.timezone" => self.zone = Some(Zone::named(value)?),
            "outlook.body-content-type" if value.eq_ignore_ascii_case("text") => self.plain_text = true,
            "odata.maxpagesize" => {
                let size = value.parse().ok().filter(|size| *size > 0);
                self.page_size = Some(size.ok_or_else(|| {
                    GraphError::invalid_parameter(format!(
                        "The value '{value}' of odata.maxpagesize is invalid."
                    ))
                })?);
            }
            "return" if value.eq_ignore_ascii_case("minimal") => self.minimal = true,
            // What a server does not know of `Prefer` it ignores (RFC 7240, section 2).
            _ => return Ok(()),
        }
        self.applied.push(part.to_owned());
        Ok(())
    }

    pub fn applied(&self) -> Option<String> {
        (!self.applied.is_empty()).then(|| self.applied.join(", "))
    }

    pub fn shown_zone(&self) -> Zone {
        self.zone.clone().unwrap_or_else(Zone::utc)
    }
}

/// Splits at commas outside of quotes.
fn split(header: &str) -> Vec<&str> {
    let mut quoted = false;
    header
        .split(move |letter: char| {
            quoted ^= letter == '"';
            letter == ',' && !quoted
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_preferences_combine_in_one_header_and_over_several() {
        let headers =
            [r#"IdType="ImmutableId", outlook.timezone="Eastern Standard Time""#, "odata.maxpagesize=7"];
        let preferences = Preferences::parse(headers.into_iter()).unwrap();
        assert!(preferences.immutable_ids);
        assert_eq!(preferences.shown_zone().name, "Eastern Standard Time");
        assert_eq!(preferences.page_size, Some(7));
        assert_eq!(
            preferences.applied().unwrap(),
            r#"IdType="ImmutableId", outlook.timezone="Eastern Standard Time", odata.maxpagesize=7"#
        );
    }

    #[test]
    fn an_unknown_preference_is_not_reported_as_applied() {
        assert_eq!(Preferences::parse(["respond-async"].into_iter()).unwrap().applied(), None);
    }

    #[test]
    fn an_unknown_zone_and_a_page_of_nothing_are_refused() {
        assert!(Preferences::parse([r#"outlook.timezone="Nowhere""#].into_iter()).is_err());
        assert!(Preferences::parse(["odata.maxpagesize=0"].into_iter()).is_err());
    }
}
