//! Names that may stand only in their homes.

use super::files::{Source, below, root, rust};

/// What is looked for, as it stands in a path of Rust, and where it may.
const HOMES: [(&str, &[&str]); 6] = [
    ("tauri", &["src-tauri/"]),
    ("reqwest", &["crates/remotes/", "tests/"]),
    ("sqlx", &["crates/mirror/", "relay/src/store/"]),
    ("keyring_core", &["crates/engine/src/secrets.rs"]),
    ("gtk", &["src-tauri/platform/display.rs"]),
    ("notify_rust", &["src-tauri/platform/notifications.rs"]),
];

pub fn strangers() -> Vec<String> {
    let sources = rust();
    let mut faults: Vec<String> = HOMES
        .iter()
        .flat_map(|(name, homes)| {
            sources
                .iter()
                .filter(|source| !homes.iter().any(|home| source.path.starts_with(home)))
                .filter(|source| names_crate(&source.code(), name))
                .map(move |source| format!("{name} in {}", source.path))
        })
        .collect();
    let bridge = "@tauri-apps";
    let in_ui = below("ui/src", &[".ts", ".svelte", ".js"]);
    let outside = |source: &&Source| !source.path.starts_with("ui/src/host/");
    faults.extend(
        in_ui
            .iter()
            .filter(outside)
            .filter(|source| source.text.contains(bridge))
            .map(|source| format!("{bridge} in {}", source.path)),
    );
    faults
}

/// A crate is named where its name is followed by `::` or stands in a `use`, and is no part of a longer word.
fn names_crate(code: &str, name: &str) -> bool {
    code.match_indices(name).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + name.len()..];
        let whole = before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != '"' && c != ':');
        whole && (after.starts_with("::") || (code[..at].ends_with("use ") && after.starts_with(';')))
    })
}

pub fn impure_core() -> Vec<String> {
    const OUTSIDE: [&str; 12] = [
        "std::fs",
        "std::net",
        "std::env",
        "std::process",
        "std::thread",
        "std::io::stdin",
        "tokio",
        "SystemTime",
        "Utc::now",
        "chrono::Local",
        "OsRng",
        "thread_rng",
    ];
    let sources = below("crates/core/src", &[".rs"]);
    let mut faults = Vec::new();
    for source in sources.iter().filter(|source| !source.is_test()) {
        let code = source.code();
        faults.extend(
            OUTSIDE
                .iter()
                .filter(|name| code.contains(**name))
                .map(|name| format!("{name} in {}", source.path)),
        );
    }
    faults
}

/// A write needs a draft or a patch, or the provider's `delete`; only the push loop makes them.
pub fn stray_writes() -> Vec<String> {
    const WRITES: [&str; 4] = ["calendar::Draft", "calendar::Patch", "Draft {", "calendars.delete("];
    let sources = below("crates/engine/src", &[".rs"]);
    let outside = |source: &&Source| !source.path.starts_with("crates/engine/src/sync/push");
    let mut faults = Vec::new();
    for source in sources.iter().filter(outside) {
        let code = source.code();
        faults.extend(
            WRITES
                .iter()
                .filter(|write| code.contains(**write))
                .map(|write| format!("{write} in {}", source.path)),
        );
    }
    faults
}

pub fn contract_words() -> Vec<String> {
    const UNKNOWN: [&str; 7] = ["title", "attendee", "google", "microsoft", "refresh", "calendar", "summary"];
    let file = root().join("crates/core/src/contract.rs");
    let contract = Source { path: String::new(), text: std::fs::read_to_string(file).unwrap() };
    let code = contract.code().to_lowercase();
    UNKNOWN.iter().filter(|word| code.contains(**word)).map(ToString::to_string).collect()
}
