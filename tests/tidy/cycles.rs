//! Import cycles between the top-level modules of each crate.

use std::collections::{BTreeMap, BTreeSet};

use super::files::{Source, below};

type Graph = BTreeMap<String, BTreeSet<String>>;

pub fn faults() -> Vec<String> {
    [
        "crates/core/src",
        "crates/program/src",
        "crates/remotes/src",
        "crates/mirror/src",
        "crates/engine/src",
        "relay/src",
        "sandbox/src",
        "ctl/src",
        "src-tauri",
    ]
    .iter()
    .flat_map(|folder| {
        let graph = graph(folder);
        graph.keys().filter_map(|module| cycle_from(module, &graph)).collect::<BTreeSet<_>>()
    })
    .collect()
}

/// Which top-level module names which outside tests, by `crate::module` or by as many `super::` as lead there.
fn graph(folder: &str) -> Graph {
    let mut graph = Graph::new();
    for source in below(folder, &[".rs"]).iter().filter(|source| !source.is_test()) {
        let Some(module) = module_of(folder, source) else { continue };
        let code = source.code();
        let up = "super::".repeat(depth(folder, source));
        let names = named_modules(&code, "crate::").into_iter().chain(named_modules(&code, &up));
        graph.entry(module.clone()).or_default().extend(names.filter(|name| *name != module));
    }
    let known: BTreeSet<String> = graph.keys().cloned().collect();
    graph.values_mut().for_each(|names| names.retain(|name| known.contains(name)));
    graph
}

fn module_of(folder: &str, source: &Source) -> Option<String> {
    let inside = source.path.strip_prefix(folder)?.strip_prefix('/')?;
    let first = inside.split('/').next()?.trim_end_matches(".rs");
    (!matches!(first, "lib" | "main")).then(|| first.to_owned())
}

/// How far a file's module lies below the crate's root.
fn depth(folder: &str, source: &Source) -> usize {
    let inside = source.path.strip_prefix(folder).unwrap_or_default().trim_start_matches('/');
    inside.trim_end_matches("/mod.rs").split('/').count()
}

fn named_modules(code: &str, root: &str) -> BTreeSet<String> {
    let ways = code.match_indices(root).filter(|(at, _)| !code[..*at].ends_with("super::"));
    ways.flat_map(|(at, name)| heads(&code[at + name.len()..])).filter(|name| name != "super").collect()
}

/// The first names of a path, or of each path of a group; what stands in an inner group belongs to its own head.
fn heads(path: &str) -> Vec<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let Some(group) = path.strip_prefix('{') else { return vec![word(path)] };
    let mut found = vec![word(group.trim_start())];
    let mut depth = 0_u32;
    for (at, sign) in group.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => found.push(word(group[at + 1..].trim_start())),
            _ => {}
        }
    }
    found
}

/// A cycle through `start`, written out, beginning at its alphabetically first module so that it is found once.
fn cycle_from(start: &str, graph: &Graph) -> Option<String> {
    let mut path = vec![start.to_owned()];
    let mut seen = BTreeSet::new();
    find(start, start, graph, &mut path, &mut seen).then(|| path.join(" → "))
}

fn find(at: &str, start: &str, graph: &Graph, path: &mut Vec<String>, seen: &mut BTreeSet<String>) -> bool {
    for next in graph.get(at).into_iter().flatten() {
        if next == start {
            path.push(start.to_owned());
            return true;
        }
        if next.as_str() > start && seen.insert(next.clone()) {
            path.push(next.clone());
            if find(next, start, graph, path, seen) {
                return true;
            }
            path.pop();
        }
    }
    false
}

#[test]
fn every_module_of_a_nested_import_is_seen() {
    let code = "use crate::{\n    a::{b, c::{d, e}},\n    f,\n    g::h,\n};\nuse crate::i::j;\nfn k() { crate::l() }";
    let seen: Vec<String> =
        named_modules(code, "crate::").into_iter().filter(|name| !name.is_empty()).collect();
    assert_eq!(seen, ["a", "f", "g", "i", "l"]);
}

#[test]
fn a_way_up_to_the_root_is_seen_and_a_shorter_one_is_not() {
    let at = |path: &str| Source { path: path.into(), text: String::new() };
    assert_eq!(depth("relay/src", &at("relay/src/app.rs")), 1);
    assert_eq!(depth("relay/src", &at("relay/src/store/mod.rs")), 1);
    assert_eq!(depth("relay/src", &at("relay/src/store/sqlite/row.rs")), 3);
    let code = "use super::near;\nuse super::super::far::{a, b};";
    assert_eq!(named_modules(code, "super::super::"), BTreeSet::from(["far".to_owned()]));
    assert_eq!(named_modules(code, "super::"), BTreeSet::from(["near".to_owned()]));
}

#[test]
fn a_cycle_is_written_out_once() {
    let edges = [("a", "b"), ("b", "c"), ("c", "a"), ("d", "a")];
    let mut graph = Graph::new();
    for (from, to) in edges {
        graph.entry(from.into()).or_default().insert(to.into());
    }
    let found: Vec<String> = graph.keys().filter_map(|module| cycle_from(module, &graph)).collect();
    assert_eq!(found, ["a → b → c → a"]);
}
