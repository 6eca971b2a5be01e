//! What each provider can and cannot do, as plain values that its client and the engine go by.

/// A provider's habits and limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// As it is called in front of people.
    pub name: &'static str,
    /// Calls under way at a time for one account; more are refused.
    pub at_once: usize,
    /// Entries to ask for in one page.
    pub page_size: usize,
    pub lists: Lists,
    /// It tells the busy times of a calendar of which nothing else is shared.
    pub tells_busy: bool,
    /// The longest interval of a series ("every 999 weeks"), where there is a limit.
    pub longest_interval: Option<u32>,
}

/// What a pull covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lists {
    Everything,
    /// Only what touches a window that the caller names.
    Window,
}

pub const GOOGLE: Capabilities = Capabilities {
    name: "Google Calendar",
    at_once: 8,
    page_size: 2500,
    lists: Lists::Everything,
    tells_busy: true,
    longest_interval: None,
};

pub const MICROSOFT: Capabilities = Capabilities {
    name: "Microsoft Outlook",
    at_once: 4,
    page_size: 500,
    lists: Lists::Window,
    tells_busy: false,
    longest_interval: Some(999),
};

pub const FEED: Capabilities = Capabilities {
    name: "The subscribed calendar",
    at_once: 1,
    page_size: usize::MAX,
    lists: Lists::Everything,
    tells_busy: false,
    longest_interval: None,
};

/// Any server that speaks CalDAV; what one lacks is found out at that server.
pub const CALDAV: Capabilities = Capabilities {
    name: "the CalDAV server",
    at_once: 4,
    page_size: 100,
    lists: Lists::Everything,
    tells_busy: false,
    longest_interval: None,
};
