//! The running sandbox over real sockets: faults on the wire, the ledger, the control plane.

#[cfg(test)]
mod tests {
    use daymark_sandbox::{
        Config, Provider, Sandbox,
        clock::Clock,
        faults::{Fault, Kind, Moment},
    };
    use serde_json::{Value, json};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    const MAYA: &str = "maya@northcare.example";
    const EVENTS: &str = "/google/calendar/v3/calendars/primary/events";

    async fn start() -> (Sandbox, String) {
        let clock = Clock::standing("2026-03-04T16:42:00Z".parse().unwrap());
        let sandbox = Sandbox::start(Config { ledger_bodies: true, ..Config::new(clock) }).await.unwrap();
        sandbox.control().seed_text(include_str!("../seeds/week.json")).unwrap();
        let scopes = ["https://www.googleapis.com/auth/calendar"];
        let token = sandbox.control().mint(Provider::Google, MAYA, "test", &scopes).access_token;
        (sandbox, token)
    }

    /// The whole answer as text; empty when the connection ended without one.
    async fn send(sandbox: &Sandbox, token: &str, method: &str, path: &str, body: &str) -> String {
        let address = sandbox.base().trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(&address).await.unwrap();
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             content-type: application/json\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        // A cut connection may end with a reset, which reads like an empty answer.
        let _ = stream.read_to_end(&mut answer).await;
        String::from_utf8(answer).unwrap()
    }

    fn body(answer: &str) -> Value {
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    fn visit() -> String {
        let edge = |hour: u32| json!({"dateTime": format!("2026-03-05T{hour:02}:00:00-05:00")});
        json!({"id": "visit1", "summary": "Visit", "start": edge(17), "end": edge(18)}).to_string()
    }

    #[tokio::test]
    async fn a_cut_connection_ends_without_a_byte_and_without_a_change() {
        let (sandbox, token) = start().await;
        sandbox.control().arm(Fault::new(Provider::Google, Kind::Cut).method("POST")).unwrap();
        assert_eq!(send(&sandbox, &token, "POST", EVENTS, &visit()).await, "");
        assert!(sandbox.google().event(MAYA, "primary", "visit1").is_none());
        assert!(send(&sandbox, &token, "POST", EVENTS, &visit()).await.starts_with("HTTP/1.1 200"));
        let ledger = sandbox.control().ledger();
        assert_eq!((ledger[0].cut, ledger[0].wrote, ledger[0].status), (true, false, None));
        assert_eq!((ledger[1].cut, ledger[1].wrote, ledger[1].status), (false, true, Some(200)));
        sandbox.stop().await;
    }

    #[tokio::test]
    async fn a_lost_answer_has_changed_the_calendar() {
        let (sandbox, token) = start().await;
        sandbox.control().arm(Fault::new(Provider::Google, Kind::LoseAnswer).method("POST")).unwrap();
        assert_eq!(send(&sandbox, &token, "POST", EVENTS, &visit()).await, "");
        assert!(sandbox.google().event(MAYA, "primary", "visit1").is_some());
        let writes = sandbox.control().writes();
        assert_eq!((writes.len(), writes[0].cut), (1, true));
        assert!(send(&sandbox, &token, "POST", EVENTS, &visit()).await.starts_with("HTTP/1.1 409"));
    }

    #[tokio::test]
    async fn a_request_can_be_held_before_and_after_it_is_handled() {
        for (at, there) in [(Moment::Before, false), (Moment::After, true)] {
            let (sandbox, token) = start().await;
            let fault = Fault::new(Provider::Google, Kind::Hold { at }).method("POST");
            let id = sandbox.control().arm(fault).unwrap();
            let insert = visit();
            let held = send(&sandbox, &token, "POST", EVENTS, &insert);
            let look = async {
                sandbox.control().wait_held(id).await;
                let seen = sandbox.google().event(MAYA, "primary", "visit1").is_some();
                assert!(sandbox.control().release(id));
                seen
            };
            let (answer, seen) = tokio::join!(held, look);
            assert_eq!(seen, there);
            assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        }
    }

    #[tokio::test]
    async fn an_armed_status_comes_with_googles_body_and_retry_after() {
        let (sandbox, token) = start().await;
        let kind = Kind::Status { status: 429, reason: None, retry_after_s: Some(7), body: None };
        sandbox.control().arm(Fault::new(Provider::Google, kind).contains("/events").times(1)).unwrap();
        let answer = send(&sandbox, &token, "GET", EVENTS, "").await;
        assert!(answer.starts_with("HTTP/1.1 429") && answer.contains("retry-after: 7"), "{answer}");
        assert_eq!(body(&answer)["error"]["errors"][0]["reason"], "rateLimitExceeded");
        assert!(send(&sandbox, &token, "GET", EVENTS, "").await.starts_with("HTTP/1.1 200"));
    }

    #[tokio::test]
    async fn an_armed_status_at_the_token_endpoint_speaks_oauth() {
        let (sandbox, token) = start().await;
        let status = |status| Kind::Status { status, reason: None, retry_after_s: None, body: None };
        for (code, error) in [(400, "invalid_grant"), (503, "temporarily_unavailable")] {
            let fault = Fault::new(Provider::Google, status(code)).contains("/google-token/token");
            sandbox.control().arm(fault).unwrap();
            let answer = send(&sandbox, &token, "POST", "/google-token/token", "").await;
            assert_eq!(body(&answer)["error"], error);
        }
    }

    #[tokio::test]
    async fn a_revoked_grant_is_401_from_then_on() {
        let (sandbox, token) = start().await;
        sandbox.control().arm(Fault::new(Provider::Google, Kind::RevokeGrant)).unwrap();
        for _ in 0..2 {
            assert!(send(&sandbox, &token, "GET", EVENTS, "").await.starts_with("HTTP/1.1 401"));
        }
    }

    #[tokio::test]
    async fn the_ledger_tells_who_asked_what_and_got_what_but_no_token() {
        let (sandbox, token) = start().await;
        send(&sandbox, &token, "GET", &format!("{EVENTS}?maxResults=1"), "").await;
        let ledger = sandbox.control().ledger();
        assert_eq!((ledger[0].user.as_deref(), ledger[0].query.as_str()), (Some(MAYA), "maxResults=1"));
        assert_eq!(ledger[0].answer.as_ref().unwrap()["kind"], "calendar#events");
        assert!(!serde_json::to_string(&ledger).unwrap().contains(&token));
    }

    #[tokio::test]
    async fn the_control_plane_works_over_http() {
        let (sandbox, _) = start().await;
        let clock = send(&sandbox, "", "POST", "/control/clock", r#"{"advance_s": 60}"#).await;
        assert_eq!(body(&clock)["now"], "2026-03-04T16:43:00Z");
        let fault = r#"{"provider": "google", "method": "GET", "fault": {"kind": "status", "status": 503}}"#;
        assert_eq!(body(&send(&sandbox, "", "POST", "/control/faults", fault).await)["id"], 1);
        assert_eq!(body(&send(&sandbox, "", "GET", "/control/faults", "").await)["faults"][0]["met"], 0);
        let bad = send(&sandbox, "", "POST", "/control/seed", r#"{"zone": "Mars/Olympus"}"#).await;
        assert!(bad.starts_with("HTTP/1.1 400") && bad.contains("Mars/Olympus"), "{bad}");
        let events = "/control/google/maya@northcare.example/calendars/primary/events";
        assert!(send(&sandbox, "", "POST", events, &visit()).await.starts_with("HTTP/1.1 200"));
        let edited = send(&sandbox, "", "PATCH", &format!("{events}/visit1"), r#"{"summary": "B"}"#).await;
        assert_eq!(body(&edited)["summary"], "B");
        assert_eq!(body(&send(&sandbox, "", "GET", "/control/ledger", "").await)["entries"], json!([]));
        send(&sandbox, "", "POST", "/control/reset", r#"{"reseed": true}"#).await;
        assert!(send(&sandbox, "", "GET", &format!("{events}/visit1"), "").await.starts_with("HTTP/1.1 404"));
    }

    #[tokio::test]
    async fn an_occupied_port_is_named_with_the_remedy() {
        let (sandbox, _) = start().await;
        let port = sandbox.base().rsplit(':').next().unwrap().parse().unwrap();
        let clock = Clock::standing("2026-03-04T16:42:00Z".parse().unwrap());
        let error = Sandbox::start(Config { port, ..Config::new(clock) }).await.err().unwrap();
        assert!(error.to_string().contains("choose another port"), "{error}");
    }

    #[tokio::test]
    async fn stopping_frees_the_port_even_while_a_request_is_held() {
        let (sandbox, token) = start().await;
        let id =
            sandbox.control().arm(Fault::new(Provider::Google, Kind::Hold { at: Moment::Before })).unwrap();
        let port: u16 = sandbox.base().rsplit(':').next().unwrap().parse().unwrap();
        let control = sandbox.control().clone();
        let base = sandbox.base();
        let asked = tokio::spawn(async move {
            let mut stream = TcpStream::connect(base.trim_start_matches("http://")).await.unwrap();
            let request =
                format!("GET {EVENTS} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer {token}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
        });
        control.wait_held(id).await;
        sandbox.stop().await;
        asked.await.unwrap();
        assert!(TcpStream::connect(("127.0.0.1", port)).await.is_err());
    }
}
