//! An error with its causes in one line, for people: libraries often repeat the cause in their own words.

use std::error::Error;

/// Each cause once: one that the words before it have said already adds nothing.
pub fn causes(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(source) = cause {
        let said = source.to_string();
        if !words.contains(&said) {
            words.push_str(": ");
            words.push_str(&said);
        }
        cause = source.source();
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("{words}")]
    struct Step {
        words: &'static str,
        source: Option<Box<Step>>,
    }

    fn chain(words: &[&'static str]) -> Step {
        let (first, rest) = words.split_first().unwrap();
        let source = (!rest.is_empty()).then(|| Box::new(chain(rest)));
        Step { words: first, source }
    }

    #[test]
    fn a_cause_that_was_said_is_not_said_again() {
        let repeated = chain(&["it cannot be opened", "from the database: no database", "no database"]);
        assert_eq!(causes(&repeated), "it cannot be opened: from the database: no database");
        assert_eq!(causes(&chain(&["one", "two", "three"])), "one: two: three");
    }
}
