//! The `relay` command as an admin meets it: its messages, and what a kill in full work leaves behind.

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};
    use std::net::{SocketAddr, TcpListener, TcpStream};
    use std::path::Path;
    use std::process::{Child, Command, Output, Stdio};
    use std::time::Duration;

    use base64::{Engine as _, prelude::BASE64_STANDARD};
    use chrono::TimeDelta;
    use daymark_core::booking::TypeId;
    use daymark_core::contract::{
        Enrol, Enrolled, Inbox, InboxEntry, InboxKind, Mode, OwnerCard, Place, PutPage, Sheet, TypeSheet,
        paths,
    };
    use daymark_core::signing::{self, Covered, Params};
    use daymark_core::time::Instant;
    use ed25519_dalek::SigningKey;

    fn relay(folder: &Path, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_relay"));
        command.args(arguments).arg("--config").arg(folder.join("relay.toml")).current_dir(folder);
        command
    }

    fn run(folder: &Path, arguments: &[&str]) -> Output {
        relay(folder, arguments).output().unwrap()
    }

    fn said(output: &Output) -> String {
        format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
    }

    fn folder(config: &str) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("relay.toml"), config).unwrap();
        folder
    }

    const FREE_PORT: &str =
        "listen = \"127.0.0.1:0\"\nlog = \"error\"\n[organisation]\nname = \"Northcare\"\n";

    #[test]
    fn a_good_configuration_is_ready_to_serve() {
        let folder = folder(FREE_PORT);
        let output = run(folder.path(), &["check"]);
        assert!(output.status.success(), "{}", said(&output));
        assert!(said(&output).contains("Ready to serve."));
        assert!(said(&output).contains("is not there yet"), "{}", said(&output));
        assert!(!folder.path().join("relay.sqlite").exists(), "looking makes no database");
    }

    #[cfg(unix)]
    #[test]
    fn a_database_that_all_users_can_read_is_told_with_the_remedy() {
        use std::fs::{Permissions, set_permissions};
        use std::os::unix::fs::PermissionsExt as _;

        let folder = folder(FREE_PORT);
        run(folder.path(), &["enrol", "--name", "Maya"]);
        set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
        assert!(!said(&run(folder.path(), &["check"])).contains("chmod 600"));
        set_permissions(folder.path().join("relay.sqlite"), Permissions::from_mode(0o644)).unwrap();
        let output = run(folder.path(), &["check"]);
        assert!(output.status.success() && said(&output).contains("chmod 600"), "{}", said(&output));
        set_permissions(folder.path(), Permissions::from_mode(0o700)).unwrap();
        assert!(!said(&run(folder.path(), &["check"])).contains("chmod 600"), "its folder is closed");
    }

    #[test]
    fn a_damaged_database_is_left_as_it_is_and_told_with_what_is_lost() {
        let folder = folder(FREE_PORT);
        run(folder.path(), &["enrol", "--name", "Maya"]);
        let file = folder.path().join("relay.sqlite");
        let mut torn = std::fs::read(&file).unwrap();
        torn[100..4096].fill(0xa5);
        std::fs::write(&file, &torn).unwrap();
        // What is still in the log would stand in for the torn page.
        for beside in ["relay.sqlite-wal", "relay.sqlite-shm"] {
            let _ = std::fs::remove_file(folder.path().join(beside));
        }
        for arguments in [&["check"][..], &["serve"], &["enrol", "--name", "Ana"]] {
            let output = run(folder.path(), arguments);
            assert!(!output.status.success(), "{arguments:?}");
            for told in
                ["damaged or no database", "left as it is", "put the last backup back", "Lost is then"]
            {
                assert!(said(&output).contains(told), "{arguments:?}: {}", said(&output));
            }
            assert!(!said(&output).contains("may write"), "{}", said(&output));
        }
        assert_eq!(std::fs::read(&file).unwrap(), torn);
    }

    #[test]
    fn a_bare_file_name_is_looked_at_where_one_stands() {
        let folder = folder(FREE_PORT);
        let mut command = Command::new(env!("CARGO_BIN_EXE_relay"));
        let output =
            command.args(["check", "--config", "relay.toml"]).current_dir(folder.path()).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
        assert!(said(&output).contains("MB free at ."), "{}", said(&output));
    }

    #[test]
    fn each_fault_is_named_with_its_remedy_and_ends_in_failure() {
        let taken = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = format!("listen = \"{}\"\n[organisation]\nname = \"N\"\n", taken.local_addr().unwrap());
        let organisation = "[organisation]\nname = \"N\"\n";
        let cases = [
            (port.clone(), "serve", "Stop the program that uses it"),
            (port, "check", "Stop the program that uses it"),
            (format!("public_url = \"nonsense\"\n{organisation}"), "check", "https://book.example.org"),
            (format!("colour = 1\n{organisation}"), "check", "unknown field `colour`"),
            ("listen = ".into(), "serve", "is not right"),
            (format!("data_dir = \"missing\"\n{FREE_PORT}"), "check", "Create it"),
            (format!("data_dir = \"missing\"\n{FREE_PORT}"), "serve", "Create its folder"),
            (format!("database = \"relay.toml\"\n{FREE_PORT}"), "check", "damaged or no database"),
            (format!("database = \"relay.toml\"\n{FREE_PORT}"), "serve", "put the last backup back"),
            (format!("database = \"no/such/relay.sqlite\"\n{FREE_PORT}"), "serve", "Create its folder"),
            (format!("database = \"no/such/relay.sqlite\"\n{FREE_PORT}"), "check", "Create its folder"),
            // A folder that is there and takes no file from anybody.
            (format!("database = \"/proc/relay.sqlite\"\n{FREE_PORT}"), "check", "change `database`"),
        ];
        for (config, command, remedy) in cases {
            let output = run(folder(&config).path(), &[command]);
            assert!(!output.status.success(), "{config}");
            assert!(said(&output).contains(remedy), "{config}: {}", said(&output));
            assert!(!said(&output).contains("panicked"), "{}", said(&output));
        }
        let nothing = tempfile::tempdir().unwrap();
        let output = run(nothing.path(), &["serve"]);
        assert!(!output.status.success() && said(&output).contains("there is no configuration at"));
    }

    #[test]
    fn a_configuration_in_another_encoding_is_told_to_be_saved_anew() {
        let folder = folder("");
        std::fs::write(folder.path().join("relay.toml"), b"[organisation]\nname = \"Caf\xe9\"\n").unwrap();
        for command in ["check", "serve"] {
            let output = run(folder.path(), &[command]);
            assert!(!output.status.success());
            assert!(said(&output).contains("is not UTF-8 text. Save it anew"), "{}", said(&output));
        }
    }

    #[test]
    fn a_code_is_given_for_a_new_person_and_again_only_when_asked() {
        let folder = folder(FREE_PORT);
        let first = run(folder.path(), &["enrol", "--name", "Maya Okafor"]);
        assert!(said(&first).contains("Code: ") && said(&first).contains("/maya-okafor"), "{}", said(&first));
        let second = run(folder.path(), &["enrol", "--name", "Maya Okafor"]);
        assert!(!second.status.success() && said(&second).contains("--again"));
        let again = run(folder.path(), &["enrol", "--name", "Maya Okafor", "--again"]);
        assert!(again.status.success());
        let reserved = run(folder.path(), &["enrol", "--name", "X", "--slug", "api"]);
        assert!(!reserved.status.success() && said(&reserved).contains("--slug"));
    }

    #[test]
    fn an_address_without_a_port_is_not_given_out() {
        let chosen = run(folder(FREE_PORT).path(), &["enrol", "--name", "Maya"]);
        assert!(chosen.status.success() && said(&chosen).contains("set public_url"), "{}", said(&chosen));
        assert!(!said(&chosen).contains("127.0.0.1"), "{}", said(&chosen));
        let public = format!("public_url = \"https://book.example.org\"\n{FREE_PORT}");
        let chosen = run(folder(&public).path(), &["enrol", "--name", "Maya"]);
        assert!(said(&chosen).contains("Page: https://book.example.org/maya"), "{}", said(&chosen));
    }

    #[cfg(unix)]
    #[test]
    fn a_log_in_a_file_has_no_colours() {
        let folder = folder(&FREE_PORT.replace("error", "info"));
        let log = folder.path().join("log");
        let mut command = relay(folder.path(), &["serve"]);
        let mut served = Served::of(command.stderr(std::fs::File::create(&log).unwrap()));
        signal(&served.child, "-TERM");
        served.child.wait().unwrap();
        let log = std::fs::read_to_string(log).unwrap();
        assert!(log.contains("stopping") && !log.contains('\u{1b}'), "{log}");
    }

    /// A relay in a process of its own.
    struct Served {
        child: Child,
        address: SocketAddr,
    }

    impl Served {
        fn start(folder: &Path) -> Served {
            Served::of(&mut relay(folder, &["serve"]))
        }

        fn of(command: &mut Command) -> Served {
            let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
            let mut line = String::new();
            BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
            let address =
                line.trim().rsplit(' ').next().unwrap().parse().unwrap_or_else(|_| panic!("{line}"));
            Served { child, address }
        }
    }

    impl Drop for Served {
        fn drop(&mut self) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }

    /// Status, headers and body of one request on a connection of its own; `None` when it was cut.
    fn ask(
        address: SocketAddr,
        method: &str,
        target: &str,
        headers: &str,
        body: &[u8],
    ) -> Option<(u16, String, Vec<u8>)> {
        let mut stream = TcpStream::connect(address).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(30))).ok()?;
        let length = body.len();
        let head = format!(
            "{method} {target} HTTP/1.1\r\nhost: relay\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).ok()?;
        stream.write_all(body).ok()?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).ok()?;
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = String::from_utf8_lossy(&answer[..end]).into_owned();
        let status = head.split(' ').nth(1)?.parse().ok()?;
        Some((status, head, answer[end + 4..].to_vec()))
    }

    #[cfg(unix)]
    fn signal(child: &Child, name: &str) {
        let sent = Command::new("kill").args([name, &child.id().to_string()]).status().unwrap();
        assert!(sent.success());
    }

    #[cfg(unix)]
    #[test]
    fn a_relay_ends_in_order_when_it_is_told_to_and_when_its_terminal_is_closed() {
        for name in ["-INT", "-TERM", "-HUP"] {
            let folder = folder(FREE_PORT);
            let mut served = Served::start(folder.path());
            signal(&served.child, name);
            assert!(served.child.wait().unwrap().success(), "{name}");
        }
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn under_nohup_a_relay_outlives_its_terminal() {
        let folder = folder(FREE_PORT);
        let mut command = Command::new("nohup");
        command.arg(env!("CARGO_BIN_EXE_relay")).args(["serve", "--config", "relay.toml"]);
        let mut served = Served::of(command.current_dir(folder.path()));
        signal(&served.child, "-HUP");
        assert_eq!(ask(served.address, "GET", "/healthz", "", b"").unwrap().0, 200);
        signal(&served.child, "-TERM");
        assert!(served.child.wait().unwrap().success());
    }

    #[test]
    fn a_database_is_served_by_one_relay_and_its_other_commands_work_meanwhile() {
        let folder = folder(FREE_PORT);
        let mut first = Served::start(folder.path());
        let second = run(folder.path(), &["serve"]);
        assert!(!second.status.success());
        for told in ["another relay serves the database", "Stop that one first"] {
            assert!(said(&second).contains(told), "{}", said(&second));
        }
        let port = format!("\"{}\"", first.address);
        std::fs::write(folder.path().join("relay.toml"), FREE_PORT.replace("\"127.0.0.1:0\"", &port))
            .unwrap();
        let checked = run(folder.path(), &["check"]);
        assert!(checked.status.success(), "{}", said(&checked));
        assert!(said(&checked).contains("a relay serves this database now"), "{}", said(&checked));
        assert!(run(folder.path(), &["enrol", "--name", "Maya"]).status.success());
        first.child.kill().unwrap();
        first.child.wait().unwrap();
        let again = Served::start(folder.path());
        assert_eq!(ask(again.address, "GET", "/maya", "", b"").unwrap().0, 200);
    }

    #[test]
    fn a_form_far_beyond_the_limit_is_answered_over_a_real_connection() {
        let folder = folder(FREE_PORT);
        let served = Served::start(folder.path());
        let headers = "content-type: application/x-www-form-urlencoded\r\n";
        let form = format!("type=home&note={}", "x".repeat(4 * 1024 * 1024));
        let (status, _, page) = ask(served.address, "POST", "/maya/book", headers, form.as_bytes()).unwrap();
        assert_eq!(status, 413);
        assert!(String::from_utf8_lossy(&page).contains("shorten what you wrote"));
    }

    struct Owner {
        key: SigningKey,
        device: String,
    }

    impl Owner {
        fn ask(
            &self,
            address: SocketAddr,
            method: &str,
            target: &str,
            nonce: &str,
            body: &[u8],
        ) -> (u16, Vec<u8>) {
            let created_s = now().timestamp();
            let params = Params { created_s, nonce: nonce.into(), key_id: self.device.clone() };
            let signed = signing::sign(&self.key, Covered { method, target, body }, &params);
            let headers = format!(
                "content-digest: {}\r\nsignature-input: {}\r\nsignature: {}\r\n",
                signed.content_digest, signed.signature_input, signed.signature
            );
            let (status, _, body) = ask(address, method, target, &headers, body).unwrap();
            (status, body)
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the process under test reads the machine's own clock")]
    fn now() -> Instant {
        chrono::Utc::now()
    }

    const STARTS: i64 = 160;

    fn first_start_min() -> i64 {
        now().timestamp() / 3600 * 60 + 48 * 60
    }

    fn enrol_and_publish(folder: &Path, served: &Served) -> Owner {
        let code = said(&run(folder, &["enrol", "--name", "Maya", "--slug", "maya"]));
        let code = code.split("Code: ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        let key = SigningKey::from_bytes(&[5; 32]);
        let sealing = crypto_box::SecretKey::from([6; 32]);
        let enrol = Enrol {
            code,
            device_name: "Laptop".into(),
            verifying_key: BASE64_STANDARD.encode(key.verifying_key().to_bytes()),
            sealing_key: BASE64_STANDARD.encode(sealing.public_key().as_bytes()),
        };
        let body = serde_json::to_vec(&enrol).unwrap();
        let (_, _, body) = ask(served.address, "POST", paths::ENROL, "", &body).unwrap();
        let enrolled: Enrolled = serde_json::from_slice(&body).unwrap();
        let owner = Owner { key, device: enrolled.device };
        let call = TypeSheet {
            id: TypeId("call".into()),
            name: "Call".into(),
            description: String::new(),
            length_min: 15,
            gap_min: 0,
            notice_min: 0,
            place: Place::Video(String::new()),
            cancel_cutoff_min: 0,
            starts_min: (0..STARTS).map(|n| first_start_min() + n * 15).collect(),
        };
        let card = OwnerCard {
            name: "Maya".into(),
            role: String::new(),
            organisation: String::new(),
            zone: chrono_tz::UTC,
            phone: String::new(),
        };
        let page = PutPage {
            rev: 1,
            based_on_seq: 0,
            checked_at: now(),
            lease_until: now() + TimeDelta::hours(4),
            mode: Mode::Instant,
            sheet: Sheet { owner: card, types: vec![call] },
        };
        let body = serde_json::to_vec(&page).unwrap();
        assert_eq!(owner.ask(served.address, "PUT", paths::PAGE, "put", &body).0, 204);
        owner
    }

    /// Books the n-th start; the manage link when the relay answered that it is booked.
    fn book(address: SocketAddr, n: i64) -> Option<String> {
        let start = chrono::DateTime::from_timestamp((first_start_min() + n * 15) * 60, 0)?;
        let key = format!("{n:064x}");
        let start = start.format("%Y-%m-%dT%H%%3A%MZ");
        let body = format!("key={key}&type=call&start={start}&name=A&email=a%40b.co");
        let headers = "content-type: application/x-www-form-urlencoded\r\n";
        let (status, head, _) = ask(address, "POST", "/maya/book", headers, body.as_bytes())?;
        let location = head.lines().find_map(|line| line.strip_prefix("location: "))?;
        (status == 303).then(|| location.to_owned())
    }

    #[test]
    fn what_a_visitor_was_told_survives_a_kill_and_nothing_is_left_half_done() {
        let folder = folder(FREE_PORT);
        let mut served = Served::start(folder.path());
        let owner = enrol_and_publish(folder.path(), &served);
        let address = served.address;
        let (told, hear) = std::sync::mpsc::channel();
        let visitors: Vec<_> = (0..8)
            .map(|visitor| {
                let told = told.clone();
                std::thread::spawn(move || {
                    for n in (visitor..STARTS).step_by(8) {
                        let Some(manage) = book(address, n) else { return };
                        let _ = told.send(manage);
                    }
                })
            })
            .collect();
        drop(told);
        let mut promised: Vec<String> = hear.iter().take(40).collect();
        served.child.kill().unwrap();
        visitors.into_iter().for_each(|visitor| visitor.join().unwrap());
        promised.extend(hear.iter());
        drop(served);

        let served = Served::start(folder.path());
        for manage in &promised {
            let (status, _, page) = ask(served.address, "GET", manage, "", b"").unwrap();
            assert_eq!(status, 200, "{manage}");
            assert!(String::from_utf8_lossy(&page).contains("You are booked"));
        }
        let (_, body) = owner.ask(served.address, "GET", "/api/v1/inbox?after=0&wait=0", "inbox", b"");
        let inbox: Inbox = serde_json::from_slice(&body).unwrap();
        assert!(inbox.entries.len() >= promised.len());
        assert!(inbox.entries.windows(2).all(|pair| pair[0].seq < pair[1].seq), "in order, and none twice");
        let starts: std::collections::HashSet<_> = inbox.entries.iter().map(start).collect();
        assert_eq!(starts.len(), inbox.entries.len(), "no time twice");
        // A time is taken exactly when its booking is in the inbox.
        let again = (0..STARTS).filter_map(|n| book(served.address, n)).count();
        assert_eq!(again, STARTS as usize, "told again, or booked now: no time is lost between");
    }

    fn start(entry: &InboxEntry) -> Instant {
        match &entry.kind {
            InboxKind::Booked { start, .. } => *start,
            InboxKind::Cancelled => panic!("nobody cancelled"),
        }
    }
}
