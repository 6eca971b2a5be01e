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
    /// The form that comes back in the chosen language with all that was typed; empty where links do.
    pub language_form: &'static str,
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
            languages: languages(visitor, &visitor.path),
            language_form: "",
        }
    }

    /// The page of a filled-in form is asked for again by the form itself.
    pub fn with_language_form(mut self, id: &'static str) -> Frame {
        self.language_form = id;
        self
    }

    /// Links that name no path: the page reads the same under every address.
    pub fn with_own_languages(mut self, visitor: &Visitor) -> Frame {
        self.languages = languages(visitor, "");
        self
    }

    /// A page that answers what was sent has no address to be read again in another language.
    pub fn without_languages(mut self) -> Frame {
        self.languages.clear();
        self
    }
}

/// Links to the same page in the other languages.
fn languages(visitor: &Visitor, path: &str) -> Vec<LanguageLink> {
    let others = LANGS.into_iter().filter(|lang| *lang != visitor.locale.lang);
    others
        .map(|lang| {
            let kept = ["type", "month", "day", "start", "tz"];
            let mut values: Vec<(&str, &str)> =
                kept.iter().filter_map(|name| Some((*name, visitor.asked.get(name)?))).collect();
            values.push(("lang", lang.code()));
            LanguageLink { code: lang.code(), name: lang.words().language_name, href: link(path, &values) }
        })
        .collect()
}
