//! Import cycles between the top-level modules of each crate.

use std::collections::{BTreeMap, BTreeSet};

use super::files::{Source, below};

type Graph = BTreeMap<String, BTreeSet<String>>;

pub fn faults() -> Vec<String> {
    [
        "crates/core/src",
        "crates/remotes/src",
        "crates/mirror/src",
        "crates/engine/src",
        "relay/src",
        "sandbox/src",
    ]
    .iter()
    .flat_map(|folder| {
        let graph = graph(folder);
        graph.keys().filter_map(|module| cycle_from(module, &graph)).collect::<BTreeSet<_>>()
    })
    .collect()
}

/// Which top-level module names which, by `crate::module` outside tests.
fn graph(folder: &str) -> Graph {
    let mut graph = Graph::new();
    for source in below(folder, &[".rs"]).iter().filter(|source| !source.is_test()) {
        let Some(module) = module_of(folder, source) else { continue };
        let names = named_modules(&source.code());
        graph.entry(module.clone()).or_default().extend(names.into_iter().filter(|name| *name != module));
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

fn named_modules(code: &str) -> BTreeSet<String> {
    let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => {
                let group = group.split('}').next().unwrap_or_default();
                found.extend(group.split(',').map(|part| word(part.trim())));
            }
            None => {
                found.insert(word(rest));
            }
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
