//! One provider of the sandbox with one account, Daymark's client for it, and somebody else's hands on it.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::TimeDelta;
use chrono_tz::Tz;
use daymark_core::entropy::Entropy;
use daymark_core::event::Fields;
use daymark_core::time::{Instant, Interval, Span, resolve};
use daymark_remotes::calendar::{CalendarProvider, Changes, Cursor, Draft, Next, RemoteCalendarId};
use daymark_remotes::error::RemoteError;
use daymark_remotes::google::Google;
use daymark_remotes::http::{Pace, Service, client};
use daymark_remotes::microsoft::Graph;
use daymark_remotes::oauth::{AuthServer, StoreError, TokenStore, Tokens};
use daymark_remotes::settings::{ClientId, GoogleSettings, MicrosoftSettings};
use daymark_sandbox::clock::Clock;
use daymark_sandbox::control::Control;
use daymark_sandbox::faults::{Fault, Kind};
use daymark_sandbox::identity::Provider;
use daymark_sandbox::server::Sandbox;
use daymark_sandbox::world::Config;
use journeys::ledgers::{self, Keeper};
use serde_json::json;

use crate::google::GoogleHands;
use crate::hands::Hands;
use crate::microsoft::MicrosoftHands;
use crate::seen::Seen;
use crate::{google, microsoft};

pub const MAIL: &str = "maya@northcare.example";
pub const HOME: Tz = Tz::America__Toronto;
const CLIENT: &str = "daymark-desktop";
const SECRET: &str = "no-secret-at-all";
/// A Monday in Toronto, a week before clocks go forward.
const NOW: &str = "2026-03-02T13:00:00Z";
const MOST_PAGES: usize = 200;

/// Waits pass at once on the sandbox's clock, and are written down.
pub struct SandboxPace {
    control: Arc<Control>,
    waits: Mutex<Vec<Duration>>,
}

impl SandboxPace {
    pub fn waits(&self) -> Vec<Duration> {
        self.waits.lock().unwrap().clone()
    }
}

#[async_trait]
impl Pace for SandboxPace {
    async fn wait(&self, time: Duration) {
        self.waits.lock().unwrap().push(time);
        self.control.advance(TimeDelta::from_std(time).unwrap());
        tokio::task::yield_now().await;
    }

    fn jitter(&self) -> f64 {
        0.0
    }

    fn now(&self) -> Instant {
        self.control.now()
    }
}

/// Random bytes that count up.
#[derive(Default)]
pub struct Dice(AtomicU8);

impl Entropy for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.iter_mut().for_each(|byte| *byte = self.0.fetch_add(1, Ordering::Relaxed));
    }
}

/// Holds one refresh token.
#[derive(Clone, Default)]
pub struct Drawer(Arc<Mutex<Option<String>>>);

impl Drawer {
    pub fn content(&self) -> Option<String> {
        self.0.lock().unwrap().clone()
    }
}

#[async_trait]
impl TokenStore for Drawer {
    async fn load(&self) -> Result<Option<String>, StoreError> {
        Ok(self.content())
    }

    async fn save(&self, refresh_token: &str) -> Result<(), StoreError> {
        *self.0.lock().unwrap() = Some(refresh_token.to_owned());
        Ok(())
    }
}

pub struct World {
    pub sandbox: Sandbox,
    pub kind: Provider,
    pub hands: Box<dyn Hands>,
    pub provider: Box<dyn CalendarProvider>,
    pub server: AuthServer,
    pub tokens: Arc<Tokens>,
    pub drawer: Drawer,
    pub pace: Arc<SandboxPace>,
    pub http: reqwest::Client,
    pub seen: Seen,
    pub cursor: Option<Cursor>,
    _keeper: Option<Keeper>,
}

impl World {
    pub async fn google() -> World {
        let sandbox = sandbox(Provider::Google).await;
        let client = Some(ClientId { id: CLIENT.into(), secret: Some(SECRET.into()) });
        let settings = GoogleSettings {
            api: sandbox.google_api().parse().unwrap(),
            authorize: sandbox.google_authorize().parse().unwrap(),
            token: sandbox.google_token().parse().unwrap(),
            revoke: sandbox.google_revoke().parse().unwrap(),
            client,
        };
        let server = AuthServer::google(&settings).unwrap();
        let hands = Box::new(GoogleHands(sandbox.google().clone()));
        let scopes = [
            "https://www.googleapis.com/auth/calendar.events",
            "https://www.googleapis.com/auth/calendar.calendarlist.readonly",
        ];
        World::open(sandbox, Provider::Google, hands, server, &scopes, |http, pace, tokens| {
            Box::new(Google::new(&settings, http, pace, tokens))
        })
    }

    pub async fn microsoft() -> World {
        let sandbox = sandbox(Provider::Microsoft).await;
        let login = |path: &str| format!("{}/common/oauth2/v2.0/{path}", sandbox.microsoft_login()).parse();
        let settings = MicrosoftSettings {
            graph: format!("{}/v1.0/", sandbox.graph()).parse().unwrap(),
            authorize: login("authorize").unwrap(),
            token: login("token").unwrap(),
            client: Some(ClientId { id: CLIENT.into(), secret: None }),
        };
        let server = AuthServer::microsoft(&settings).unwrap();
        let hands = Box::new(MicrosoftHands(sandbox.microsoft().clone()));
        let scopes = ["offline_access", "User.Read", "Calendars.ReadWrite"];
        World::open(sandbox, Provider::Microsoft, hands, server, &scopes, |http, pace, tokens| {
            Box::new(Graph::new(&settings, http, pace, tokens, HOME))
        })
    }

    fn open(
        sandbox: Sandbox,
        kind: Provider,
        hands: Box<dyn Hands>,
        server: AuthServer,
        scopes: &[&str],
        connect: impl FnOnce(reqwest::Client, Arc<dyn Pace>, Arc<Tokens>) -> Box<dyn CalendarProvider>,
    ) -> World {
        let http = client().unwrap();
        let pace = Arc::new(SandboxPace { control: sandbox.control().clone(), waits: Mutex::default() });
        let minted = sandbox.control().mint(kind, MAIL, CLIENT, scopes);
        let drawer = Drawer(Arc::new(Mutex::new(minted.refresh_token)));
        let service = Service::new("the sign-in", http.clone(), 1, pace.clone());
        let tokens = Arc::new(Tokens::new(server.clone(), service, Box::new(drawer.clone())));
        let provider = connect(http.clone(), pace.clone(), tokens.clone());
        let (seen, cursor, _keeper) = (Seen::default(), None, Keeper::of(sandbox.control()).unwrap());
        World { sandbox, kind, hands, provider, server, tokens, drawer, pace, http, seen, cursor, _keeper }
    }

    pub fn control(&self) -> &Arc<Control> {
        self.sandbox.control()
    }

    pub fn calendar(&self) -> RemoteCalendarId {
        self.hands.calendar()
    }

    /// Arms a fault for calls that concern events.
    pub fn arm(&self, method: &str, kind: Kind) -> u64 {
        let fault = Fault::new(self.kind, kind).method(method).matches("/events|/calendarView");
        self.control().arm(fault).unwrap()
    }

    /// Pulls the account's calendar to the end of the round.
    pub async fn pull(&mut self) -> Pulled {
        let calendar = self.calendar();
        self.try_pull(&calendar).await.unwrap()
    }

    pub async fn try_pull(&mut self, calendar: &RemoteCalendarId) -> Result<Pulled, RemoteError> {
        self.pull_window(calendar, window()).await
    }

    /// One round. What was understood stays, and so does the cursor, also when it fails midway.
    pub async fn pull_window(
        &mut self,
        calendar: &RemoteCalendarId,
        window: Interval,
    ) -> Result<Pulled, RemoteError> {
        let mut pulled = Pulled::default();
        for _ in 0..MOST_PAGES {
            let page = match self.provider.changes(calendar, self.cursor.as_ref(), window).await? {
                Changes::Page(page) => page,
                Changes::Expired => {
                    self.cursor = None;
                    return Ok(Pulled { expired: true, ..pulled });
                }
            };
            pulled.pages += 1;
            pulled.items += page.items.len();
            page.items.into_iter().for_each(|item| self.seen.apply(item));
            match page.next {
                Next::More(cursor) => self.cursor = Some(cursor),
                Next::Done(cursor) => {
                    self.cursor = Some(cursor);
                    return Ok(pulled);
                }
            }
        }
        panic!("a round of more than {MOST_PAGES} pages");
    }

    /// Forgets everything, as a new laptop would.
    pub fn forget(&mut self) {
        self.seen = Seen::default();
        self.cursor = None;
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pulled {
    pub pages: usize,
    pub items: usize,
    pub expired: bool,
}

/// As the engine asks for it: 90 days back, 400 ahead.
pub fn window() -> Interval {
    let now: Instant = NOW.parse().unwrap();
    Interval::new(now - TimeDelta::days(90), now + TimeDelta::days(400)).unwrap()
}

/// A wall time in Toronto.
pub fn at(text: &str) -> Instant {
    resolve(text.parse().unwrap(), HOME)
}

pub fn timed(start: &str, end: &str) -> Span {
    Span::Timed { start: at(start), end: at(end), zone: HOME }
}

pub fn draft(title: &str, span: Span) -> Draft {
    Draft { derived_id: "0123456789abcdef0123456789abcdef".into(), fields: Fields::new(title, span) }
}

async fn sandbox(provider: Provider) -> Sandbox {
    let mut config = Config::new(Clock::standing(NOW.parse().unwrap()));
    config.google_empty_page_every = 2;
    config.ledger_bodies = ledgers::folder().is_some();
    let sandbox = Sandbox::start(config).await.unwrap();
    let (secret, read_only, crowded, crowd, main) = match provider {
        Provider::Google => (Some(SECRET), google::READ_ONLY, google::CROWDED, google::CROWD, "Work"),
        Provider::Microsoft => {
            (None, microsoft::READ_ONLY, microsoft::CROWDED, microsoft::CROWD, microsoft::MAIN)
        }
    };
    let seed = json!({
        "zone": HOME.name(),
        "clients": [{"provider": provider, "id": CLIENT, "secret": secret}],
        "accounts": [{"provider": provider, "email": MAIL, "name": "Maya Okafor", "zone": HOME.name(),
            "calendars": [
                {"name": main, "primary": true, "color": "#1A73E8"},
                {"id": read_only, "name": "Holidays", "access": "reader"},
                {"id": crowded, "name": "Crowded", "bulk": {"count": crowd, "from_day": -30, "to_day": 60}},
            ]}],
    });
    sandbox.control().seed_text(&seed.to_string()).unwrap();
    sandbox
}
