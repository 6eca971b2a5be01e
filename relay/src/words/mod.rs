//! Every sentence a visitor reads, by language, and how dates and times are written where they live.

pub mod dates;
mod en;
mod fr;

/// The languages that are complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Lang {
    En,
    Fr,
}

pub const LANGS: [Lang; 2] = [Lang::En, Lang::Fr];

impl Lang {
    pub fn code(self) -> &'static str {
        match self {
            Lang::En => "en",
            Lang::Fr => "fr",
        }
    }

    pub fn parse(text: &str) -> Option<Lang> {
        LANGS.into_iter().find(|lang| lang.code() == text)
    }

    pub fn words(self) -> &'static Words {
        match self {
            Lang::En => &en::WORDS,
            Lang::Fr => &fr::WORDS,
        }
    }
}

/// A language as it is written in a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Locale {
    pub lang: Lang,
    pub style: Style,
}

/// What differs between regions of one language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Style {
    /// Monday first, 24 hours.
    Common,
    /// Sunday first, 12 hours, month before day.
    UnitedStates,
    /// 12 hours, day before month; Sunday first in Canada and India only.
    TwelveHours { sunday_first: bool },
    /// Sunday first, “14 h 30”.
    Quebec,
}

impl Locale {
    /// What the address says, else what the browser asks for (RFC 9110 §12.5.4), else English.
    pub fn choose(explicit: Option<Lang>, accept_language: Option<&str>) -> Locale {
        let mut accepted = accepted(accept_language.unwrap_or_default());
        match explicit {
            Some(lang) => {
                let regional = accepted.find(|locale| locale.lang == lang);
                regional.unwrap_or(Locale { lang, style: Style::Common })
            }
            None => accepted.next().unwrap_or(Locale { lang: Lang::En, style: Style::Common }),
        }
    }

    pub fn words(self) -> &'static Words {
        self.lang.words()
    }

    /// For the `lang` of the page.
    pub fn tag(self) -> &'static str {
        self.lang.code()
    }

    fn of_tag(tag: &str) -> Option<Locale> {
        let mut parts = tag.split('-');
        let lang = Lang::parse(&parts.next()?.to_ascii_lowercase())?;
        let region = parts.next_back().unwrap_or_default().to_ascii_uppercase();
        let style = match (lang, region.as_str()) {
            (Lang::En, "US") => Style::UnitedStates,
            (Lang::En, "CA" | "IN") => Style::TwelveHours { sunday_first: true },
            (Lang::En, "AU" | "NZ") => Style::TwelveHours { sunday_first: false },
            (Lang::Fr, "CA") => Style::Quebec,
            _ => Style::Common,
        };
        Some(Locale { lang, style })
    }
}

/// The accepted languages that we speak, best first.
fn accepted(header: &str) -> impl Iterator<Item = Locale> {
    let weighed = header.split(',').filter_map(|part| {
        let (tag, weight) = part.split_once(';').unwrap_or((part, "q=1"));
        let weight: f32 = weight.trim().strip_prefix("q=")?.parse().ok()?;
        Some((Locale::of_tag(tag.trim())?, weight)).filter(|(_, weight)| *weight > 0.0)
    });
    let mut locales: Vec<_> = weighed.take(20).collect();
    locales.sort_by(|a, b| b.1.total_cmp(&a.1));
    locales.into_iter().map(|(locale, _)| locale)
}

/// Whether a zone is called by its distance from UTC and not by a city.
pub fn is_utc(city: &str) -> bool {
    city.starts_with("UTC")
}

/// Puts values in the places of a sentence.
pub fn fill(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(sentence.len() + 32);
    let mut rest = sentence;
    // One pass: a value that itself looks like a place is left as it is.
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let (name, tail) = after.split_once('}').unwrap_or((after, ""));
        out.push_str(values.iter().find(|(key, _)| *key == name).map_or("", |(_, value)| value));
        rest = tail;
    }
    out.push_str(rest);
    out
}

/// A date as a heading begins with a capital, whatever the language does within a sentence.
pub fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect()
}

/// A noun with its number.
#[derive(Debug)]
pub struct Counted {
    pub one: &'static str,
    pub many: &'static str,
}

impl Counted {
    pub fn of(&self, n: i64) -> String {
        fill(if n == 1 { self.one } else { self.many }, &[("n", &n.to_string())])
    }
}

/// Field names say where a sentence stands; `{name}` are its places.
#[derive(Debug)]
pub struct Words {
    pub language_name: &'static str,
    pub weekdays: [&'static str; 7],
    pub weekdays_short: [&'static str; 7],
    pub months: [&'static str; 12],
    pub minutes: Counted,
    pub hours: Counted,
    pub days: Counted,
    pub free_times: Counted,
    pub letters: Counted,
    pub zone_time: fn(&str) -> String,

    pub skip: &'static str,
    pub page_title: &'static str,
    pub choose_type: &'static str,
    pub at_visitor: &'static str,
    pub by_phone: &'static str,
    pub by_video: &'static str,
    pub previous_month: &'static str,
    pub next_month: &'static str,
    pub month_of: &'static str,
    pub no_times_in: &'static str,
    pub next_free_day: &'static str,
    pub no_times: &'static str,
    pub change: &'static str,
    pub zone: &'static str,
    pub zone_more: &'static str,
    pub zone_apply: &'static str,
    pub zone_unknown: &'static str,
    pub zone_title: &'static str,
    pub zone_lead: &'static str,
    pub owner_zone: &'static str,
    pub checked_now: &'static str,
    pub checked_ago: &'static str,
    pub policy: &'static str,
    pub policy_any: &'static str,
    pub policy_moment: &'static str,
    pub policy_start: &'static str,
    pub policy_late: &'static str,
    pub policy_late_request: &'static str,
    pub policy_call: &'static str,
    pub asks_stale: &'static str,
    pub asks_owner: &'static str,
    pub closed_title: &'static str,
    pub away: &'static str,
    pub paused: &'static str,
    pub unpublished: &'static str,
    pub call: &'static str,
    pub powered: &'static str,

    pub other_times: &'static str,
    /// A time, and the city whose clock shows it.
    pub there: fn(&str, &str) -> String,
    pub name: &'static str,
    pub email: &'static str,
    pub email_hint: &'static str,
    pub phone: &'static str,
    pub address: &'static str,
    pub address_hint: &'static str,
    pub note: &'static str,
    pub optional: &'static str,
    pub book: &'static str,
    pub request: &'static str,
    pub privacy: &'static str,
    pub look_again: &'static str,
    pub nearest: &'static str,
    pub missing_name: &'static str,
    pub missing_email: &'static str,
    pub bad_email: &'static str,
    pub missing_phone: &'static str,
    pub bad_phone: &'static str,
    pub missing_address: &'static str,
    pub too_long: &'static str,
    pub bad_characters: &'static str,
    pub time_missing: &'static str,
    pub time_past: &'static str,
    pub time_too_soon: &'static str,
    pub time_not_offered: &'static str,
    pub time_taken: &'static str,
    pub time_other: &'static str,
    pub time_choose: &'static str,

    pub booked: &'static str,
    pub booked_lead: &'static str,
    pub confirmed_lead: &'static str,
    pub requested: &'static str,
    pub requested_stale: &'static str,
    pub requested_owner: &'static str,
    pub declined: &'static str,
    pub declined_lead: &'static str,
    pub cancelled: &'static str,
    pub cancelled_lead: &'static str,
    /// Once the laptop has acknowledged it.
    pub cancelled_heard: &'static str,
    pub unanswered: &'static str,
    pub unanswered_lead: &'static str,
    pub past: &'static str,
    pub past_lead: &'static str,
    pub when: &'static str,
    pub place: &'static str,
    pub you_wrote: &'static str,
    pub add_to_calendar: &'static str,
    pub calendar_file: &'static str,
    pub keep_link: &'static str,
    pub keep_link_lead: &'static str,
    pub changes: &'static str,
    pub cancel_until: &'static str,
    pub withdraw_any: &'static str,
    pub cancel_begun: &'static str,
    pub cancel_late: &'static str,
    pub cancel_late_call: &'static str,
    pub cancel: &'static str,
    pub withdraw: &'static str,
    pub cancel_title: &'static str,
    pub cancel_lead: &'static str,
    pub cancel_yes: &'static str,
    pub withdraw_title: &'static str,
    pub withdraw_yes: &'static str,
    pub cancel_no: &'static str,
    pub book_again: &'static str,
    pub visit_with: &'static str,

    pub lost_title: &'static str,
    pub lost_lead: &'static str,
    pub lost_link_title: &'static str,
    pub lost_link_lead: &'static str,
    pub lost_type_title: &'static str,
    pub lost_type_lead: &'static str,
    pub sent_before_title: &'static str,
    pub sent_before_lead: &'static str,
    pub see_booking: &'static str,
    pub too_large_title: &'static str,
    pub too_large_lead: &'static str,
    pub broken_title: &'static str,
    pub broken_lead: &'static str,
    pub busy_title: &'static str,
    pub busy_lead: &'static str,
    pub unsure_title: &'static str,
    pub unsure_lead: &'static str,
    pub method_title: &'static str,
    pub method_lead: &'static str,
    pub not_ours_title: &'static str,
    pub not_ours_lead: &'static str,
    pub changed_title: &'static str,
    pub changed_lead: &'static str,
    pub to_page: &'static str,
    pub home_title: &'static str,
    pub home_lead: &'static str,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_browsers_best_language_that_we_speak_is_taken() {
        let choose = |header| Locale::choose(None, Some(header));
        assert_eq!(choose("de-DE,de;q=0.9,fr;q=0.8,en;q=0.7").lang, Lang::Fr);
        assert_eq!(choose("en;q=0.4, fr-CA;q=0.9"), Locale { lang: Lang::Fr, style: Style::Quebec });
        assert_eq!(choose("fr;q=0, en-US").style, Style::UnitedStates);
        assert_eq!(choose("ja, *;q=0.1").lang, Lang::En);
        assert_eq!(Locale::choose(None, None).lang, Lang::En);
    }

    #[test]
    fn the_address_wins_and_keeps_the_browsers_region() {
        let chosen = Locale::choose(Some(Lang::Fr), Some("en-US, fr-CA;q=0.5"));
        assert_eq!(chosen, Locale { lang: Lang::Fr, style: Style::Quebec });
        assert_eq!(Locale::choose(Some(Lang::Fr), Some("en-US")).style, Style::Common);
    }

    #[test]
    fn a_broken_header_is_no_reason_to_fail() {
        for header in ["", ";;;", "en;q=abc", "fr;q=NaN,en", ",,,", "en-"] {
            Locale::choose(None, Some(header));
        }
    }

    #[test]
    fn a_value_is_never_read_as_a_place() {
        assert_eq!(fill("{a} and {b}", &[("a", "{b}"), ("b", "x")]), "{b} and x");
        assert_eq!(fill("no end {a", &[("a", "x")]), "no end x");
    }
}
