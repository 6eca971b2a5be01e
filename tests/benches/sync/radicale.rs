//! The same calendar on the same Radicale, synced by `daymarkctl` and by vdirsyncer in turns: both as whole
//! programs from their start to their end, each with the storage that it usually has.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::Context as _;
use chrono::TimeDelta;
use daymark_engine::api::Call;
use daymark_engine::api::accounts::{AccountId, ConnectCalDav, Password};
use daymark_engine::ports::Clock as _;
use daymark_engine::system::SystemClock;
use journeys::real::{Server, User};
use journeys::world::World;
use serde_json::json;
use tempfile::TempDir;

use crate::figures::{Whole, median, rounded, say, whole};
use crate::installed::{Installed, secrets};

const EVENTS: usize = 5_000;
const CHANGES: usize = 50;
const FIRST_PULLS: usize = 5;
const QUIET_RUNS: usize = 11;
const CHANGED_RUNS: usize = 7;
const USER: User<'_> = User { name: "maya", password: "a password of nobody", read_only: "holidays" };
const COLLECTION: &str = "/maya/main";

pub async fn measure() -> anyhow::Result<()> {
    let server = Server::radicale(USER, "")?;
    server.must("PUT", &format!("{COLLECTION}/"), "0", &calendar(0..EVENTS, 0))?;
    let connected = connect(&server).await?;
    let (ours, theirs) = first_pulls(&server, &connected)?;
    quiet_runs(&ours, &theirs)?;
    changed_runs(&server, &ours, &theirs)
}

fn first_pulls(server: &Server, connected: &Installed) -> anyhow::Result<(Installed, Vdirsyncer)> {
    let mut pairs = Pairs::new(&format!("first pull of {EVENTS}"));
    // The server's own caches are cold once; that round counts for nobody.
    for round in 0..=FIRST_PULLS {
        let (ours, theirs) = (connected.again()?, Vdirsyncer::discovered(server)?);
        let took = in_turns(round, || ours.sync(EVENTS), || theirs.sync())?;
        anyhow::ensure!(theirs.count()? == EVENTS, "vdirsyncer did not fetch everything");
        if round == 0 {
            continue;
        }
        pairs.add(took);
        if round == FIRST_PULLS {
            pairs.report();
            return Ok((ours, theirs));
        }
    }
    anyhow::bail!("there was no round")
}

fn quiet_runs(ours: &Installed, theirs: &Vdirsyncer) -> anyhow::Result<()> {
    let mut pairs = Pairs::new(&format!("a run without news over {EVENTS}"));
    for round in 0..QUIET_RUNS {
        pairs.add(in_turns(round, || ours.sync(0), || theirs.sync())?);
    }
    pairs.report();
    Ok(())
}

fn changed_runs(server: &Server, ours: &Installed, theirs: &Vdirsyncer) -> anyhow::Result<()> {
    let mut pairs = Pairs::new(&format!("{CHANGES} events changed at the server, of {EVENTS}"));
    for round in 0..CHANGED_RUNS {
        let numbers = (0..CHANGES).map(|change| (change * (EVENTS / CHANGES) + round) % EVENTS);
        for number in numbers {
            let path = format!("{COLLECTION}/{}.ics", uid(number));
            server.must("PUT", &path, "0", &calendar(number..number + 1, round + 1))?;
        }
        pairs.add(in_turns(round, || ours.sync(CHANGES), || theirs.sync())?);
    }
    pairs.report();
    Ok(())
}

/// Who goes first alternates.
fn in_turns(
    round: usize,
    ours: impl Fn() -> anyhow::Result<Whole>,
    theirs: impl Fn() -> anyhow::Result<Whole>,
) -> anyhow::Result<(Whole, Whole)> {
    if round.is_multiple_of(2) {
        let ours = ours()?;
        return Ok((ours, theirs()?));
    }
    let theirs = theirs()?;
    Ok((ours()?, theirs))
}

/// Runs of both programs.
struct Pairs {
    what: String,
    ours: Vec<Whole>,
    theirs: Vec<Whole>,
}

impl Pairs {
    fn new(what: &str) -> Self {
        Pairs { what: what.to_owned(), ours: Vec::new(), theirs: Vec::new() }
    }

    fn add(&mut self, (ours, theirs): (Whole, Whole)) {
        self.ours.push(ours);
        self.theirs.push(theirs);
    }

    fn report(&self) {
        let took = |runs: &[Whole]| median(&runs.iter().map(Whole::ms).collect::<Vec<_>>());
        let peak = |runs: &[Whole]| runs.iter().map(Whole::peak_mib).fold(0.0, f64::max);
        let (ours, theirs) = (took(&self.ours), took(&self.theirs));
        say(&json!({
            "what": format!("Radicale: {}", self.what),
            "daymarkctl_median_ms": rounded(ours), "vdirsyncer_median_ms": rounded(theirs),
            "times_faster": rounded(theirs / ours),
            "daymarkctl_peak_mib": peak(&self.ours), "vdirsyncer_peak_mib": peak(&self.theirs),
            "runs": self.ours.len(),
        }));
    }
}

/// A data folder whose account is connected and was never synced.
async fn connect(server: &Server) -> anyhow::Result<Installed> {
    let kept = tempfile::tempdir()?;
    let builder = World::build().without_relay().secrets(secrets(kept.path())?);
    let world = builder.at(&SystemClock.now().to_rfc3339())?.start().await?;
    let ask = ConnectCalDav {
        address_or_url: format!("http://{}/", server.address),
        username: USER.name.into(),
        password: Password(USER.password.into()),
        allow_http: false,
        servers: Vec::new(),
        account: None,
    };
    let AccountId { account: _ } = world.call(Call::ConnectCaldav(ask)).await?;
    world.engine.stop().await;
    Installed::of(&world, kept.path())
}

/// vdirsyncer with a folder of files on one side and the server on the other.
struct Vdirsyncer {
    program: PathBuf,
    folder: TempDir,
}

impl Vdirsyncer {
    /// Knows its collections, and has not synced yet.
    fn discovered(server: &Server) -> anyhow::Result<Vdirsyncer> {
        let program = std::env::var_os("DAYMARK_VDIRSYNCER").map(PathBuf::from);
        let program =
            program.context("set DAYMARK_VDIRSYNCER to vdirsyncer's program; scripts/bench does")?;
        let folder = tempfile::tempdir()?;
        let (at, User { name, password, .. }) = (folder.path().display(), USER);
        let config = format!(
            "[general]\nstatus_path = \"{at}/status/\"\n\
             [pair maya]\na = \"here\"\nb = \"there\"\ncollections = [\"main\"]\n\
             [storage here]\ntype = \"filesystem\"\npath = \"{at}/events/\"\nfileext = \".ics\"\n\
             [storage there]\ntype = \"caldav\"\nurl = \"http://{}/{name}/\"\n\
             username = \"{name}\"\npassword = \"{password}\"\n",
            server.address
        );
        std::fs::write(folder.path().join("config"), config)?;
        let new = Vdirsyncer { program, folder };
        let mut discover = Command::new(&new.program)
            .args(new.arguments("discover"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        // It asks whether to make the folder.
        discover.stdin.take().context("vdirsyncer takes no answer")?.write_all(b"y\ny\n")?;
        anyhow::ensure!(discover.wait()?.success(), "vdirsyncer discovers nothing");
        Ok(new)
    }

    fn arguments(&self, command: &str) -> Vec<OsString> {
        vec!["-c".into(), self.folder.path().join("config").into(), command.into()]
    }

    fn sync(&self) -> anyhow::Result<Whole> {
        whole(&self.program, &self.arguments("sync"), &[])
    }

    fn count(&self) -> anyhow::Result<usize> {
        Ok(std::fs::read_dir(self.folder.path().join("events/main"))?.count())
    }
}

fn uid(number: usize) -> String {
    format!("visit-{number:06}")
}

/// Visits of half an hour, spread over what the mirror keeps at hand.
fn calendar(numbers: std::ops::Range<usize>, revision: usize) -> String {
    let first = SystemClock.now().date_naive() - TimeDelta::days(80);
    let events = numbers.map(|number| {
        let (day, minute) = (number % 460, 7 * 60 + (number / 460) * 35);
        let day = first + TimeDelta::days(i64::try_from(day).unwrap_or_default());
        let (hour, minute) = (minute / 60, minute % 60);
        format!(
            "BEGIN:VEVENT\r\nUID:{}\r\nDTSTAMP:20260101T000000Z\r\nSEQUENCE:{revision}\r\n\
             SUMMARY:Visit {number} ({revision})\r\nLOCATION:{} Example Street\r\n\
             DTSTART:{}T{hour:02}{minute:02}00Z\r\nDURATION:PT30M\r\nEND:VEVENT\r\n",
            uid(number),
            number % 400 + 1,
            day.format("%Y%m%d"),
        )
    });
    let events: String = events.collect();
    format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\n{events}END:VCALENDAR\r\n")
}
