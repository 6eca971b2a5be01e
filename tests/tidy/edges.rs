//! Who may know whom: the complete list, held against the manifests.

use std::collections::BTreeSet;

use super::files::root;

/// Folder, package, and the packages of ours that it may depend on, in programs and in tests alike.
const ALLOWED: [(&str, &[&str]); 10] = [
    ("crates/core", &[]),
    ("crates/program", &[]),
    ("crates/remotes", &["daymark-core"]),
    ("crates/mirror", &["daymark-core"]),
    ("crates/engine", &["daymark-core", "daymark-remotes", "daymark-mirror"]),
    ("relay", &["daymark-core", "daymark-program"]),
    ("sandbox", &[]),
    ("ctl", &["daymark-core", "daymark-engine", "daymark-program"]),
    (
        "tests",
        &[
            "daymark-core",
            "daymark-remotes",
            "daymark-mirror",
            "daymark-engine",
            "daymark-program",
            "daymark-relay",
            "daymark-sandbox",
        ],
    ),
    (".", &["daymark-core", "daymark-engine", "daymark-program"]),
];

fn manifest(folder: &str) -> toml::Table {
    let file = root().join(folder).join("Cargo.toml");
    std::fs::read_to_string(&file).unwrap().parse().unwrap()
}

/// Every name in every dependency table of a manifest, platform tables included.
fn dependencies(manifest: &toml::Table) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (key, value) in manifest {
        let Some(table) = value.as_table() else { continue };
        match key.as_str() {
            "dependencies" | "dev-dependencies" | "build-dependencies" => {
                names.extend(table.keys().cloned());
            }
            "target" => {
                names.extend(table.values().filter_map(toml::Value::as_table).flat_map(dependencies));
            }
            _ => {}
        }
    }
    names
}

pub fn faults() -> Vec<String> {
    let ours =
        |name: &&String| name.starts_with("daymark-") || matches!(name.as_str(), "daymarkctl" | "journeys");
    let mut faults = Vec::new();
    for (folder, allowed) in ALLOWED {
        let known = dependencies(&manifest(folder));
        for name in known.iter().filter(ours) {
            if !allowed.contains(&name.as_str()) {
                faults.push(format!("{folder} must not know {name}"));
            }
        }
    }
    let members = manifest(".")["workspace"]["members"].as_array().unwrap().len();
    if members + 1 != ALLOWED.len() {
        faults.push("a workspace member is missing from this list".into());
    }
    faults
}

pub fn lax_manifests() -> Vec<String> {
    let mut faults = Vec::new();
    for (folder, _) in ALLOWED {
        let manifest = manifest(folder);
        let inherits = |section: &str, key: &str| {
            manifest.get(section).and_then(|table| table.get(key)).is_some_and(|value| {
                value.as_bool() == Some(true)
                    || value.get("workspace").and_then(toml::Value::as_bool) == Some(true)
            })
        };
        if !inherits("lints", "workspace") {
            faults.push(format!("{folder} does not take the workspace's lints"));
        }
        if !inherits("package", "license") {
            faults.push(format!("{folder} does not take the workspace's licence"));
        }
    }
    faults
}
