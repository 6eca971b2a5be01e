//! Finding the project's files, and the rules that hold for each by itself.

use std::path::{Path, PathBuf};

/// A file of the project, with its path from the root and its text.
pub struct Source {
    pub path: String,
    pub text: String,
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// The files below `folder` whose names end in one of `endings`, without what is built or fetched.
pub fn below(folder: &str, endings: &[&str]) -> Vec<Source> {
    let mut found = Vec::new();
    collect(&root().join(folder), endings, &mut found);
    found.sort_by(|one, other| one.path.cmp(&other.path));
    found
}

fn collect(folder: &Path, endings: &[&str], found: &mut Vec<Source>) {
    const NOT_OURS: [&str; 7] =
        ["target", "node_modules", "dist", ".git", "gen", "test-results", "__pycache__"];
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && !NOT_OURS.contains(&name.as_str()) {
            collect(&path, endings, found);
        } else if path.is_file() && endings.iter().any(|ending| name.ends_with(ending)) {
            let relative = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
            // Pictures and the like are read as far as they are text.
            let text = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
            found.push(Source { path: relative, text });
        }
    }
}

/// All Rust of the project.
pub fn rust() -> Vec<Source> {
    ["crates", "relay", "sandbox", "ctl", "tests", "src-tauri", "fuzz"]
        .iter()
        .flat_map(|folder| below(folder, &[".rs"]))
        .collect()
}

impl Source {
    /// The text without what is only built for tests, wherever in the file it stands.
    pub fn without_tests(&self) -> String {
        parted(&self.text).0
    }

    /// Without tests and comments.
    pub fn code(&self) -> String {
        let is_code = |line: &&str| !line.trim_start().starts_with("//");
        self.without_tests().lines().filter(is_code).collect::<Vec<_>>().join("\n")
    }

    /// Only the tests of it; `None` when there are none.
    pub fn into_tests(self) -> Option<Source> {
        if self.is_test() {
            return Some(self);
        }
        let (_, tests) = parted(&self.text);
        (!tests.is_empty()).then_some(Source { path: self.path, text: tests })
    }

    pub fn is_test(&self) -> bool {
        let name = self.path.rsplit('/').next().unwrap_or_default();
        self.path.starts_with("tests/")
            || self.path.contains("/tests/")
            || self.path.contains("/benches/")
            || matches!(name, "tests.rs" | "testing.rs")
            || name.ends_with("_tests.rs")
    }
}

/// The lines of a text that stand outside and inside of items under `#[cfg(test)]`.
/// An item goes to the line that ends it at its own depth, as the formatter lays it out.
fn parted(text: &str) -> (String, String) {
    let (mut code, mut tests) = (Vec::new(), Vec::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if line.trim() != "#[cfg(test)]" {
            code.push(line);
            continue;
        }
        let depth = &line[..line.len() - line.trim_start().len()];
        for line in lines.by_ref() {
            tests.push(line);
            if ends_item(line, depth) {
                break;
            }
        }
    }
    (code.join("\n"), tests.join("\n"))
}

fn ends_item(line: &str, depth: &str) -> bool {
    let at_depth = line.strip_prefix(depth).filter(|rest| !rest.starts_with(char::is_whitespace));
    let code = at_depth.map(|rest| rest.split(" // ").next().unwrap_or_default().trim_end());
    code.is_some_and(|code| {
        !code.starts_with("//") && !code.starts_with("#[") && code.ends_with([';', '}', ','])
    })
}

pub fn without_sentence() -> Vec<String> {
    let opens = |source: &Source| {
        source.text.lines().next().is_some_and(|line| line.starts_with("//! ") && line.len() > 20)
    };
    rust().iter().filter(|source| !opens(source)).map(|source| source.path.clone()).collect()
}

pub fn too_long() -> Vec<String> {
    let long = |source: &Source, wall: usize| {
        let lines = source.without_tests().lines().count();
        (lines > wall).then(|| format!("{} has {lines} lines, the wall is {wall}", source.path))
    };
    let rust = rust();
    let components = below("ui/src", &[".svelte"]);
    rust.iter()
        .filter_map(|source| long(source, 600))
        .chain(components.iter().filter_map(|source| long(source, 300)))
        .collect()
}

/// Where colours may stand: each surface has one stylesheet, and an organisation one accent until it chooses another.
const COLOUR_HOMES: [&str; 4] = [
    "ui/src/styles/tokens.css",
    "relay/assets/style.css",
    "relay/src/config.rs",
    "crates/remotes/src/oauth/landing.html",
];

pub fn stray_colours() -> Vec<String> {
    // The sandbox's colours are the providers', pictures are their own, and what tests name is data.
    let shown = ["ui/src", "crates", "relay", "ctl", "src-tauri"];
    let sources =
        shown.iter().flat_map(|folder| below(folder, &[".svelte", ".css", ".ts", ".js", ".html", ".rs"]));
    let own = |source: &Source| COLOUR_HOMES.contains(&source.path.as_str());
    let looked_at = sources.filter(|it| !own(it) && !it.is_test() && !it.path.ends_with(".test.ts"));
    looked_at
        .flat_map(|source| {
            let code = source.code();
            let coloured = code.lines().filter(|line| names_a_colour(line));
            coloured.map(|line| format!("{}: {}", source.path, line.trim())).collect::<Vec<_>>()
        })
        .collect()
}

fn names_a_colour(line: &str) -> bool {
    let hex = line.match_indices('#').any(|(at, _)| {
        let digits = line[at + 1..].chars().take_while(char::is_ascii_hexdigit).count();
        let ends = line[at + 1 + digits..]
            .chars()
            .next()
            .is_none_or(|next| !next.is_alphanumeric() && !"-(".contains(next));
        let before = line[..at].chars().next_back();
        matches!(digits, 3 | 4 | 6 | 8)
            && ends
            && before.is_none_or(|c| !c.is_alphanumeric() && !"&.".contains(c))
    });
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let called = |function| line.match_indices(function).any(|(at, _)| !line[..at].ends_with(word));
    hex || ["rgb(", "rgba(", "hsl(", "hsla(", "oklch("].into_iter().any(called)
}

#[test]
fn code_behind_tests_is_seen() {
    let text = "//! A module.\n\n#[cfg(test)]\nmod contract;\nmod sqlite;\n\n#[cfg(test)]\nmod tests {\n    use super::*;\n\n    \
                fn one() {}\n}\n\nimpl One {\n    #[cfg(test)]\n    pub fn only() -> Self {\n        One\n    }\n\n    fn all() {}\n}";
    let (code, tests) = parted(text);
    assert_eq!(code, "//! A module.\n\nmod sqlite;\n\n\nimpl One {\n\n    fn all() {}\n}");
    assert!(tests.contains("fn one") && tests.contains("fn only") && tests.starts_with("mod contract;"));
}

#[test]
fn attributes_and_long_heads_belong_to_the_tests_item() {
    let text = "#[cfg(test)]\n#[expect(clippy::panic, reason = \"x\")]\npub fn long(\n    one: u8,\n) -> u8 {\n    one\n}\nfn after() {}";
    assert_eq!(parted(text).0, "fn after() {}");
}

#[test]
fn colours_are_told_from_what_only_looks_like_one() {
    for line in ["color: #1f6f5c;", "border: 1px solid #fff", "\"#97490a\"", "rgb(1, 2, 3)"] {
        assert!(names_a_colour(line), "{line}");
    }
    for line in
        ["#[derive(Debug)]", "&#38;", "href=\"#face-to-face\"", "r#\"abc\"#", "{error:#}", "is_rgb(color)"]
    {
        assert!(!names_a_colour(line), "{line}");
    }
}
