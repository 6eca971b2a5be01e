//! What stands round every page: language, title, stylesheet, footer.

use crate::app::App;
use crate::pages::visitor::{Visitor, link};
use crate::words::{LANGS, Words, fill};

pub struct Frame {
    pub words: &'static Words,
    pub lang: &'static str,
    pub title: String,
    pub style: String,
    pub icon: String,
    /// The optional script's address; empty where a page has no use for it.
    pub script: String,
    /// The zone that the page shows, for the script.
    pub zone: String,
    pub powered: String,
    pub languages: Vec<LanguageLink>,
}

pub struct LanguageLink {
    pub code: &'static str,
    pub name: &'static str,
    pub href: String,
}

impl Frame {
    pub fn new(app: &App, visitor: &Visitor, title: String) -> Frame {
        let words = visitor.locale.words();
        Frame {
            words,
            lang: visitor.locale.tag(),
            title,
            style: app.assets.style.path.clone(),
            icon: app.assets.icon.path.clone(),
            script: String::new(),
            zone: String::new(),
            powered: fill(words.powered, &[("organisation", &app.organisation)]),
            languages: languages(visitor),
        }
    }

    /// A page that answers a form has no address to be read again in another language.
    pub fn without_languages(mut self) -> Frame {
        self.languages.clear();
        self
    }
}

/// Links to the same page in the other languages.
fn languages(visitor: &Visitor) -> Vec<LanguageLink> {
    let others = LANGS.into_iter().filter(|lang| *lang != visitor.locale.lang);
    others
        .map(|lang| {
            let kept = ["type", "month", "day", "start", "tz"];
            let mut values: Vec<(&str, &str)> =
                kept.iter().filter_map(|name| Some((*name, visitor.asked.get(name)?))).collect();
            values.push(("lang", lang.code()));
            LanguageLink {
                code: lang.code(),
                name: lang.words().language_name,
                href: link(&visitor.path, &values),
            }
        })
        .collect()
}
