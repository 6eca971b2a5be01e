//! One provider of the sandbox with one account, Daymark's client for it, and somebody else's hands on it.

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use daymark_core::entropy::Entropy;
use daymark_core::time::Interval;
use daymark_remotes::caldav::{CalDav, Login, Place};
use daymark_remotes::calendar::{CalendarProvider, Cursor, RemoteCalendarId};
use daymark_remotes::error::RemoteError;
use daymark_remotes::google::Google;
use daymark_remotes::http::{Pace, Service, client};
use daymark_remotes::microsoft::Graph;
use daymark_remotes::oauth::{AuthServer, StoreError, TokenStore, Tokens};
use daymark_remotes::settings::{ClientId, GoogleSettings, MicrosoftSettings};
use daymark_sandbox::caldav::PASSWORD;
use daymark_sandbox::clock::Clock;
use daymark_sandbox::control::Control;
use daymark_sandbox::faults::{Fault, Kind};
use daymark_sandbox::identity::Provider;
use daymark_sandbox::server::Sandbox;
use daymark_sandbox::world::Config;
use journeys::ledgers::{self, Keeper};
use serde_json::json;

pub use crate::common::{HOME, MAIL, NOW, Pulled, SandboxPace, Stand, at, draft, round, timed, window};
use crate::google::GoogleHands;
use crate::hands::Hands;
use crate::microsoft::MicrosoftHands;
use crate::seen::Seen;
use crate::{google, microsoft};

const CLIENT: &str = "daymark-desktop";
const SECRET: &str = "no-secret-at-all";

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

/// What a provider with a sign-in page has.
pub struct OAuth {
    pub server: AuthServer,
    pub tokens: Arc<Tokens>,
    pub drawer: Drawer,
}

pub struct World {
    pub sandbox: Sandbox,
    pub kind: Provider,
    pub hands: Box<dyn Hands>,
    pub provider: Box<dyn CalendarProvider>,
    oauth: Option<OAuth>,
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
            "https://www.googleapis.com/auth/calendar.events.freebusy",
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
        let pace = SandboxPace::new(sandbox.control().clone());
        let minted = sandbox.control().mint(kind, MAIL, CLIENT, scopes);
        let drawer = Drawer(Arc::new(Mutex::new(minted.refresh_token)));
        let service = Service::new("the sign-in", http.clone(), 1, pace.clone());
        let tokens = Arc::new(Tokens::new(server.clone(), service, Box::new(drawer.clone())));
        let provider = connect(http.clone(), pace.clone(), tokens.clone());
        let (seen, cursor, _keeper) = (Seen::default(), None, Keeper::of(sandbox.control()).unwrap());
        let oauth = Some(OAuth { server, tokens, drawer });
        World { sandbox, kind, hands, provider, oauth, pace, http, seen, cursor, _keeper }
    }

    /// The sandbox's CalDAV server, or a real one behind it; the account is at `home`.
    pub fn caldav(sandbox: Sandbox, hands: Box<dyn Hands>, home: &str) -> World {
        let http = client().unwrap();
        let pace = SandboxPace::new(sandbox.control().clone());
        let home: url::Url = format!("{}{home}", sandbox.base()).parse().unwrap();
        let place = Place { homes: vec![home], principal: None, plain_http: false };
        let login = Login { username: MAIL.into(), password: PASSWORD.into() };
        let provider = CalDav::new(place, login, http.clone(), pace.clone(), HOME).unwrap();
        let (provider, seen) = (Box::new(provider), Seen::default());
        let _keeper = Keeper::of(sandbox.control()).unwrap();
        World {
            sandbox,
            kind: Provider::CalDav,
            hands,
            provider,
            oauth: None,
            pace,
            http,
            seen,
            cursor: None,
            _keeper,
        }
    }

    /// The same world with a client that has forgotten everything, as after a restart.
    pub async fn caldav_again(world: World) -> World {
        let home = world.calendar().0.rsplitn(3, '/').nth(2).map(|home| format!("{home}/")).unwrap();
        World::caldav(world.sandbox, world.hands, &home)
    }

    pub fn oauth(&self) -> &OAuth {
        self.oauth.as_ref().unwrap()
    }

    pub fn control(&self) -> &Arc<Control> {
        self.sandbox.control()
    }

    pub fn calendar(&self) -> RemoteCalendarId {
        self.hands.calendar()
    }

    /// Arms a fault for calls that concern events.
    pub fn arm(&self, method: &str, kind: Kind) -> u64 {
        self.control().arm(self.fault(method, kind)).unwrap()
    }

    /// Meets calls that concern events, to read (`GET`) or to make them (`POST`).
    pub fn fault(&self, method: &str, kind: Kind) -> Fault {
        let (method, pattern) = match (self.kind, method) {
            (Provider::CalDav, "GET") => ("REPORT", "/caldav/"),
            (Provider::CalDav, "POST") => ("PUT", "/caldav/"),
            (_, method) => (method, "/events|/calendarView"),
        };
        Fault::new(self.kind, kind).method(method).matches(pattern)
    }

    /// Pulls the account's calendar to the end of the round.
    pub async fn pull(&mut self) -> Pulled {
        let calendar = self.calendar();
        self.try_pull(&calendar).await.unwrap()
    }

    pub async fn try_pull(&mut self, calendar: &RemoteCalendarId) -> Result<Pulled, RemoteError> {
        self.pull_window(calendar, window()).await
    }

    pub async fn pull_window(
        &mut self,
        calendar: &RemoteCalendarId,
        window: Interval,
    ) -> Result<Pulled, RemoteError> {
        let stand = Stand { seen: &mut self.seen, cursor: &mut self.cursor };
        round(self.provider.as_ref(), calendar, stand, window).await
    }

    /// Forgets everything, as a new laptop would.
    pub fn forget(&mut self) {
        self.seen = Seen::default();
        self.cursor = None;
    }
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
        Provider::CalDav => panic!("its world is another one"),
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
