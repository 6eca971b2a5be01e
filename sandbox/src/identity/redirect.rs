//! Which redirect addresses an installed app may use: plain http to this machine, on any port.

use url::{Host, Url};

pub fn is_loopback(redirect_uri: &str) -> bool {
    let Ok(url) = Url::parse(redirect_uri) else { return false };
    let here = match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        _ => false,
    };
    here && url.scheme() == "http" && url.fragment().is_none() && url.username().is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_port_of_this_machine_is_fine_and_nothing_else() {
        for fine in ["http://127.0.0.1:49152/", "http://127.0.0.1", "http://localhost:1/callback"] {
            assert!(is_loopback(fine), "{fine}");
        }
        for bad in [
            "https://example.org/",
            "http://127.0.0.1.example.org/",
            "urn:ietf:wg:oauth:2.0:oob",
            "http://[::1]:80/",
        ] {
            assert!(!is_loopback(bad), "{bad}");
        }
    }
}
