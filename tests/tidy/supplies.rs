//! What comes into the build, held against `deny.toml`: licences, banned crates, and where crates come from.
//!
//! `cargo deny` reads the same file; this needs nothing but cargo, so the list bites at every change.

use std::collections::BTreeSet;
use std::process::Command;

use super::files::root;

fn read(file: &str) -> toml::Table {
    std::fs::read_to_string(root().join(file)).unwrap().parse().unwrap()
}

fn locked() -> Vec<toml::Table> {
    let packages = read("Cargo.lock")["package"].as_array().unwrap().clone();
    packages.into_iter().filter_map(|package| package.try_into().ok()).collect()
}

fn text<'a>(package: &'a toml::Table, key: &str) -> &'a str {
    package.get(key).and_then(toml::Value::as_str).unwrap_or_default()
}

/// Crates that the list bans, for every system and every feature.
pub fn banned() -> Vec<String> {
    let deny = read("deny.toml");
    let bans = deny["bans"]["deny"].as_array().unwrap();
    let banned: BTreeSet<&str> = bans.iter().map(|ban| ban["crate"].as_str().unwrap()).collect();
    let known = locked();
    known
        .iter()
        .map(|package| text(package, "name"))
        .filter(|name| banned.contains(name))
        .map(str::to_owned)
        .collect()
}

/// Everything that is not ours comes from the one registry, with a checksum.
pub fn strange_sources() -> Vec<String> {
    let known = locked();
    let foreign = known.iter().filter(|package| package.contains_key("source"));
    foreign
        .filter(|package| {
            let source = text(package, "source");
            !source.starts_with("registry+")
                || !source.ends_with("/crates.io-index")
                || !package.contains_key("checksum")
        })
        .map(|package| format!("{} from {}", text(package, "name"), text(package, "source")))
        .collect()
}

/// Crates whose licence lets nobody choose one that is allowed.
pub fn strange_licences() -> Vec<String> {
    let deny = read("deny.toml");
    let list = deny["licenses"]["allow"].as_array().unwrap();
    let allowed: BTreeSet<&str> = list.iter().filter_map(toml::Value::as_str).collect();
    let answer = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--all-features", "--format-version", "1"])
        .current_dir(root())
        .output()
        .unwrap();
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&answer.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    packages
        .iter()
        .filter(|package| !is_allowed(package["license"].as_str().unwrap_or_default(), &allowed))
        .map(|package| format!("{}: {}", package["name"], package["license"]))
        .collect()
}

/// Whether an SPDX expression can be met by allowed licences alone. `/` is an old way to write `OR`.
fn is_allowed(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let spaced = expression.replace('/', " OR ").replace('(', " ( ").replace(')', " ) ");
    let mut words: Vec<&str> = spaced.split_whitespace().rev().collect();
    any(&mut words, allowed) && words.is_empty()
}

/// The words stand in reverse: the next one is the last.
fn any(words: &mut Vec<&str>, allowed: &BTreeSet<&str>) -> bool {
    let mut met = all(words, allowed);
    while words.pop_if(|word| *word == "OR").is_some() {
        met |= all(words, allowed);
    }
    met
}

fn all(words: &mut Vec<&str>, allowed: &BTreeSet<&str>) -> bool {
    let mut met = one(words, allowed);
    while words.pop_if(|word| *word == "AND").is_some() {
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut Vec<&str>, allowed: &BTreeSet<&str>) -> bool {
    match words.pop() {
        Some("(") => {
            let met = any(words, allowed);
            words.pop() == Some(")") && met
        }
        Some(name) if words.pop_if(|word| *word == "WITH").is_some() => {
            let exception = words.pop().unwrap_or_default();
            allowed.contains(format!("{name} WITH {exception}").as_str())
        }
        Some(name) => allowed.contains(name),
        None => false,
    }
}

#[test]
fn a_licence_is_allowed_when_allowed_ones_meet_it() {
    let allowed = BTreeSet::from(["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"]);
    for met in [
        "MIT",
        "GPL-3.0 OR MIT",
        "GPL-3.0/MIT",
        "(GPL-3.0 OR MIT) AND ISC",
        "Apache-2.0 WITH LLVM-exception OR X",
    ] {
        assert!(is_allowed(met, &allowed), "{met}");
    }
    for unmet in ["", "GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0", "MIT AND (X OR Y)", "MIT MIT", "(MIT"] {
        assert!(!is_allowed(unmet, &allowed), "{unmet}");
    }
}
