//! Publication: the sheet goes to the relay when it changed, or when its lease runs low.

use chrono::TimeDelta;
use daymark_core::availability::Taken;
use daymark_core::contract::{LEASE_HOURS, PutPage};
use daymark_core::time::{Instant, Interval};
use daymark_mirror::{Published, Relay};
use daymark_remotes::relay::RelayError;

use super::ground::{self, Lack};
use super::offer::{Offer, horizon, offer};
use super::{PageDesk, trouble};
use crate::api::Tag;
use crate::api::bookings::PageSettings;
use crate::api::problem::Problem;
use crate::api::settings::Settings;
use crate::problems;
use crate::profile;
use crate::sync::is_file;

/// Busy time just outside the horizon still keeps its buffers.
const MARGIN: TimeDelta = TimeDelta::days(2);

/// What is known of the owner's time, and since when.
struct Known {
    /// `None`: some calendar that counts as busy has never been read. Unknown is not free.
    taken: Option<Vec<Taken>>,
    /// The oldest of the readings behind it; the sheet is no fresher than that.
    checked_at: Option<Instant>,
    /// Why nothing may be offered, whatever is known.
    lack: Option<Lack>,
}

impl PageDesk {
    /// Publishes if there is something new to say. Trouble becomes a health card; the next run tries again.
    pub async fn publish(&self, settings: &Settings) {
        if let Err(problem) = self.try_publish(settings).await {
            tracing::warn!(code = ?problem.code, "the page could not be published");
        }
    }

    async fn try_publish(&self, settings: &Settings) -> Result<(), Problem> {
        let Some(relay) = self.mirror.relay().await.map_err(problems::mirror)? else { return Ok(()) };
        let page = self.settings().await?;
        let now = self.ports.clock.now();
        let schedule = profile::schedule(settings)?;
        let known = self.known(&page, now, schedule.zone).await?;
        ground::show(&self.health, known.lack.as_ref().filter(|_| page.on));
        // A page that stands on nothing says that it takes no bookings now.
        let page = PageSettings { on: page.on && known.lack.is_none(), ..page };
        let made = offer(settings, &schedule, &page, known.taken.as_deref(), now);
        let checked_at = known.checked_at.unwrap_or(now).min(now);
        let lease_until = checked_at + TimeDelta::hours(LEASE_HOURS);
        if !is_news(&relay, &made, lease_until, now) {
            return Ok(());
        }
        let Some(client) = self.client().await? else { return Ok(()) };
        let offered = made.sheet.types.iter().map(|sheet| sheet.starts_min.len()).sum::<usize>();
        let put = PutPage {
            rev: next_rev(&relay, now),
            based_on_seq: relay.inbox_seq,
            checked_at,
            lease_until,
            mode: made.mode,
            sheet: made.sheet,
        };
        match client.put_page(&put).await {
            Ok(()) => {}
            Err(RelayError::OldRev) => {
                // A newer page of this very person stands: an earlier answer was lost, or another laptop
                // leads. The next run publishes above it, since numbers follow the clock.
                tracing::info!("the relay holds a newer page");
                return Ok(());
            }
            Err(error) => {
                trouble::failed(&self.health, &error);
                self.notices.tell(&[Tag::Page]);
                return Err(problems::relay(&error));
            }
        }
        trouble::well(&self.health);
        let published = Published {
            rev: put.rev,
            digest: made.digest,
            at: now,
            lease_until,
            offered: u32::try_from(offered).unwrap_or(u32::MAX),
        };
        self.mirror.published(&published).await.map_err(problems::mirror)?;
        self.notices.tell(&[Tag::Page]);
        Ok(())
    }

    async fn known(&self, page: &PageSettings, now: Instant, zone: chrono_tz::Tz) -> Result<Known, Problem> {
        let calendars = self.mirror.calendars().await.map_err(problems::mirror)?;
        let lack = ground::lack(&calendars, page);
        let accounts = self.mirror.accounts().await.map_err(problems::mirror)?;
        // A file is as old as it is. A paused account's age shows on the page, as it should.
        let ages = |id| accounts.iter().any(|account| account.id == id && !is_file(account));
        let counted = calendars.iter().filter(|it| ground::counts(it) && !it.gone && ages(it.account));
        let checked_at = counted.map(|calendar| calendar.last_sync).min().flatten();
        let taken = match horizon(page, now) {
            Some(asked) => self.taken(page, asked, zone).await?,
            None => None,
        };
        Ok(Known { taken, checked_at, lack })
    }

    /// `None` while some calendar that counts is not known.
    async fn taken(
        &self,
        page: &PageSettings,
        asked: Interval,
        zone: chrono_tz::Tz,
    ) -> Result<Option<Vec<Taken>>, Problem> {
        let wide = Interval::new(asked.start() - MARGIN, asked.end() + MARGIN).unwrap_or(asked);
        let busy = self.mirror.busy(wide, zone).await.map_err(problems::mirror)?;
        let rules = profile::rules(&page.appointment);
        let bookings = self.mirror.bookings().await.map_err(problems::mirror)?;
        let undecided = bookings.iter().filter(|booking| booking.holds_time_without_event());
        let events = busy.taken.iter().map(|taken| match taken.booking {
            Some(_) => Taken::visit(taken.interval, daymark_core::availability::By::Booking, &rules),
            None => Taken::event(taken.interval),
        });
        let waiting = undecided.filter_map(|booking| {
            Some(Taken::visit(booking.interval()?, daymark_core::availability::By::Request, &rules))
        });
        let unread = busy.unread.iter().copied().map(Taken::event);
        Ok(busy.unknown.is_empty().then(|| events.chain(unread).chain(waiting).collect()))
    }
}

/// A changed offer, or a lease that could be renewed by an hour at least: often enough that it never
/// runs out while the laptop is awake, seldom enough to be no burden.
fn is_news(relay: &Relay, made: &Offer, lease_until: Instant, now: Instant) -> bool {
    let renews =
        |until: Instant| lease_until - until >= TimeDelta::hours(1) || until <= now && lease_until > until;
    relay.digest != made.digest || relay.lease_until.is_none_or(renews)
}

/// Follows the clock, so that a laptop which lost its database publishes above what it had published.
fn next_rev(relay: &Relay, now: Instant) -> u64 {
    let clock = u64::try_from(now.timestamp_millis()).unwrap_or_default();
    clock.max(relay.rev.saturating_add(1))
}
