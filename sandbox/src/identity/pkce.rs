//! PKCE with S256 (RFC 7636): the verifier must hash to the challenge.

use sha2::{Digest, Sha256};

pub fn verifier_fits(challenge: &str, verifier: &str) -> bool {
    let long_enough = (43..=128).contains(&verifier.len());
    let hash = data_encoding::BASE64URL_NOPAD.encode(&Sha256::digest(verifier.as_bytes()));
    long_enough && hash == challenge
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_7636_fits() {
        let verifier = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
        assert!(verifier_fits("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", verifier));
        assert!(!verifier_fits("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", &verifier.replace('d', "e")));
    }
}
