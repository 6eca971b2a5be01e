//! Writes the contract as TypeScript: every type that the calls mention, and the map of calls.

use std::collections::BTreeMap;

use daymark_core::cities::{CALLED, UTC};
use ts_rs::{Config, TS, TypeVisitor};

use super::schedule::{LONGEST, Longest};
use super::secrets::SHORTEST;
use super::{Notice, calls};

/// The whole text of `ui/src/host/contract.ts`.
pub fn contract() -> String {
    let config = Config::new();
    let mut types = Declarations { config: &config, found: BTreeMap::new() };
    types.visit::<Notice>();
    types.visit::<super::Problem>();
    calls::visit_types(&mut types);
    let mut out =
        String::from("// The contract with the engine, written from its Rust types; not edited by hand.\n\n");
    for declaration in types.found.values() {
        out.push_str(&format!("export {declaration}\n\n"));
    }
    out.push_str(&calls::typescript_map(&config));
    out.push_str(&limits());
    out.push_str(&cities());
    out
}

/// What is known before a call is made has one home, too.
fn limits() -> String {
    let Longest { title, location, description } = LONGEST;
    let fields = format!("title: {title}, location: {location}, description: {description}");
    format!(
        "\n/** How many characters the engine takes of each text of an event. */\nexport const LONGEST = {{ {fields} }};\n\n/** How many characters a passphrase has at least. */\nexport const SHORTEST_PASSPHRASE = {SHORTEST};\n"
    )
}

/// Browsers, too, report zones by names that their places no longer have.
fn cities() -> String {
    let called = CALLED.iter().map(|(zone, city)| format!("  \"{zone}\": \"{city}\",\n")).collect::<String>();
    let utc = UTC.map(|name| format!("\"{name}\"")).join(", ");
    format!(
        "\n/** What places of zones are called that have another name today. */\nexport const CALLED: Readonly<Record<string, string>> = {{\n{called}}};\n\n/** Names of UTC itself. */\nexport const UTC: readonly string[] = [{utc}];\n"
    )
}

struct Declarations<'a> {
    config: &'a Config,
    found: BTreeMap<String, String>,
}

impl TypeVisitor for Declarations<'_> {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        // Only types of our own have a file to be exported to; the rest are TypeScript's.
        if T::output_path().is_some() {
            let name = T::name(self.config);
            if self.found.contains_key(&name) {
                return;
            }
            self.found.insert(name, T::decl(self.config));
        }
        T::visit_dependencies(self);
        T::visit_generics(self);
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    /// `DAYMARK_WRITE_CONTRACT=1 cargo test -p daymark-engine` renews the file.
    #[test]
    fn the_uis_contract_is_the_engines() {
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/host/contract.ts");
        let wanted = super::contract();
        if std::env::var_os("DAYMARK_WRITE_CONTRACT").is_some() {
            std::fs::write(&file, &wanted).unwrap();
        }
        let found = std::fs::read_to_string(&file).unwrap();
        assert!(found == wanted, "{} is not current: set DAYMARK_WRITE_CONTRACT=1", file.display());
    }
}
