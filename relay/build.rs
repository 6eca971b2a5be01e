//! Rebuilds the relay when a migration or a page's look changes: both are compiled in.

fn main() {
    for path in ["../migrations/relay/sqlite", "templates", "assets"] {
        println!("cargo:rerun-if-changed={path}");
    }
}
