//! The ways in which CalDAV servers differ, each of which a test can switch on.

/// Off everywhere is a server that follows the standards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Quirks {
    /// `sync-collection` is not known; only tags and etags tell changes.
    pub no_sync: bool,
    /// Not even the collection has a tag.
    pub no_ctag: bool,
    /// A sync token that is not known breaks the server.
    pub unknown_token_is_500: bool,
    /// `@` in addresses comes back as `%40`.
    pub encodes_at: bool,
    /// What is put is kept in another form, and no etag answers for it.
    pub rewrites: bool,
    /// iCloud: `If-Match: *` means the opposite, an event needs `DTEND`, a UID lives in one calendar only.
    pub icloud: bool,
    /// Zimbra: `If-None-Match: *` overwrites, and a cancelled exception becomes an `EXDATE`.
    pub zimbra: bool,
    /// Nextcloud: a deleted event's UID stays taken while it lies in the bin.
    pub bin: bool,
    /// Every list is cut after so many entries, and says so.
    pub cuts_lists_at: Option<usize>,
    /// Where `/.well-known/caldav` leads instead of here.
    pub well_known: Option<String>,
    /// The server that the calendars are said to be at.
    pub home_server: Option<String>,
    /// Answers 507 to every write.
    pub full: bool,
}
