//! The person's settings as the core understands them, their defaults, and the check of what was typed.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{NaiveDate, Weekday};
use chrono_tz::Tz;
use daymark_core::availability::{
    Block, Rules, Schedule, TimeOfDay, Visit, Week, Window, check_rules, check_week,
};
use daymark_core::plain::{is_line, is_seen};

use crate::api::bookings::{AppointmentType, PageSettings, PlaceKind};
use crate::api::problem::{Problem, ProblemCode};
use crate::api::settings::{DateOverride, HourBlock, Language, Settings, Theme};

/// No page looks further ahead than the mirror does.
const LONGEST_WINDOW_DAYS: u32 = 365;
/// Copies reach no further than the mirror does.
const FURTHEST_BLOCK_DAYS: u16 = 365;
const LONGEST_BUFFER_MIN: u32 = 12 * 60;
const LONGEST_TEXT: usize = 2_000;

/// What holds until the person sets something: weekdays from nine to five. The zone is taken from
/// the first account's main calendar, because the process's own zone is never read.
pub fn default_settings() -> Settings {
    let weekday = |day| HourBlock { day, start: "09:00".into(), end: "17:00".into() };
    Settings {
        zone: Tz::UTC.name().into(),
        language: Language::System,
        theme: Theme::System,
        clock_24h: true,
        week_start: 1,
        show_weekend: false,
        name: String::new(),
        role: String::new(),
        organisation: String::new(),
        phone: String::new(),
        home_address: String::new(),
        hours: (1..=5).map(weekday).collect(),
        overrides: Vec::new(),
        first_steps_dismissed: false,
        notifications: true,
        block_days: 90,
    }
}

pub fn default_page() -> PageSettings {
    PageSettings {
        on: false,
        approval: false,
        calendar: None,
        appointment: AppointmentType {
            name: "Visit".into(),
            description: String::new(),
            length_min: 60,
            place: PlaceKind::AtVisitor,
            place_detail: String::new(),
            step_min: 30,
            buffer_before_min: 15,
            buffer_after_min: 15,
            notice_min: 24 * 60,
            window_days: 30,
            cancel_cutoff_min: 24 * 60,
        },
    }
}

/// The zone named in settings.
pub fn zone(settings: &Settings) -> Result<Tz, Problem> {
    settings.zone.parse().map_err(|_| {
        wrong(format!("“{}” is not a time zone; choose one from the list", settings.zone))
            .with("zone", settings.zone.clone())
    })
}

/// The hours in the core's form; refuses what overlaps or makes no sense.
pub fn schedule(settings: &Settings) -> Result<Schedule, Problem> {
    let mut week = Week::default();
    for block in &settings.hours {
        let day = week.get_mut(monday_first(block.day)?).ok_or_else(|| bad_day(block.day))?;
        day.push(parse_block(&block.start, &block.end)?);
    }
    let overrides = settings.overrides.iter().map(parse_override).collect::<Result<BTreeMap<_, _>, _>>()?;
    let zone = zone(settings)?;
    Ok(Schedule {
        zone,
        week,
        breaks: Week::default(),
        overrides,
        out_of_office: BTreeSet::new(),
        travel: Vec::new(),
    })
}

/// Refuses settings that the product could not work with.
pub fn check_settings(settings: &Settings) -> Result<(), Problem> {
    let parsed = schedule(settings)?;
    check_week(&parsed.week, 1).map_err(|error| wrong(error.to_string()))?;
    if settings.week_start > 6 {
        return Err(bad_day(settings.week_start));
    }
    if !(1..=FURTHEST_BLOCK_DAYS).contains(&settings.block_days) {
        return Err(wrong(format!("busy times are copied 1 to {FURTHEST_BLOCK_DAYS} days ahead")));
    }
    let texts =
        [&settings.name, &settings.role, &settings.organisation, &settings.phone, &settings.home_address];
    texts.into_iter().try_for_each(|text| check_text(text))
}

/// The appointment type's rules in the core's form.
pub fn rules(appointment: &AppointmentType) -> Rules {
    let mut rules = Rules::new(appointment.length_min);
    rules.visit = Visit { step_min: appointment.step_min, ..rules.visit };
    rules.notice_min = appointment.notice_min;
    rules.buffer_before_min = appointment.buffer_before_min;
    rules.buffer_after_min = appointment.buffer_after_min;
    rules.window = Window::Rolling { days: appointment.window_days, business_days: false };
    rules.week_start = Weekday::Mon;
    rules
}

pub fn check_page(page: &PageSettings) -> Result<(), Problem> {
    let appointment = &page.appointment;
    check_rules(&rules(appointment)).map_err(|error| wrong(error.to_string()))?;
    for minutes in [appointment.buffer_before_min, appointment.buffer_after_min] {
        if minutes > LONGEST_BUFFER_MIN {
            return Err(wrong(format!("a buffer takes at most 12 hours, not {minutes} minutes")));
        }
    }
    if !(1..=LONGEST_WINDOW_DAYS).contains(&appointment.window_days) {
        return Err(wrong(format!("visitors may book 1 to {LONGEST_WINDOW_DAYS} days ahead")));
    }
    if appointment.notice_min > LONGEST_WINDOW_DAYS * 24 * 60 {
        return Err(wrong("the notice is longer than a year".into()));
    }
    if appointment.cancel_cutoff_min > LONGEST_WINDOW_DAYS * 24 * 60 {
        return Err(wrong("visitors could cancel only more than a year before".into()));
    }
    if !is_seen(&appointment.name) {
        return Err(wrong("give the appointment a name; visitors see it".into()));
    }
    let needs_detail = matches!(appointment.place, PlaceKind::Fixed | PlaceKind::Video);
    if needs_detail && appointment.place_detail.trim().is_empty() {
        return Err(wrong("say where: an address for a fixed place, a link for video".into()));
    }
    if ![&appointment.name, &appointment.place_detail].into_iter().all(|text| is_line(text)) {
        return Err(wrong("name and place are one line each, without marks that turn the text".into()));
    }
    [&appointment.name, &appointment.description, &appointment.place_detail]
        .into_iter()
        .try_for_each(|text| check_text(text))
}

fn check_text(text: &str) -> Result<(), Problem> {
    if text.chars().count() > LONGEST_TEXT {
        return Err(wrong(format!("a text is longer than {LONGEST_TEXT} characters")));
    }
    Ok(())
}

fn parse_override(given: &DateOverride) -> Result<(NaiveDate, Vec<Block>), Problem> {
    let date = given.date.parse().map_err(|_| wrong(format!("“{}” is not a date", given.date)))?;
    let blocks = given.blocks.iter().map(|block| parse_block(&block.start, &block.end));
    Ok((date, blocks.collect::<Result<_, _>>()?))
}

fn parse_block(start: &str, end: &str) -> Result<Block, Problem> {
    let time = |text: &str| text.parse::<TimeOfDay>().map_err(|error| wrong(error.to_string()));
    Ok(Block { from: time(start)?, to: time(end)? })
}

/// The UI counts from Sunday, as JavaScript does; the core from Monday, as ISO 8601 does.
fn monday_first(sunday_first: u8) -> Result<usize, Problem> {
    match sunday_first {
        0..=6 => Ok((usize::from(sunday_first) + 6) % 7),
        _ => Err(bad_day(sunday_first)),
    }
}

fn bad_day(day: u8) -> Problem {
    wrong(format!("{day} is not a weekday; 0 is Sunday, 6 is Saturday"))
}

fn wrong(message: String) -> Problem {
    Problem::new(ProblemCode::BadSettings, message.clone()).with("reason", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_pass_their_own_checks() {
        assert_eq!(check_settings(&default_settings()), Ok(()));
        assert_eq!(check_page(&default_page()), Ok(()));
    }

    #[test]
    fn sundays_block_is_sundays_in_the_core() {
        let sunday = HourBlock { day: 0, start: "10:00".into(), end: "12:00".into() };
        let schedule = schedule(&Settings { hours: vec![sunday], ..default_settings() }).unwrap();
        assert_eq!(schedule.week.iter().position(|blocks| !blocks.is_empty()), Some(6));
    }

    #[test]
    fn an_unknown_zone_and_overlapping_hours_are_refused_in_words() {
        let lost = Settings { zone: "Mars/Olympus".into(), ..default_settings() };
        assert!(check_settings(&lost).unwrap_err().message.contains("Mars/Olympus"));
        let mut twice = default_settings();
        twice.hours.push(HourBlock { day: 1, start: "16:00".into(), end: "18:00".into() });
        assert!(check_settings(&twice).unwrap_err().message.contains("overlap"));
    }

    #[test]
    fn a_name_that_breaks_turns_or_shows_nothing_and_an_endless_cut_off_are_refused() {
        for name in ["Visit\nBcc: x", "Visit\u{202E}tisiV", "\u{200B}"] {
            let mut page = default_page();
            page.appointment.name = name.into();
            assert_eq!(check_page(&page).unwrap_err().code, ProblemCode::BadSettings, "{name:?}");
        }
        let mut page = default_page();
        page.appointment.cancel_cutoff_min = u32::MAX;
        assert_eq!(check_page(&page).unwrap_err().code, ProblemCode::BadSettings);
    }

    #[test]
    fn a_fixed_place_must_say_where() {
        let mut page = default_page();
        page.appointment.place = PlaceKind::Fixed;
        assert_eq!(check_page(&page).unwrap_err().code, ProblemCode::BadSettings);
    }
}
