//! Signing in as an installed app (RFC 8252 with PKCE), and staying signed in.

mod answer;
mod landing;
mod loopback;
mod refusal;
mod server;
mod sign_in;
mod signed_in;
mod tokens;

pub use loopback::Tab;
pub use server::AuthServer;
pub use sign_in::{Answer, SignIn};
pub use signed_in::SignedIn;
pub use tokens::{Access, Grant, GrantStatus, StoreError, TokenStore, Tokens};
