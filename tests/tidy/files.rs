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
    ["crates", "relay", "sandbox", "ctl", "tests", "src-tauri"]
        .iter()
        .flat_map(|folder| below(folder, &[".rs"]))
        .collect()
}

impl Source {
    /// The text before the tests that stand beside the code.
    pub fn without_tests(&self) -> &str {
        self.text.split("\n#[cfg(test)]").next().unwrap_or_default()
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
        let (_, tests) = self.text.split_once("\n#[cfg(test)]")?;
        Some(Source { path: self.path.clone(), text: tests.to_owned() })
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

pub fn stray_colours() -> Vec<String> {
    let mut faults = Vec::new();
    for source in below("ui/src", &[".svelte", ".css", ".ts"]) {
        if source.path == "ui/src/styles/tokens.css" || source.path.ends_with(".test.ts") {
            continue;
        }
        for (number, line) in source.text.lines().enumerate() {
            if names_a_colour(line) {
                faults.push(format!("{}:{} {}", source.path, number + 1, line.trim()));
            }
        }
    }
    faults
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
    hex || ["rgb(", "rgba(", "hsl(", "hsla(", "oklch("].iter().any(|function| line.contains(function))
}
