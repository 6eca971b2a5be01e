//! Bookings: shown, decided by the person or by the calendar, and answered to the relay.

use chrono::TimeDelta;
use chrono_tz::Tz;
use daymark_core::booking::{BookingId, State};
use daymark_core::contract::{Decision, Place, Verdict, WaitsFor};
use daymark_core::time::{Instant, Interval, wall};
use daymark_mirror::{Booking, BookingEvent, CalendarId, Decided, Untold, Unwritten};

use super::{PageDesk, ground, offer, words};
use crate::api::Tag;
use crate::api::bookings::{self as api, DecideBooking, PageSettings, PlaceKind};
use crate::api::health::{CardCode, HealthState, Remedy};
use crate::api::problem::{Problem, ProblemCode};
use crate::api::schedule::EventRef;
use crate::api::settings::Settings;
use crate::health::{Subject, card};
use crate::ids::booking_event_id;
use crate::problems;
use crate::profile;
use crate::sync::is_asked;

/// So long a promised visit waits for calendars that cannot be read: two rounds, in which most trouble is over.
const PROMISED_WAITS: TimeDelta = TimeDelta::minutes(10);

/// What the calendars are good for just now.
#[derive(Clone, Copy)]
struct Ground {
    /// Nothing can be said for sure of free and busy.
    lacks: bool,
    /// There is a calendar that takes bookings.
    receives: bool,
}

impl PageDesk {
    pub async fn bookings(&self, zone: Tz) -> Result<Vec<api::Booking>, Problem> {
        let bookings = self.mirror.bookings().await.map_err(problems::mirror)?;
        Ok(bookings.iter().map(|booking| view(booking, zone)).collect())
    }

    /// The person's own decision. Confirming over something else is theirs to choose.
    pub async fn decide(&self, decide: DecideBooking, settings: &Settings) -> Result<(), Problem> {
        let id = BookingId(decide.booking);
        let bookings = self.mirror.bookings().await.map_err(problems::mirror)?;
        let booking = bookings.into_iter().find(|booking| booking.id == id);
        let booking =
            booking.ok_or_else(|| Problem::new(ProblemCode::NotFound, "there is no such booking"))?;
        let verdict = if decide.confirm { Verdict::Confirm } else { Verdict::Decline };
        self.settle(&booking, verdict, settings).await?;
        self.health.clear(Subject::Booking(booking.id.0), CardCode::BookingClash);
        Ok(())
    }

    /// Decides what the calendar can decide: promised times, and requests that only waited for fresh data.
    /// Nothing is said of free and busy while some calendar that counts as busy is unknown, gone or failing
    /// to be read; but who was promised a time does not wait for that for ever.
    pub async fn decide_due(&self, settings: &Settings) -> Result<bool, Problem> {
        let page = self.settings().await?;
        let bookings = self.mirror.bookings().await.map_err(problems::mirror)?;
        bookings.iter().for_each(|booking| self.show_untold(booking));
        self.forget_clashes(&bookings);
        let calendars = self.mirror.calendars().await.map_err(problems::mirror)?;
        // The card of the page says what is missing; the person may still decide.
        let ground = Ground {
            lacks: ground::lack(&calendars, &page).is_some(),
            receives: ground::receiving(&calendars, &page).is_some(),
        };
        let now = self.ports.clock.now();
        let (mut decided, mut failed) = (false, None);
        let open = bookings.iter().filter(|it| !it.state.has_lapsed(it.start, now));
        for booking in open.filter(|booking| is_due(booking, &page)) {
            // One that fails keeps none of the others waiting.
            match self.decide_one(booking, ground, settings).await {
                Ok(this) => decided |= this,
                Err(problem) => failed = failed.or(Some(problem)),
            }
        }
        failed.map_or(Ok(decided), Err)
    }

    /// Whether the booking could be decided now.
    async fn decide_one(
        &self,
        booking: &Booking,
        ground: Ground,
        settings: &Settings,
    ) -> Result<bool, Problem> {
        let patient = !has_waited(booking, self.ports.clock.now());
        if ground.lacks && patient {
            return Ok(false);
        }
        let Some(free) = self.is_free(booking, patient, settings).await? else { return Ok(false) };
        // A visit that no calendar could take waits for one, however long: it is promised.
        if free && !ground.receives {
            return Ok(false);
        }
        let verdict = if free { Verdict::Confirm } else { Verdict::Decline };
        if !free {
            self.say_clash(booking);
        }
        self.settle(booking, verdict, settings).await?;
        Ok(true)
    }

    /// A request that nobody answered before its time is over: it stays what it is, and no card asks about it.
    fn forget_clashes(&self, bookings: &[Booking]) {
        let now = self.ports.clock.now();
        for booking in bookings.iter().filter(|it| it.state.has_lapsed(it.start, now)) {
            self.health.clear(Subject::Booking(booking.id.0.clone()), CardCode::BookingClash);
        }
    }

    /// Whether nothing else takes the booking's time, as far as is known; `None` when one is `patient` while
    /// that is not all there is. A promised visit that has begun is the visit it was, whatever was added
    /// beside it: nobody can be put off any more.
    async fn is_free(
        &self,
        booking: &Booking,
        patient: bool,
        settings: &Settings,
    ) -> Result<Option<bool>, Problem> {
        if booking.start <= self.ports.clock.now() {
            return Ok(Some(true));
        }
        let Some(visit) = booking.interval() else { return Ok(Some(false)) };
        let zone = profile::zone(settings)?;
        let busy = self.mirror.busy(visit, zone).await.map_err(problems::mirror)?;
        if patient && (!busy.unknown.is_empty() || self.is_stale(booking).await?) {
            return Ok(None);
        }
        let others = busy.taken.iter().filter(|taken| taken.booking.as_deref() != Some(&booking.id.0));
        Ok(Some(!others.into_iter().any(|taken| taken.interval.overlaps(&visit))))
    }

    /// Something may have been added elsewhere before the booking was made: every counted calendar must
    /// have been read since. One that is not asked, because its account is paused or a file, counts with
    /// what it has: a booking must not wait for the end of a pause.
    async fn is_stale(&self, booking: &Booking) -> Result<bool, Problem> {
        let calendars = self.mirror.calendars().await.map_err(problems::mirror)?;
        let accounts = self.mirror.accounts().await.map_err(problems::mirror)?;
        let asked = |id| accounts.iter().any(|account| account.id == id && is_asked(account));
        let counted = calendars.iter().filter(|it| ground::counts(it) && !it.gone && asked(it.account));
        let read_since =
            |last: Option<daymark_core::time::Instant>| last.is_some_and(|at| at >= booking.received);
        Ok(counted.map(|calendar| calendar.last_sync).any(|last| !read_since(last)))
    }

    async fn settle(&self, booking: &Booking, verdict: Verdict, settings: &Settings) -> Result<(), Problem> {
        let page = self.settings().await?;
        let staged = match verdict {
            Verdict::Confirm => Some(self.event_of(booking, &page, settings).await?),
            Verdict::Decline => None,
        };
        let now = self.ports.clock.now();
        let decided =
            Decided { booking: booking.id.clone(), version: booking.version, verdict, event: staged };
        self.mirror.decide(decided, now).await.map_err(problems::mirror)?;
        self.notices.tell(&[Tag::Bookings, Tag::Schedule, Tag::Page, Tag::Journal]);
        self.staged.ring();
        Ok(())
    }

    async fn event_of(
        &self,
        booking: &Booking,
        page: &PageSettings,
        settings: &Settings,
    ) -> Result<BookingEvent, Problem> {
        let zone = profile::zone(settings)?;
        let calendar = self.receiving(page).await?;
        let fields = words::event(booking, &offer::place(&page.appointment), zone);
        Ok(BookingEvent { calendar, fields, derived_id: booking_event_id(&booking.id) })
    }

    async fn receiving(&self, page: &PageSettings) -> Result<CalendarId, Problem> {
        let calendars = self.mirror.calendars().await.map_err(problems::mirror)?;
        ground::receiving(&calendars, page).ok_or_else(|| {
            Problem::new(
                ProblemCode::ReadOnly,
                "there is no calendar that bookings could be written to; connect one",
            )
        })
    }

    /// Tells the relay what was decided. A confirmation goes only once the event stands at the provider.
    pub async fn send_decisions(&self) {
        if let Err(problem) = self.try_send_decisions().await {
            tracing::warn!(code = ?problem.code, "decisions could not be sent to the relay");
        }
    }

    async fn try_send_decisions(&self) -> Result<(), Problem> {
        let due = self.mirror.decisions_to_send().await.map_err(problems::mirror)?;
        if due.is_empty() {
            return Ok(());
        }
        let Some(client) = self.client().await? else { return Ok(()) };
        let decision = |it: &Booking| {
            Some(Decision { booking: it.id.clone(), version: it.version, verdict: it.decision? })
        };
        let answer = client
            .decisions(due.iter().filter_map(decision).collect())
            .await
            .map_err(|error| self.failed(&error))?;
        let told: Vec<BookingId> = due.into_iter().map(|it| it.id).collect();
        self.mirror
            .decisions_sent(&told, &answer.bookings, self.ports.clock.now())
            .await
            .map_err(problems::mirror)?;
        self.notices.tell(&[Tag::Bookings, Tag::Schedule]);
        Ok(())
    }

    /// The relay has no word yet for what its owner does to a booking that stands: until it has, the person
    /// is told to tell the visitor, while it still matters.
    fn show_untold(&self, booking: &Booking) {
        let subject = Subject::Booking(booking.id.0.clone());
        let ahead = booking.start > self.ports.clock.now();
        let Some(untold) = booking.untold.filter(|_| ahead) else {
            return self.health.clear(subject, CardCode::BookingUntold);
        };
        let title = called(booking);
        let done = match untold {
            Untold::Moved => "moved",
            Untold::Cancelled => "deleted",
        };
        let message = format!("You {done} the visit of {title}, who does not know of it. Tell them.");
        let card = card(CardCode::BookingUntold, HealthState::Attention, message)
            .with("title", title)
            .remedy(Remedy::OpenBookings);
        self.health.raise(subject, card);
    }

    fn say_clash(&self, booking: &Booking) {
        let title = called(booking);
        let message = format!(
            "The booking of {title} met something added elsewhere, so Daymark declined it. The visitor's page says \
             so, and no e-mail goes out: tell them if they might not look."
        );
        let card = card(CardCode::BookingClash, HealthState::Attention, message)
            .with("title", title)
            .remedy(Remedy::OpenBookings);
        self.health.raise(Subject::Booking(booking.id.0.clone()), card);
    }
}

/// Whose visit it is; what was booked, where no key of this laptop opens that.
fn called(booking: &Booking) -> String {
    booking.visitor.as_ref().map_or_else(|| booking.type_name.clone(), |visitor| visitor.name.clone())
}

/// Requests made while the owner answers in person wait for them, whatever the page says by now; everything
/// else is for the calendar to say.
fn is_due(booking: &Booking, page: &PageSettings) -> bool {
    match booking.state {
        State::Accepted => booking.decision.is_none(),
        State::Requested => {
            booking.decision.is_none() && booking.waits_for != Some(WaitsFor::Owner) && !page.approval
        }
        State::Confirmed | State::Declined | State::Cancelled => false,
    }
}

/// The visitor holds the time already; a calendar that is not read meanwhile must not keep the visit off all the
/// others. After a clock that was set back nobody knows how long it was.
fn has_waited(booking: &Booking, now: Instant) -> bool {
    let waited = now - booking.received;
    booking.state == State::Accepted && !(TimeDelta::zero()..PROMISED_WAITS).contains(&waited)
}

fn place_kind(place: &Place) -> PlaceKind {
    match place {
        Place::AtVisitor => PlaceKind::AtVisitor,
        Place::Fixed(_) => PlaceKind::Fixed,
        Place::Phone => PlaceKind::Phone,
        Place::Video(_) => PlaceKind::Video,
    }
}

fn unwritten(booking: &Booking) -> Option<api::BookingUnwritten> {
    match &booking.unwritten {
        Some(Unwritten::Waiting) => Some(api::BookingUnwritten::Waiting),
        Some(Unwritten::Refused { reason }) => {
            Some(api::BookingUnwritten::Refused { reason: reason.clone() })
        }
        None if booking.state == State::Accepted && booking.event.is_none() => {
            Some(api::BookingUnwritten::Undecided)
        }
        None => None,
    }
}

fn unopened(booking: &Booking) -> Option<api::BookingUnopened> {
    let kept = booking.sealed.is_some();
    let why = if kept { api::BookingUnopened::Sealed } else { api::BookingUnopened::Gone };
    booking.visitor.is_none().then_some(why)
}

fn view(booking: &Booking, zone: Tz) -> api::Booking {
    let end = booking.interval().as_ref().map_or(booking.start, Interval::end);
    let visitor = booking.visitor.as_ref();
    let text = |read: fn(&daymark_core::contract::Visitor) -> &String| {
        visitor.map(read).cloned().unwrap_or_default()
    };
    api::Booking {
        id: booking.id.0.clone(),
        state: match booking.state {
            State::Requested => api::BookingState::Requested,
            State::Accepted => api::BookingState::Accepted,
            // Decided is not yet written: it is said of what stands on the calendar.
            State::Confirmed if booking.unwritten.is_some() => api::BookingState::Accepted,
            State::Confirmed => api::BookingState::Confirmed,
            State::Declined => api::BookingState::Declined,
            State::Cancelled => api::BookingState::Cancelled,
        },
        type_name: booking.type_name.clone(),
        start: wall(booking.start, zone),
        end: wall(end, zone),
        visitor: api::BookingVisitor {
            name: text(|it| &it.name),
            email: text(|it| &it.email),
            phone: text(|it| &it.phone),
            address: text(|it| &it.address),
            note: text(|it| &it.note),
            zone: visitor.map(|it| it.zone.name().to_owned()).unwrap_or_default(),
        },
        unopened: unopened(booking),
        place: booking.place.as_ref().map(place_kind),
        place_detail: match &booking.place {
            Some(Place::Fixed(detail) | Place::Video(detail)) => detail.clone(),
            Some(Place::AtVisitor | Place::Phone) | None => String::new(),
        },
        event: booking.event.map(|event| EventRef { event, original: None }),
        clash: booking.clash,
        untold: booking.untold.map(|untold| match untold {
            Untold::Moved => api::BookingUntold::Moved,
            Untold::Cancelled => api::BookingUntold::Cancelled,
        }),
        unwritten: unwritten(booking),
        received: wall(booking.received, zone),
    }
}
