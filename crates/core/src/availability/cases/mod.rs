//! Scheduling facts as data: reads a file of cases, runs each through the engine, and says which hold.
//!
//! A case is `{id, kind, input, expect}`. `expect` holds checks on the result; all must hold. Times
//! with `Z` or an offset are instants, a bare `HH:MM` is local to the case's zone, weekdays count
//! from Sunday = 0.

mod checks;
mod input;
mod kinds;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use checks::judge;

/// How one case went.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CaseResult {
    pub id: String,
    /// `None`: the kind, or each of the checks, is unknown here.
    pub ok: Option<bool>,
    /// The result in the form of the case's `expect`.
    pub got: Value,
    /// Names in `expect` that are no checks here; the others decide.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unknown: Vec<String>,
}

#[derive(Debug, thiserror::Error)]
#[error("the cases cannot be read: {0}; the file must be a JSON object with a list “cases”")]
pub struct Unreadable(#[from] serde_json::Error);

#[derive(Deserialize)]
struct File {
    cases: Vec<Value>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    kind: String,
    #[serde(default)]
    input: Value,
    #[serde(default)]
    expect: Value,
}

/// Runs every case of a file.
pub fn run(text: &str) -> Result<Vec<CaseResult>, Unreadable> {
    let file: File = serde_json::from_str(text)?;
    Ok((1..).zip(file.cases).map(|(number, case)| run_one(number, case)).collect())
}

/// One that cannot be read is wrong, and keeps none of the others back.
fn run_one(number: usize, case: Value) -> CaseResult {
    let id = case.get("id").and_then(Value::as_str).map_or_else(|| format!("#{number}"), str::to_owned);
    match serde_json::from_value::<Case>(case) {
        Ok(case) => answered(case),
        Err(wrong) => CaseResult { id, ok: Some(false), got: error(&wrong), unknown: Vec::new() },
    }
}

fn answered(case: Case) -> CaseResult {
    let (ok, got, unknown) = match kinds::answer(&case.kind, case.input, &case.expect) {
        None => (None, Value::Null, Vec::new()),
        Some(Err(wrong)) => (Some(false), error(&wrong), Vec::new()),
        Some(Ok(answer)) => judge(&answer, &case.expect),
    };
    CaseResult { id: case.id, ok, got, unknown }
}

fn error(wrong: &dyn std::error::Error) -> Value {
    json!({ "error": wrong.to_string() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    const CASES: &str = include_str!("../../../../../tests/cases/slots.json");
    const PRINT: &str = "DAYMARK_PRINT_CASES";
    const THIS_TEST: &str =
        "availability::cases::tests::every_case_holds_and_prints_the_same_in_five_process_zones";

    fn lines() -> Vec<String> {
        run(CASES).unwrap().iter().map(|result| serde_json::to_string(result).unwrap()).collect()
    }

    /// The test runs itself in processes of other zones, each of which prints its zone and its results.
    #[test]
    fn every_case_holds_and_prints_the_same_in_five_process_zones() {
        if std::env::var_os(PRINT).is_some() {
            println!("case zone {}", std::env::var("TZ").unwrap());
            lines().iter().for_each(|line| println!("case {line}"));
            return;
        }
        let ours: Vec<String> = lines().iter().map(|line| format!("case {line}")).collect();
        let failed: Vec<&String> = ours.iter().filter(|line| !line.contains("\"ok\":true")).collect();
        assert!(failed.is_empty(), "{failed:#?}");
        for zone in ["UTC", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Europe/Berlin"] {
            let output = Command::new(std::env::current_exe().unwrap())
                .args([THIS_TEST, "--exact", "--nocapture"])
                .env("TZ", zone)
                .env(PRINT, "1")
                .output()
                .unwrap();
            let text = String::from_utf8(output.stdout).unwrap();
            // The test runner may put its own words before the first line.
            let mut theirs = text.lines().filter_map(|line| line.find("case ").and_then(|at| line.get(at..)));
            let theirs: Vec<&str> =
                theirs.by_ref().skip_while(|line| !line.starts_with("case zone")).collect();
            let expected = [vec![format!("case zone {zone}")], ours.clone()].concat();
            assert_eq!(theirs, expected, "in {zone}");
        }
    }

    #[test]
    fn an_unknown_kind_is_neither_right_nor_wrong() {
        let result = run(r#"{"cases": [{"id": "x", "kind": "tides", "input": {}, "expect": {}}]}"#).unwrap();
        assert_eq!(serde_json::to_string(&result[0]).unwrap(), r#"{"id":"x","ok":null,"got":null}"#);
    }

    #[test]
    fn a_broken_case_is_wrong_and_says_why() {
        let text =
            r#"{"cases": [{"id": "x", "kind": "interval_merge", "input": {"ranges": 5}, "expect": {}}]}"#;
        let result = run(text).unwrap();
        assert_eq!(result[0].ok, Some(false));
        assert!(result[0].got["error"].as_str().unwrap().contains("invalid type"));
        assert!(run("[]").is_err());
    }

    #[test]
    fn a_check_that_fails_makes_the_case_wrong() {
        let case = |expect: &str| {
            let ranges = r#"[{"start": "2026-03-02T09:00:00Z", "end": "2026-03-02T10:00:00Z"}]"#;
            let text = format!(
                r#"{{"cases": [{{"id": "x", "kind": "ranges_to_slots", "expect": {expect},
                "input": {{"viewer_tz": "UTC", "free_ranges": {ranges}, "length_min": 30}}}}]}}"#
            );
            run(&text).unwrap().remove(0).ok
        };
        assert_eq!(case(r#"{"count": 2}"#), Some(true));
        assert_eq!(case(r#"{"count": 2, "first": "2026-03-02T09:30:00Z"}"#), Some(false));
        assert_eq!(case(r#"{"last": "2026-03-02T10:30:00+01:00", "min_count": 1}"#), Some(true));
        assert_eq!(case(r#"{"contains": ["2026-03-02T09:10:00Z"]}"#), Some(false));
        assert_eq!(case(r#"{"min_count": 3}"#), Some(false));
        let malformed = [
            r#"{"min_count": "two"}"#,
            r#"{"starts": "2026-03-02T09:00:00Z"}"#,
            r#"{"contains": 5}"#,
            r#"{"all_starts_at_or_after_min": "soon"}"#,
            r#"{"first": 5}"#,
        ];
        for expect in malformed {
            assert_eq!(case(expect), Some(false), "{expect}");
        }
        assert_eq!(case(r#"{"colour": "red"}"#), None);
        assert_eq!(case(r#"{"colour": "red", "count": 2}"#), Some(true), "the known checks decide");
        assert_eq!(case(r#"{"colour": "red", "count": 3}"#), Some(false));
    }

    #[test]
    fn a_name_that_is_no_check_is_told_beside_the_result() {
        let input = r#"{"viewer_tz": "UTC", "free_ranges": [], "length_min": 30}"#;
        let text = format!(
            r#"{{"cases": [{{"id": "x", "kind": "ranges_to_slots", "expect": {{"count": 0, "colour": 1}},
            "input": {input}}}]}}"#
        );
        let result = run(&text).unwrap().remove(0);
        assert_eq!(
            serde_json::to_string(&result).unwrap(),
            r#"{"id":"x","ok":true,"got":{"count":0},"unknown":["colour"]}"#
        );
    }

    #[test]
    fn a_case_that_cannot_be_read_is_wrong_and_keeps_no_other_back() {
        let text = r#"{"cases": [{"kind": "tides"}, 5, {"id": "b"}, {"id": "c", "kind": "tides"}]}"#;
        let results = run(text).unwrap();
        let said: Vec<_> = results.iter().map(|result| (result.id.as_str(), result.ok)).collect();
        assert_eq!(said, [("#1", Some(false)), ("#2", Some(false)), ("b", Some(false)), ("c", None)]);
        assert_eq!(results[0].got["error"], "missing field `id`");
    }
}
