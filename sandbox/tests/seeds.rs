//! The seed files in the folder fit the fakes.

#[cfg(test)]
mod tests {
    use daymark_sandbox::{Config, World, clock::Clock, server::assemble};

    #[test]
    fn every_seed_file_can_be_planted_on_any_weekday() {
        let files = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/seeds")).unwrap();
        let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
        assert!(!files.is_empty());
        for path in files {
            for day in 2..9 {
                let clock = Clock::standing(format!("2026-03-{day:02}T16:42:00Z").parse().unwrap());
                let (_, control) = assemble(&World::new(Config::new(clock)));
                let planted = control.seed_text(&std::fs::read_to_string(&path).unwrap());
                assert!(planted.is_ok(), "{}: {planted:?}", path.display());
            }
        }
    }

    #[test]
    fn the_week_has_a_moved_and_a_cancelled_stand_up() {
        let clock = Clock::standing("2026-03-04T16:42:00Z".parse().unwrap());
        let (_, control) = assemble(&World::new(Config::new(clock)));
        control.seed_text(include_str!("../seeds/week.json")).unwrap();
        let look = |id: &str| control.google().event("maya@northcare.example", "primary", id).unwrap();
        assert_eq!(look("standup0northcare_20260305T140000Z")["status"], "cancelled");
        let friday = look("standup0northcare_20260306T140000Z");
        assert_eq!(friday["start"]["dateTime"], "2026-03-06T09:30:00-05:00");
    }
}
