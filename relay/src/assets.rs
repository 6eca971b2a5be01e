//! The few files that pages load: one stylesheet in the organisation's colour, two optional scripts, the logo.

use axum::http::HeaderValue;
use bytes::Bytes;
use data_encoding::HEXLOWER;
use sha2::{Digest as _, Sha256};

use crate::accent::{Accent, Colour};
use crate::config::Organisation;

const STYLE: &str = include_str!("../assets/style.css");
const ZONE_SCRIPT: &str = include_str!("../assets/zone.js");
const FORM_SCRIPT: &str = include_str!("../assets/form.js");
const ICON: &str = include_str!("../assets/icon.svg");

/// A file under an address that changes with its content, so that browsers may keep it for ever.
#[derive(Clone, Debug)]
pub struct Asset {
    pub path: String,
    pub kind: HeaderValue,
    pub content: Bytes,
}

#[derive(Clone, Debug)]
pub struct Assets {
    pub style: Asset,
    pub zone_script: Asset,
    pub form_script: Asset,
    pub icon: Asset,
    pub logo: Option<Asset>,
}

impl Assets {
    pub fn new(organisation: &Organisation) -> std::io::Result<Assets> {
        let style = format!("{}\n{STYLE}", colours(organisation.accent));
        let icon = ICON.replace("ACCENT", &Accent::light(organisation.accent).strong.hex());
        let logo = organisation.logo.as_deref().map(|path| {
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_owned();
            std::fs::read(path).map(|content| asset(&ending, picture_kind(&ending), content))
        });
        Ok(Assets {
            style: asset("css", "text/css; charset=utf-8", style.into_bytes()),
            zone_script: script(ZONE_SCRIPT),
            form_script: script(FORM_SCRIPT),
            icon: asset("svg", "image/svg+xml", icon.into_bytes()),
            logo: logo.transpose()?,
        })
    }

    pub fn find(&self, path: &str) -> Option<&Asset> {
        [
            Some(&self.style),
            Some(&self.zone_script),
            Some(&self.form_script),
            Some(&self.icon),
            self.logo.as_ref(),
        ]
        .into_iter()
        .flatten()
        .find(|asset| asset.path == path)
    }
}

fn script(content: &'static str) -> Asset {
    asset("js", "text/javascript; charset=utf-8", content.into())
}

fn asset(ending: &str, kind: &'static str, content: Vec<u8>) -> Asset {
    let digest: String = HEXLOWER.encode(&Sha256::digest(&content)).chars().take(16).collect();
    Asset {
        path: format!("/assets/{digest}.{ending}"),
        kind: HeaderValue::from_static(kind),
        content: content.into(),
    }
}

fn picture_kind(ending: &str) -> &'static str {
    match ending {
        "svg" => "image/svg+xml",
        "jpg" => "image/jpeg",
        "webp" => "image/webp",
        _ => "image/png",
    }
}

/// The accent as the stylesheet's variables; a `style` attribute would need a weaker policy.
fn colours(accent: Colour) -> String {
    let rule = |accent: Accent| {
        format!(
            ":root{{--accent:{};--on-accent:{};--accent-soft:{}}}",
            accent.strong.hex(),
            accent.on_strong.hex(),
            accent.soft.hex()
        )
    };
    format!(
        "{}\n@media (prefers-color-scheme:dark){{{}}}",
        rule(Accent::light(accent)),
        rule(Accent::dark(accent))
    )
}
