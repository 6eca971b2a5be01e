//! The organisation's colour, bent as little as needed until text on it and beside it can be read.

/// An sRGB colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Colour {
    red: u8,
    green: u8,
    blue: u8,
}

/// The accent as one theme uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Accent {
    /// For links, borders and filled buttons.
    pub strong: Colour,
    /// For text on a filled button.
    pub on_strong: Colour,
    /// For the ground of what can be chosen.
    pub soft: Colour,
}

const WHITE: Colour = Colour { red: 255, green: 255, blue: 255 };
const BLACK: Colour = Colour { red: 0, green: 0, blue: 0 };
const LIGHT_PAPER: Colour = Colour { red: 0xfb, green: 0xfa, blue: 0xf8 };
const DARK_PAPER: Colour = Colour { red: 0x1b, green: 0x1a, blue: 0x18 };
const DARK_INK: Colour = Colour { red: 0x10, green: 0x20, blue: 0x1b };
/// WCAG 2.2, 1.4.3 asks for 4.5; the rest covers the soft ground that links also stand on.
const ENOUGH: f64 = 5.2;
const STEPS: u8 = 40;

impl Colour {
    /// Reads `#rrggbb`.
    pub fn parse(text: &str) -> Option<Colour> {
        let digits = text.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
        let part = |from: usize| u8::from_str_radix(digits.get(from..from + 2)?, 16).ok();
        Some(Colour { red: part(0)?, green: part(2)?, blue: part(4)? })
    }

    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.red, self.green, self.blue)
    }

    /// This colour with `share` (0 to 1) of another.
    fn mixed(self, other: Colour, share: f64) -> Colour {
        let mix = |a: u8, b: u8| (f64::from(a) + (f64::from(b) - f64::from(a)) * share).round() as u8;
        Colour {
            red: mix(self.red, other.red),
            green: mix(self.green, other.green),
            blue: mix(self.blue, other.blue),
        }
    }

    /// The same hue with up to `factor` times the light.
    fn brighter(self, factor: f64) -> Colour {
        let brightest = f64::from(self.red.max(self.green).max(self.blue)).max(1.0);
        let factor = factor.min(255.0 / brightest);
        let lift = |value: u8| (f64::from(value) * factor).round() as u8;
        Colour { red: lift(self.red), green: lift(self.green), blue: lift(self.blue) }
    }

    /// Relative luminance (WCAG 2.2, definitions).
    fn luminance(self) -> f64 {
        let channel = |value: u8| {
            let value = f64::from(value) / 255.0;
            if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(self.red) + 0.7152 * channel(self.green) + 0.0722 * channel(self.blue)
    }
}

/// The contrast ratio of two colours, 1 to 21.
pub fn contrast(a: Colour, b: Colour) -> f64 {
    let (a, b) = (a.luminance() + 0.05, b.luminance() + 0.05);
    if a > b { a / b } else { b / a }
}

impl Accent {
    pub fn light(chosen: Colour) -> Accent {
        let strong = readable_on(chosen, LIGHT_PAPER, BLACK);
        Accent { strong, on_strong: WHITE, soft: strong.mixed(WHITE, 0.84) }
    }

    pub fn dark(chosen: Colour) -> Accent {
        let strong = readable_on(chosen.brighter(1.45).mixed(WHITE, 0.25), DARK_PAPER, WHITE);
        Accent { strong, on_strong: DARK_INK, soft: strong.mixed(DARK_PAPER, 0.84) }
    }
}

/// Moves the colour towards `pole` until it stands out from `ground`.
fn readable_on(colour: Colour, ground: Colour, pole: Colour) -> Colour {
    (0..=STEPS)
        .map(|step| colour.mixed(pole, f64::from(step) / f64::from(STEPS)))
        .find(|candidate| contrast(*candidate, ground) >= ENOUGH)
        .unwrap_or(pole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_colour_that_can_be_read_is_left_alone() {
        let chosen = Colour::parse("#1f6f5c").unwrap();
        assert_eq!(Accent::light(chosen).strong, chosen);
    }

    #[test]
    fn what_is_no_colour_is_refused() {
        for text in ["", "1f6f5c", "#1f6f5", "#1f6f5cc", "#gggggg", "#ééé"] {
            assert!(Colour::parse(text).is_none(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_accent_can_be_read_in_both_themes(red: u8, green: u8, blue: u8) {
            let chosen = Colour { red, green, blue };
            for (accent, paper) in [(Accent::light(chosen), LIGHT_PAPER), (Accent::dark(chosen), DARK_PAPER)] {
                prop_assert!(contrast(accent.strong, paper) >= 4.5);
                prop_assert!(contrast(accent.strong, accent.on_strong) >= 4.5);
                prop_assert!(contrast(accent.strong, accent.soft) >= 3.0);
            }
        }
    }
}
