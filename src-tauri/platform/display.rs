//! Whether there is a display to open a window on.

/// GTK aborts the process when it finds no display, so it is asked for before.
pub fn check_display() -> anyhow::Result<()> {
    let present = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let found = !cfg!(target_os = "linux") || present("DISPLAY") || present("WAYLAND_DISPLAY");
    anyhow::ensure!(
        found,
        "there is no display (DISPLAY and WAYLAND_DISPLAY are not set): start Daymark in a desktop session, \
         or use daymarkctl in a terminal"
    );
    Ok(())
}
