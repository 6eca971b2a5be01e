//! The shell: composition root of the desktop app, from settings to window and engine, and back down.

mod arguments;
mod bridge;
mod files;
mod opening;
mod platform;
mod startup;

use std::process::ExitCode;

use clap::Parser as _;
use tauri::{Manager as _, RunEvent, WindowEvent};

use arguments::Arguments;
use opening::Opening;
use platform::window::{self, Shown};
use startup::Failure;

/// Runs the app until the person quits it.
pub fn run() -> ExitCode {
    let arguments = Arguments::parse();
    startup::log();
    match serve(&arguments) {
        Ok(code) => code,
        Err(error) => {
            startup::report(&error);
            ExitCode::FAILURE
        }
    }
}

fn serve(arguments: &Arguments) -> anyhow::Result<ExitCode> {
    platform::check_display()?;
    let launch = startup::launch(arguments)?;
    let shown = Shown { hidden: arguments.hidden, data: launch.data.clone() };
    let single = tauri_plugin_single_instance::Builder::new()
        .callback(|app, _arguments, _folder| window::show(app))
        .dbus_id(startup::instance_name(arguments, &launch))
        .build();
    let failure = Failure::default();
    let failed = failure.clone();
    let app = tauri::Builder::default()
        .plugin(single)
        .manage(Opening::default())
        .manage(shown)
        .invoke_handler(tauri::generate_handler![bridge::rpc, files::save_file])
        .setup(move |app| {
            let handle = app.handle().clone();
            startup::quit_on_signal(handle.clone());
            tauri::async_runtime::spawn(startup::begin(handle.clone(), launch, failed));
            window::start(&handle);
            Ok(())
        })
        .on_window_event(|window, event| {
            if let WindowEvent::CloseRequested { api, .. } = event {
                window::close_requested(window, api);
            }
        })
        .build(tauri::generate_context!())?;
    let code = app.run_return(|app, event| {
        // The last moment before the process ends: loops stop, and the mirror is closed.
        if let RunEvent::Exit = event {
            app.state::<Opening>().stop();
            platform::end(app);
        }
    });
    match failure.take() {
        Some(error) => Err(error),
        None => Ok(ExitCode::from(u8::try_from(code).unwrap_or(1))),
    }
}
