//! The pages that the browser shows when it comes back, in the two languages of the product.
//! Every word of them is Daymark's own: nothing that a provider or a visitor sent is repeated.

use crate::error::{RemoteError, SignInFailure};

/// What the browser's tab says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Page {
    /// The account is there.
    Done,
    /// Not known yet; Daymark will say it.
    Open,
    Denied,
    ByPolicy,
    /// The answer belongs to another sign-in.
    Strange,
    Failed,
}

impl Page {
    pub fn of(error: &RemoteError) -> Page {
        match error {
            RemoteError::SignIn(SignInFailure::Denied) => Page::Denied,
            RemoteError::SignIn(SignInFailure::ByPolicy { .. }) => Page::ByPolicy,
            RemoteError::SignIn(SignInFailure::StrangeState) => Page::Strange,
            _ => Page::Failed,
        }
    }

    pub fn status(self) -> &'static str {
        match self {
            Page::Done | Page::Open => "200 OK",
            _ => "400 Bad Request",
        }
    }

    pub fn html(self, french: bool) -> String {
        let (title, what) = if french { self.in_french() } else { self.in_english() };
        // The name of a colour in the page's own stylesheet.
        let mark = match self {
            Page::Done | Page::Open => "done",
            _ => "failed",
        };
        include_str!("landing.html")
            .replace("{language}", if french { "fr" } else { "en" })
            .replace("{mark}", mark)
            .replace("{title}", title)
            .replace("{what}", what)
    }

    fn in_english(self) -> (&'static str, &'static str) {
        let failed = "The sign-in did not finish";
        match self {
            Page::Done => ("That’s it", "You can close this window and go back to Daymark."),
            Page::Open => {
                ("Go back to Daymark", "The sign-in is still under way there. It says how it ends.")
            }
            Page::Denied => {
                (failed, "Daymark was not given the permission. Go back to it, try again, and allow it.")
            }
            Page::ByPolicy => (
                failed,
                "Only an administrator of your organisation can allow Daymark. Go back to it: it says what to \
                 ask them for.",
            ),
            Page::Strange => (
                "This page is of another sign-in",
                "Daymark does not wait for it. Go back to Daymark and begin again there.",
            ),
            Page::Failed => (failed, "Go back to Daymark: it says why, and lets you try again."),
        }
    }

    fn in_french(self) -> (&'static str, &'static str) {
        let failed = "La connexion n’a pas abouti";
        match self {
            Page::Done => ("C’est fait", "Vous pouvez fermer cette fenêtre et revenir à Daymark."),
            Page::Open => {
                ("Revenez à Daymark", "La connexion y est encore en cours. Il dit comment elle se termine.")
            }
            Page::Denied => {
                (failed, "Daymark n’a pas reçu la permission. Revenez-y, recommencez et acceptez.")
            }
            Page::ByPolicy => (
                failed,
                "Seul un administrateur de votre organisation peut autoriser Daymark. Revenez à Daymark : il dit \
                 quoi lui demander.",
            ),
            Page::Strange => (
                "Cette page est celle d’une autre connexion",
                "Daymark ne l’attend pas. Revenez à Daymark et recommencez depuis là.",
            ),
            Page::Failed => (failed, "Revenez à Daymark : il dit pourquoi et permet de recommencer."),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_account_that_is_there_says_that_it_is_done() {
        for page in [Page::Open, Page::Denied, Page::ByPolicy, Page::Strange, Page::Failed] {
            let both = page.html(false) + &page.html(true);
            assert!(!both.contains("That’s it") && !both.contains("C’est fait"), "{page:?}");
            assert!(both.contains("Daymark"), "{page:?}");
        }
        assert!(Page::Done.html(false).contains("That’s it"));
    }

    #[test]
    fn nothing_is_left_to_fill_in() {
        for page in [Page::Done, Page::Failed] {
            let html = page.html(true);
            for name in ["{title}", "{what}", "{mark}", "{language}"] {
                assert!(!html.contains(name), "{name}");
            }
        }
    }
}
