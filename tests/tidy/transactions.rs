//! One answer of a provider is one transaction: what is moved together is named only where one transaction is held.

use super::files::{Source, below};

const MIRROR: &str = "crates/mirror/src";
/// Where a cursor moves, and with it the rows of the answer that brought it.
const TAKES_ANSWERS: [&str; 2] = ["crates/mirror/src/apply.rs", "crates/mirror/src/import.rs"];

pub fn faults() -> Vec<String> {
    let sources = below(MIRROR, &[".rs"]);
    let missing = TAKES_ANSWERS.iter().filter(|path| !sources.iter().any(|it| it.path == **path));
    let missing = missing.map(|path| format!("{path} is gone from this list"));
    let looked_at = sources.iter().filter(|source| !source.is_test() && !source.path.contains("/tests/"));
    missing.chain(looked_at.flat_map(broken)).collect()
}

fn broken(source: &Source) -> Vec<String> {
    let code = source.code();
    let mut faults = Vec::new();
    if source.path.starts_with("crates/mirror/src/table/") {
        // A table works within somebody's transaction, and cannot end it.
        let own = [".write()", ".begin", ".commit()"].into_iter().filter(|call| code.contains(call));
        faults.extend(own.map(|call| format!("{call} in {}", source.path)));
    } else if !TAKES_ANSWERS.contains(&source.path.as_str()) {
        faults.extend(code.contains("cursor::put(").then(|| format!("a cursor is moved in {}", source.path)));
    } else {
        faults.extend(functions(&code).filter(|body| begun_twice(body)).map(|body| {
            let head = body.lines().next().unwrap_or_default();
            format!("more than one transaction in {}: {head}", source.path)
        }));
    }
    faults
}

/// Each function with its head, up to the next one.
fn functions(code: &str) -> impl Iterator<Item = &str> {
    code.split("fn ").skip(1)
}

fn begun_twice(body: &str) -> bool {
    [".write()", ".commit()"].into_iter().any(|call| body.matches(call).count() > 1)
}

#[test]
fn a_cursor_that_moves_by_itself_is_seen() {
    let source = |path: &str, text: &str| Source { path: path.into(), text: text.into() };
    let twice =
        "fn apply() {\n    let mut tx = pool.write();\n    tx.commit();\n    cursor::put(pool.write());\n}";
    assert_eq!(broken(&source(TAKES_ANSWERS[0], twice)).len(), 1);
    let once = "fn one() {\n    pool.write().commit();\n}\nfn two() {\n    pool.write().commit();\n}";
    assert!(broken(&source(TAKES_ANSWERS[1], once)).is_empty());
    assert_eq!(broken(&source("crates/mirror/src/stage.rs", "cursor::put(conn)")).len(), 1);
    assert_eq!(broken(&source("crates/mirror/src/table/cursor.rs", "tx.commit()")).len(), 1);
}
