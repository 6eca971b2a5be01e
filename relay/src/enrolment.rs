//! One-time codes: what the admin reads aloud and the laptop types.

use std::borrow::Cow;

use chrono::TimeDelta;
use daymark_core::contract::plain_code;
use daymark_core::entropy::{self, Entropy};
use daymark_core::time::Instant;
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

use crate::store::{EnrolmentOutcome, NewEnrolment, Store, StoreError};

const CODE_HOURS: i64 = 48;
/// Crockford's base 32: no letter that is mistaken for a digit.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Sixteen letters are 80 bits: too many to guess within two days, whatever the rate.
const CODE_LETTERS: usize = 16;
const SLUG_MAX: usize = 40;
/// Of an address drawn by lot: a billion of them.
const LOT_LETTERS: usize = 6;
/// First parts of paths that the relay itself answers.
const RESERVED: [&str; 4] = ["api", "assets", "healthz", "m"];

#[derive(Debug, thiserror::Error)]
pub enum EnrolError {
    #[error("the name is empty, too long or not plain text. Write the person's name as visitors know it.")]
    BadName,
    #[error(
        "\"{0}\" cannot be the page's address. Choose --slug with 2 to 40 small letters, digits and hyphens."
    )]
    BadSlug(String),
    #[error("\"{0}\" is an address that the relay itself answers. Choose another --slug.")]
    OwnSlug(String),
    #[error(
        "the page \"{0}\" exists. For a new laptop or a new code add --again; for another person choose another --slug."
    )]
    SlugInUse(String),
    #[error("nobody has the page \"{0}\". Leave out --again to add a person.")]
    UnknownPerson(String),
    #[error("the name gives no page's address. Say with --slug which page it is for.")]
    AgainWithoutSlug,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A code to hand to its person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Issued {
    pub code: String,
    pub slug: String,
    pub expires_at: Instant,
}

/// Whom a code is for.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub name: String,
    /// Without one, the address is made from the name.
    pub slug: Option<String>,
    pub again: bool,
}

/// Makes a code. Only its hash is stored.
pub async fn issue(
    store: &dyn Store,
    invitation: Invitation,
    entropy: &dyn Entropy,
    now: Instant,
) -> Result<Issued, EnrolError> {
    let name = invitation.name.trim().to_owned();
    if name.is_empty() || name.chars().count() > 100 || name.chars().any(char::is_control) {
        return Err(EnrolError::BadName);
    }
    let slug = match invitation.slug {
        Some(slug) => slug,
        // One that is drawn by lot is nobody's yet.
        None if invitation.again && !is_slug(&slug_of(&name)) => return Err(EnrolError::AgainWithoutSlug),
        None => suggested(&name, entropy),
    };
    if RESERVED.contains(&slug.as_str()) {
        return Err(EnrolError::OwnSlug(slug));
    }
    if !is_slug(&slug) {
        return Err(EnrolError::BadSlug(slug));
    }
    let code = fresh_code(entropy);
    let expires_at = now + TimeDelta::hours(CODE_HOURS);
    let code_hash = hash(&code);
    let enrolment = NewEnrolment { slug: slug.clone(), name, code_hash, expires_at, again: invitation.again };
    match store.add_enrolment(enrolment).await? {
        EnrolmentOutcome::Added => Ok(Issued { code, slug, expires_at }),
        EnrolmentOutcome::SlugInUse => Err(EnrolError::SlugInUse(slug)),
        EnrolmentOutcome::UnknownPerson => Err(EnrolError::UnknownPerson(slug)),
    }
}

/// The stored form of a code.
pub fn hash(typed: &str) -> String {
    data_encoding::HEXLOWER.encode(&Sha256::digest(plain_code(typed)))
}

fn fresh_code(entropy: &dyn Entropy) -> String {
    let raw: [u8; CODE_LETTERS] = entropy::bytes(entropy);
    let letters: Vec<char> =
        raw.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32)).copied()).map(char::from).collect();
    letters.chunks(4).map(String::from_iter).collect::<Vec<_>>().join("-")
}

/// The name as an address, or one drawn by lot where the name gives none: it is written in other letters, or the
/// relay itself answers there.
fn suggested(name: &str, entropy: &dyn Entropy) -> String {
    let slug = slug_of(name);
    if is_slug(&slug) {
        return slug;
    }
    let lot: [u8; LOT_LETTERS] = entropy::bytes(entropy);
    let letters = lot.iter().filter_map(|byte| ALPHABET.get(usize::from(byte % 32)).copied());
    format!("page-{}", letters.map(|letter| char::from(letter.to_ascii_lowercase())).collect::<String>())
}

/// Latin letters lose their accents; everything else parts words.
fn slug_of(name: &str) -> String {
    let plain: String = name.nfkd().filter(|c| !is_combining_mark(*c)).map(latin).collect();
    let words = plain.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug = words.map(str::to_ascii_lowercase).collect::<Vec<_>>().join("-");
    slug.chars().take(SLUG_MAX).collect::<String>().trim_end_matches('-').to_owned()
}

/// Letters that no accent makes, as they are commonly written without them.
fn latin(letter: char) -> Cow<'static, str> {
    match letter {
        'ß' => "ss".into(),
        'æ' | 'Æ' => "ae".into(),
        'œ' | 'Œ' => "oe".into(),
        'ø' | 'Ø' => "o".into(),
        'ł' | 'Ł' => "l".into(),
        'đ' | 'Đ' => "d".into(),
        '’' | '\'' => "".into(),
        other => other.to_string().into(),
    }
}

/// True for what may stand in a page's address.
pub fn is_slug(text: &str) -> bool {
    (2..=SLUG_MAX).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && !RESERVED.contains(&text)
}

#[cfg(test)]
mod tests {
    use daymark_core::contract::paths;

    use super::*;

    struct Same(u8);

    impl Entropy for Same {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    #[test]
    fn a_code_is_four_groups_of_four() {
        assert_eq!(fresh_code(&Same(31)), "ZZZZ-ZZZZ-ZZZZ-ZZZZ");
        assert_eq!(fresh_code(&Same(32)), "0000-0000-0000-0000");
    }

    #[test]
    fn a_code_may_be_typed_as_it_is_heard() {
        assert_eq!(hash("A0B1-CDEF-GHJK-MNPQ"), hash("aobl cdef ghjk mnpq"));
        assert_ne!(hash("A0B1-CDEF-GHJK-MNPQ"), hash("A0B2-CDEF-GHJK-MNPQ"));
    }

    #[test]
    fn an_address_is_made_from_the_name() {
        assert_eq!(slug_of("Maya Okafor"), "maya-okafor");
        assert_eq!(slug_of(" Dr. J. O’Neil "), "dr-j-oneil");
        assert_eq!(slug_of("Léa Łuczak-Søholm"), "lea-luczak-soholm");
        assert_eq!(slug_of(&"Anna-Maria ".repeat(9)), "anna-maria-anna-maria-anna-maria-anna-ma");
        assert!(is_slug("maya-okafor"));
    }

    #[test]
    fn a_name_that_gives_no_address_gets_one_by_lot() {
        for name in ["李雷", "Мария", "محمد", "X", "Assets", "api", "…"] {
            let slug = suggested(name, &Same(31));
            assert_eq!(slug, "page-zzzzzz", "{name}");
            assert!(is_slug(&slug));
        }
        assert_eq!(suggested("Maya Okafor", &Same(31)), "maya-okafor");
    }

    #[tokio::test]
    async fn what_keeps_a_code_from_being_made_is_told_with_what_helps() {
        let folder = tempfile::tempdir().unwrap();
        let store =
            crate::store::sqlite::SqliteStore::open(&folder.path().join("db"), &Same(3)).await.unwrap();
        for (name, slug, again, said) in [
            ("Maya", Some("assets"), false, "the relay itself answers"),
            ("Maya", Some("Maya!"), false, "small letters"),
            ("李明", None, true, "Say with --slug"),
            ("Maya", None, true, "nobody has the page \"maya\""),
        ] {
            let invitation = Invitation { name: name.into(), slug: slug.map(str::to_owned), again };
            let refused = issue(&store, invitation, &Same(3), Instant::UNIX_EPOCH).await.unwrap_err();
            assert!(refused.to_string().contains(said), "{refused}");
        }
    }

    /// Whatever a router of the relay answers by its own name.
    #[test]
    fn no_path_of_the_relays_own_can_be_an_address() {
        let sources = [include_str!("pages/mod.rs"), include_str!("server.rs")];
        let routes = sources.into_iter().flat_map(|source| source.split(".route(\"/").skip(1));
        let own = routes.chain([paths::ENROL, paths::PAGE, paths::INBOX].map(|path| &path[1..]));
        let first = own.map(|path| path.split(['/', '"']).next().unwrap());
        let literal: Vec<_> = first.filter(|part| !part.is_empty() && !part.starts_with('{')).collect();
        assert!(literal.len() > 6, "{literal:?}");
        for part in literal {
            assert!(!is_slug(part), "{part}");
        }
    }

    #[test]
    fn the_relays_own_paths_are_nobodys_address() {
        for slug in ["m", "api", "assets", "healthz", "-a", "a-", "Maya", "a b", "é", "x"] {
            assert!(!is_slug(slug), "{slug}");
        }
    }
}
