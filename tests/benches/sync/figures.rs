//! Figures, and whole programs run for them.

use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use journeys::real;
use serde::Deserialize;
use serde_json::{Value, json};

/// Milliseconds with one digit behind the point are as exact as any of this.
pub fn rounded(ms: f64) -> f64 {
    (ms * 10.0).round() / 10.0
}

pub fn median(took: &[f64]) -> f64 {
    let mut sorted = took.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
}

pub fn report(what: &str, took_ms: &[f64]) {
    let slowest = took_ms.iter().copied().fold(0.0, f64::max);
    let (median_ms, slowest_ms) = (rounded(median(took_ms)), rounded(slowest));
    say(&json!({ "what": what, "median_ms": median_ms, "slowest_ms": slowest_ms, "runs": took_ms.len() }));
}

pub fn say(figure: &Value) {
    println!("{figure}");
}

/// How one run of a whole program went.
#[derive(Clone, Debug, Deserialize)]
pub struct Whole {
    pub took_s: f64,
    pub peak_kib: u64,
    code: i32,
    #[serde(skip)]
    pub said: String,
}

impl Whole {
    pub fn ms(&self) -> f64 {
        self.took_s * 1000.0
    }

    pub fn peak_mib(&self) -> f64 {
        let kib = i32::try_from(self.peak_kib).map_or(f64::NAN, f64::from);
        rounded(kib / 1024.0)
    }
}

/// Runs a program from its start to its end, and fails when it does.
pub fn whole(program: &Path, arguments: &[OsString], variables: &[(&str, &str)]) -> anyhow::Result<Whole> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/sync/whole.py");
    let mut command = Command::new(real::python()?);
    command.arg("-B").arg(script).arg(program).args(arguments).envs(variables.iter().copied());
    let ended = command.output()?;
    let said = String::from_utf8_lossy(&ended.stderr).into_owned();
    let whole: Whole = serde_json::from_slice(&ended.stdout).with_context(|| said.clone())?;
    anyhow::ensure!(whole.code == 0, "{} ended with {}:\n{said}", program.display(), whole.code);
    Ok(Whole { said, ..whole })
}
