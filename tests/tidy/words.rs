//! Words that must not stand somewhere, and paths that must exist where they are named.

use super::files::{Source, below, root, rust};

fn lines_with<'a>(source: &'a Source, words: &'a [&str]) -> impl Iterator<Item = String> + 'a {
    source.text.lines().enumerate().filter_map(move |(number, line)| {
        let found = words.iter().find(|word| line.contains(**word))?;
        Some(format!("{}:{} {found}", source.path, number + 1))
    })
}

pub fn ui_zone_arithmetic() -> Vec<String> {
    const CONVERSIONS: [&str; 5] =
        ["toISOString", "getTimezoneOffset", "Temporal.ZonedDateTime", "date-fns-tz", "moment-timezone"];
    below("ui/src", &[".ts", ".svelte"])
        .iter()
        .flat_map(|source| lines_with(source, &CONVERSIONS).collect::<Vec<_>>())
        .collect()
}

pub fn lazy_tests() -> Vec<String> {
    // In pieces, so that this list does not find itself.
    let sleeps = [concat!("thread::", "sleep"), concat!("time::", "sleep("), concat!("#[", "ignore")];
    let skips = [concat!("test", ".only"), concat!("test", ".skip"), concat!("waitFor", "Timeout(")];
    // What is no test may wait: on the machine's clock, or because a fake was told to be slow.
    let tests: Vec<Source> = rust().into_iter().filter_map(Source::into_tests).collect();
    let rust = tests.iter().flat_map(|source| lines_with(source, &sleeps));
    let browser = below("tests/browser", &[".ts"]);
    let ui = below("ui/src", &[".ts"]);
    let scripts = browser.iter().chain(&ui).flat_map(|source| lines_with(source, &skips));
    rust.chain(scripts).collect()
}

/// Paths in back-quotes that begin with a folder of ours.
pub fn missing_paths() -> Vec<String> {
    const FOLDERS: [&str; 13] = [
        "crates/",
        "relay/",
        "sandbox/",
        "ctl/",
        "tests/",
        "src-tauri/",
        "ui/",
        "docs/",
        "scripts/",
        "migrations/",
        "icons/",
        ".ci/",
        ".sqlx/",
    ];
    let mut texts = below("docs", &[".md"]);
    texts.extend(below(".", &["README.md"]).into_iter().filter(|source| source.path == "README.md"));
    let mut faults = Vec::new();
    for source in &texts {
        for quoted in source.text.split('`').skip(1).step_by(2) {
            let path = quoted.split([' ', '\n']).next().unwrap_or_default().trim_end_matches('/');
            let is_path = FOLDERS.iter().any(|folder| quoted.starts_with(folder));
            let is_pattern = path.contains(['{', '*', '<', '…', 'N']);
            if is_path && !is_pattern && !root().join(path).exists() {
                faults.push(format!("{}: {path}", source.path));
            }
        }
    }
    faults
}

/// Rows of the list of lessons: a fact, a file, and a test of that name in it.
pub fn lessons_without_test() -> Vec<String> {
    let lessons = below("docs", &["lessons.md"]);
    let rows = lessons.iter().flat_map(|source| source.text.lines()).filter(|line| line.contains(".rs` |"));
    let missing = rows.filter(|row| {
        let quoted: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
        let [file, test] = quoted.as_slice() else { return true };
        let text = std::fs::read_to_string(root().join(file)).unwrap_or_default();
        !text.contains(&format!("fn {test}("))
    });
    let missing: Vec<String> = missing.map(str::to_owned).collect();
    if lessons.is_empty() { vec!["docs/lessons.md is gone".into()] } else { missing }
}

pub fn machine_traces() -> Vec<String> {
    let traces = [
        concat!("/ro", "ot/"),
        concat!("/wo", "rk/"),
        concat!("registry.", "npmjs.org"),
        concat!("files.", "pythonhosted.org"),
        concat!("static.", "crates.io"),
    ];
    let mut sources = rust();
    for folder in
        ["ui/src", "docs", "scripts", "relay/templates", "tests/browser", "tests/official_clients", ".ci"]
    {
        sources.extend(below(folder, &[""]));
    }
    sources.extend(
        below("ui", &["package-lock.json", "package.json"])
            .into_iter()
            .filter(|it| it.path.matches('/').count() == 1),
    );
    sources.iter().flat_map(|source| lines_with(source, &traces).collect::<Vec<_>>()).collect()
}

fn bans() -> Vec<toml::Value> {
    let config: toml::Table = std::fs::read_to_string(root().join("clippy.toml")).unwrap().parse().unwrap();
    let lists = ["disallowed-methods", "disallowed-types"];
    lists.iter().flat_map(|list| config[*list].as_array().unwrap().clone()).collect()
}

pub fn bans_without_reason() -> Vec<String> {
    let without =
        |ban: &toml::Value| ban.get("reason").and_then(toml::Value::as_str).is_none_or(str::is_empty);
    bans().into_iter().filter(without).map(|ban| ban.to_string()).collect()
}

/// What is passed in as an argument instead.
pub fn bans_gone() -> Vec<String> {
    const BANNED: [&str; 7] = [
        "chrono::Utc::now",
        "chrono::Local::now",
        "std::time::SystemTime::now",
        "rand_core::RngCore::fill_bytes",
        "rand_core::OsRng",
        "reqwest::Client::new",
        "reqwest::Client::builder",
    ];
    let bans = bans();
    let held =
        |path: &&&str| bans.iter().any(|ban| ban.get("path").and_then(toml::Value::as_str) == Some(path));
    BANNED.iter().filter(|path| !held(path)).map(ToString::to_string).collect()
}
