//! How many slots pages and bookings one relay serves, with the load made on the same machine:
//! `cargo bench -p daymark-relay --bench load`. Prints one line of JSON for each figure.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a measurement: what goes wrong here should stop it loudly"
)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::TimeDelta;
use daymark_core::contract::Mode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

#[path = "../tests/router/world.rs"]
#[expect(dead_code, reason = "shared with the tests, which use the rest")]
mod world;

use world::{World, sheet};

const CONNECTIONS: usize = 32;
const MEASURE: Duration = Duration::from_secs(5);
const STEADY_PER_S: u32 = 500;

#[tokio::main(worker_threads = 2)]
async fn main() {
    let world = World::new().await;
    let laptop = world.laptop("maya").await;
    let mut wide = sheet(world.now());
    // A fortnight of starts every five minutes: room for every booking of the last measurement.
    let first = (world.now() + TimeDelta::days(7)).timestamp() / 60;
    wide.types[1].starts_min = (0..14 * 24 * 12).map(|n| first + n * 5).collect();
    wide.types[1].length_min = 5;
    laptop.publish(&world, 1, Mode::Instant, wide).await;

    let same = |_: u64| request("/maya");
    let zones = |n: u64| {
        let zone = chrono_tz::TZ_VARIANTS[n as usize % chrono_tz::TZ_VARIANTS.len()].name();
        request(&format!("/maya?tz={}&x={n}", zone.replace('+', "%2B")))
    };
    // A start that is not offered makes a page of its own, which nobody asks for again.
    let anew = |n: u64| request(&format!("/maya?start={n}"));
    rush("slots page, asked for again", world.relay.address, same).await;
    rush("slots page, in each of the world's zones", world.relay.address, zones).await;
    rush("slots page, made anew each time", world.relay.address, anew).await;
    steady("slots page at 500/s", world.relay.address, same).await;
    rush("booking, durable", world.relay.address, booking(first)).await;
    world.relay.shutdown().await;
}

fn request(path: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nhost: relay\r\n\r\n")
}

fn booking(first_min: i64) -> impl Fn(u64) -> String + Clone {
    move |n| {
        let start = chrono::DateTime::from_timestamp((first_min + n as i64 * 5) * 60, 0).unwrap();
        let start = start.format("%Y-%m-%dT%H%%3A%MZ");
        let body = format!("key={n:064x}&type=call&start={start}&name=A&email=a%40b.co&phone=12345");
        let length = body.len();
        format!(
            "POST /maya/book HTTP/1.1\r\nhost: relay\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n{body}"
        )
    }
}

/// As fast as the connections allow.
async fn rush(what: &str, address: SocketAddr, ask: impl Fn(u64) -> String + Clone + Send + 'static) {
    let next = Arc::new(std::sync::atomic::AtomicU64::new(0));
    let begun = Instant::now();
    let workers = (0..CONNECTIONS).map(|_| {
        let (next, ask) = (Arc::clone(&next), ask.clone());
        tokio::spawn(async move {
            let mut connection = Connection::open(address).await;
            let mut took = Vec::new();
            while begun.elapsed() < MEASURE {
                let n = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let sent = Instant::now();
                connection.ask(&ask(n)).await;
                took.push(sent.elapsed());
            }
            took
        })
    });
    let mut took = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        took.extend(worker.await.unwrap());
    }
    report(what, took, begun.elapsed());
}

/// At a fixed rate, whether or not earlier answers have come; the wait in line counts.
async fn steady(what: &str, address: SocketAddr, ask: impl Fn(u64) -> String + Clone + Send + 'static) {
    let begun = Instant::now();
    let interval = Duration::from_secs(1) / STEADY_PER_S * CONNECTIONS as u32;
    let workers = (0..CONNECTIONS as u32).map(|index| {
        let ask = ask.clone();
        tokio::spawn(async move {
            let mut connection = Connection::open(address).await;
            let mut took = Vec::new();
            let mut due = begun + interval * index / CONNECTIONS as u32;
            while due < begun + MEASURE {
                tokio::time::sleep_until(due.into()).await;
                connection.ask(&ask(0)).await;
                took.push(due.elapsed());
                due += interval;
            }
            took
        })
    });
    let mut took = Vec::new();
    for worker in workers.collect::<Vec<_>>() {
        took.extend(worker.await.unwrap());
    }
    report(what, took, begun.elapsed());
}

fn report(what: &str, mut took: Vec<Duration>, elapsed: Duration) {
    took.sort_unstable();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    let per_s = took.len() as f64 / elapsed.as_secs_f64();
    println!(
        "{{\"what\": \"{what}\", \"per_s\": {per_s:.0}, \"p50_ms\": {:.2}, \"p99_ms\": {:.2}}}",
        at(0.5),
        at(0.99)
    );
}

struct Connection {
    stream: TcpStream,
    buffer: Vec<u8>,
}

impl Connection {
    async fn open(address: SocketAddr) -> Connection {
        let stream = TcpStream::connect(address).await.unwrap();
        stream.set_nodelay(true).unwrap();
        Connection { stream, buffer: Vec::with_capacity(64 * 1024) }
    }

    /// One request and its whole answer, which must be a page or a redirect.
    async fn ask(&mut self, request: &str) {
        self.stream.write_all(request.as_bytes()).await.unwrap();
        self.buffer.clear();
        let (mut end, mut length) = (None, 0);
        loop {
            if end.is_none()
                && let Some(at) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n")
            {
                let head = String::from_utf8_lossy(&self.buffer[..at]).into_owned();
                let status = head.split(' ').nth(1).unwrap_or_default();
                assert!(matches!(status, "200" | "303"), "{head}");
                let stated = head.lines().find_map(|line| line.strip_prefix("content-length: "));
                length = stated.and_then(|stated| stated.parse().ok()).unwrap_or(0);
                end = Some(at + 4);
            }
            if let Some(end) = end
                && self.buffer.len() >= end + length
            {
                return;
            }
            if self.stream.read_buf(&mut self.buffer).await.unwrap() == 0 {
                panic!("the relay closed the connection");
            }
        }
    }
}
