//! A link as a QR code, drawn as SVG without colours of its own: the UI's style sheet paints it.

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

const SIZE: u32 = 180;

/// `None` for a link too long to be drawn.
pub fn svg(link: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(link.as_bytes(), EcLevel::M).ok()?;
    let drawn = code
        .render::<svg::Color<'_>>()
        .min_dimensions(SIZE, SIZE)
        .dark_color(svg::Color("currentColor"))
        .light_color(svg::Color("none"))
        .build();
    Some(drawn)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_link_becomes_an_svg_that_takes_the_pages_colour() {
        let drawn = super::svg("https://book.example.org/maya").unwrap();
        assert!(drawn.contains("<svg") && drawn.contains("currentColor"));
    }
}
