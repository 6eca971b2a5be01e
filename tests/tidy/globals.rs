//! Values that any code can reach without being handed them.

use super::files::{Source, below};

/// What a program or library of the product is made of.
const PRODUCT: [&str; 5] = ["crates", "relay", "ctl", "src-tauri", "sandbox"];

/// The statics there may be: each is made by the compiler and never changes.
const CONSTANTS: [(&str, &str); 1] = [("crates/mirror/src/pool.rs", "MIGRATIONS")];

/// Macros and calls that make a value outlive every owner.
const MAKERS: [&str; 4] = ["thread_local!", "lazy_static!", "Box::leak(", ".leak()"];

pub fn faults() -> Vec<String> {
    let sources = PRODUCT.iter().flat_map(|folder| below(folder, &[".rs"]));
    sources.filter(|source| !source.is_test()).flat_map(|source| globals(&source)).collect()
}

fn globals(source: &Source) -> Vec<String> {
    let code = source.code();
    let statics = code.lines().filter_map(static_name);
    let statics = statics.filter(|name| !CONSTANTS.contains(&(source.path.as_str(), name)));
    let made = MAKERS.into_iter().filter(|maker| code.contains(maker));
    statics.chain(made).map(|name| format!("{name} in {}", source.path)).collect()
}

/// The name of the static that a line declares, at any depth; the formatter gives each a line of its own.
fn static_name(line: &str) -> Option<&str> {
    let mut item = line.trim_start();
    if let Some(seen) = item.strip_prefix("pub") {
        let seen = seen.strip_prefix('(').map_or(seen, |wide| wide.split_once(')').map_or(wide, |it| it.1));
        item = seen.trim_start();
    }
    let name = item.strip_prefix("static ")?;
    let name = name.strip_prefix("mut ").or_else(|| name.strip_prefix("ref ")).unwrap_or(name);
    Some(name.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or(name))
}

#[test]
fn a_global_is_seen_however_it_is_declared() {
    let code = "pub static G: Mutex<i32> = Mutex::new(0);\nstatic mut A: u8 = 0;\npub(crate) static B: OnceLock<u8> = x;\n\
                fn f() {\n    static C: AtomicU8 = AtomicU8::new(0);\n    let leaked = Box::leak(made);\n}\n\
                thread_local! { static D: u8 = 0 }";
    let source = Source { path: "crates/core/src/g.rs".into(), text: code.into() };
    let found: Vec<_> =
        globals(&source).into_iter().map(|fault| fault.replace(" in crates/core/src/g.rs", "")).collect();
    assert_eq!(found, ["G", "A", "B", "C", "thread_local!", "Box::leak("]);
}

#[test]
fn a_lifetime_a_word_and_a_test_are_no_global() {
    let code = "fn f(a: &'static str) -> &'static str { a }\n// static G: u8 = 0;\nlet pubs = 1;\n\
                #[cfg(test)]\nmod tests {\n    static T: u8 = 0;\n}";
    assert!(globals(&Source { path: "crates/core/src/g.rs".into(), text: code.into() }).is_empty());
}
