//! Whether there is a display to open a window on.

/// The window's library aborts the process when it finds no display, so it is asked before anything else.
pub fn check_display() -> anyhow::Result<()> {
    #[cfg(target_os = "linux")]
    anyhow::ensure!(gtk::init().is_ok(), why_not(|name| std::env::var(name).ok()));
    Ok(())
}

/// Says which display was meant, as seen from the environment.
#[cfg(target_os = "linux")]
fn why_not(named: impl Fn(&str) -> Option<String>) -> String {
    let meant =
        ["WAYLAND_DISPLAY", "DISPLAY"].map(|name| (name, named(name).filter(|value| !value.is_empty())));
    let what = match meant.into_iter().find_map(|(name, value)| Some((name, value?))) {
        Some((name, value)) => format!("the display that {name} names ({value}) cannot be opened"),
        None => "there is no display (DISPLAY and WAYLAND_DISPLAY are not set)".into(),
    };
    format!("{what}: start Daymark in a desktop session, or use daymarkctl in a terminal")
}
