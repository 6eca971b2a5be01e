//! Randomness as an argument: whoever needs it is handed an [`Entropy`].

/// A source of random bytes. Programs pass the system's, tests a seeded one.
pub trait Entropy: Send + Sync {
    fn fill(&self, bytes: &mut [u8]);
}

/// `N` fresh random bytes.
pub fn bytes<const N: usize>(source: &dyn Entropy) -> [u8; N] {
    let mut out = [0_u8; N];
    source.fill(&mut out);
    out
}

/// The same source in the form that the RustCrypto crates ask for.
pub struct CryptoSource<'a>(pub &'a dyn Entropy);

impl rand_core::RngCore for CryptoSource<'_> {
    fn next_u32(&mut self) -> u32 {
        u32::from_le_bytes(bytes(self.0))
    }

    fn next_u64(&mut self) -> u64 {
        u64::from_le_bytes(bytes(self.0))
    }

    fn fill_bytes(&mut self, out: &mut [u8]) {
        self.0.fill(out);
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), rand_core::Error> {
        self.0.fill(out);
        Ok(())
    }
}

impl rand_core::CryptoRng for CryptoSource<'_> {}
