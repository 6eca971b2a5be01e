//! A failed call in a form that the UI can put into the user's language, with the remedy.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// What went wrong. `code` selects the words; `message` is English, for logs and terminals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    pub code: ProblemCode,
    pub message: String,
    /// Values that the translated sentence mentions.
    pub params: BTreeMap<String, String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
pub enum ProblemCode {
    /// The payload does not fit the call.
    BadRequest,
    /// The event or calendar is gone.
    NotFound,
    /// The calendar cannot be written.
    ReadOnly,
    /// The event ends before it starts.
    EndsBeforeStart,
    /// The event lies in a year that calendars do not write.
    NoSuchYear,
    /// params: `limit`, for each of the three
    TitleTooLong,
    LocationTooLong,
    DescriptionTooLong,
    /// The series cannot be changed so: its rule cannot be cut or moved, or guests would be lost.
    SeriesFixed,
    /// Guests would hear of it, or would not: the person is asked first. params: `guests` (how many), `provider`
    AskAboutGuests,
    /// The conflict is not the one that was shown: the other side has changed again.
    ConflictMoved,
    /// Nothing to undo, or a later change stands on it.
    CannotUndo,
    /// What was confirmed is no longer what would be done; look again.
    ChangedSince,
    /// No client id is set for this provider. params: `service`, `section`
    NoClientId,
    /// The provider does not accept the client id or its secret. params: `service`, `section`, `client`
    ClientRefused,
    /// The provider's API is not enabled in the project of the client id. params: `service`
    ApiOff,
    /// Another account signed in than the one that was to. params: `wanted`, `got`
    SignInMismatch,
    /// The person said no.
    SignInDenied,
    /// Only an administrator of the organisation can allow it. params: `provider`, `client`
    SignInByPolicy,
    /// The provider's page was opened inside another app. params: `provider`
    SignInEmbedded,
    /// What came back from the browser belonged to another sign-in.
    SignInStrange,
    /// The provider did not take back the code that it gave. params: `provider`
    SignInCodeRefused,
    /// params: `provider`, `said`
    SignInRefused,
    /// The answer with the tokens makes no sense. params: `provider`
    SignInMalformed,
    SignInTimedOut,
    /// The provider gave no lasting permission (refresh token).
    NoRefreshToken,
    /// Fewer permissions than Daymark needs.
    MissingScope,
    /// What was typed is neither a mail address nor a server's.
    BadAddress,
    /// The server does not accept name and password.
    WrongPassword,
    /// The server would be spoken to in plain http. params: `server`
    PlainHttp,
    /// The calendars are at another server than the one that was named. params: `server`
    OtherServer,
    /// Nobody speaks CalDAV there. params: `server`
    NotCaldav,
    /// The server that was named does not answer. params: `server`
    ServerUnreachable,
    /// The server that was named cannot prove that it is the one. params: `server`
    ServerUnsafe,
    /// The account has no calendar.
    NoCalendars,
    /// The system's keyring cannot be used.
    NoKeyring,
    /// The file that keeps sign-ins waits for its passphrase.
    SecretsLocked,
    /// The passphrase does not open the file, or the file is damaged.
    WrongPassphrase,
    /// params: `limit`
    PassphraseTooShort,
    /// The file that keeps sign-ins cannot be read or written. params: `reason`
    SecretsFile,
    /// The relay or provider cannot be reached.
    Offline,
    /// The provider's address answered with a redirect, which is not followed: often the network's own page.
    SentElsewhere,
    /// The relay refused the enrolment code.
    BadEnrolCode,
    /// The relay's address is not encrypted, and not on this machine; nothing was sent. params: `server`
    RelayNotSecure,
    RelayRefused,
    ProviderRefused,
    /// The provider has a fault of its own, or asks for a rest. params: `provider`
    ProviderFailing,
    /// The calendar has not been read to its end so far.
    NotReadYet,
    /// A file could not be written. params: `reason`
    FileNotSaved,
    /// The text is no iCalendar file. params: `reason`
    NotACalendar,
    /// The address cannot be subscribed to. params: `reason`
    BadFeedAddress,
    /// Hours overlap, a zone is unknown, a number is out of range.
    BadSettings,
    /// Free space is needed; nothing was half kept.
    DiskFull,
    /// Another program holds the database.
    DatabaseLocked,
    DatabaseDamaged,
    /// params: `reason`
    Database,
    Internal,
}

impl Problem {
    pub fn new(code: ProblemCode, message: impl Into<String>) -> Self {
        Problem { code, message: message.into(), params: BTreeMap::new() }
    }

    pub fn with(mut self, name: &str, value: impl Into<String>) -> Self {
        self.params.insert(name.into(), value.into());
        self
    }
}
