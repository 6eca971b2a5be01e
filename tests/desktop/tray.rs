//! The panel's side of the tray: takes icons in, reads their menus and clicks on them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use zbus::zvariant::{OwnedObjectPath, OwnedValue, Structure, Value};
use zbus::{Connection, Proxy, connection, interface};

use crate::wait::{until, until_found};

const MENU: &str = "com.canonical.dbusmenu";
const ITEM: &str = "org.kde.StatusNotifierItem";

type Registered = Arc<Mutex<Vec<(String, String)>>>;

/// A panel that shows icons, by the StatusNotifierItem specification.
pub struct Panel {
    connection: Connection,
    registered: Registered,
}

struct Watcher {
    registered: Registered,
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    fn register_status_notifier_item(
        &self,
        service: &str,
        #[zbus(header)] header: zbus::message::Header<'_>,
    ) {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        // Either a path of the sender's, or a name whose item has the usual path.
        let item = match service.starts_with('/') {
            true => (sender, service.to_owned()),
            false => (service.to_owned(), "/StatusNotifierItem".to_owned()),
        };
        self.registered.lock().unwrap().push(item);
    }

    fn register_status_notifier_host(&self, _service: &str) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        self.registered.lock().unwrap().iter().map(|(name, path)| format!("{name}{path}")).collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }
}

/// One entry of the tray's menu.
#[derive(Clone, Debug)]
pub struct Entry {
    pub id: i32,
    pub label: String,
    pub ticked: bool,
}

impl Panel {
    pub async fn start(bus: &str) -> anyhow::Result<Panel> {
        let registered = Registered::default();
        let watcher = Watcher { registered: Arc::clone(&registered) };
        let connection = connection::Builder::address(bus)?
            .serve_at("/StatusNotifierWatcher", watcher)?
            .name("org.kde.StatusNotifierWatcher")?
            .build()
            .await?;
        Ok(Panel { connection, registered })
    }

    /// The icon that came last: a restarted app registers again.
    async fn icon(&self) -> (String, String) {
        until_found("the tray's icon", || self.registered.lock().unwrap().last().cloned()).await
    }

    pub fn has_icon(&self) -> bool {
        !self.registered.lock().unwrap().is_empty()
    }

    /// Forgets the icons so far, before the app starts anew.
    pub fn forget(&self) {
        self.registered.lock().unwrap().clear();
    }

    /// The picture that is shown now.
    pub async fn picture(&self) -> anyhow::Result<Vec<u8>> {
        let (name, path) = self.icon().await;
        let item = Proxy::new(&self.connection, name, path, ITEM).await?;
        let file: String = item.get_property("IconName").await?;
        Ok(std::fs::read(&file).or_else(|_| std::fs::read(format!("{file}.png")))?)
    }

    pub async fn menu(&self) -> anyhow::Result<Vec<Entry>> {
        type Layout = (u32, (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>));
        let menu = self.menu_proxy().await?;
        let none: Vec<&str> = Vec::new();
        let (_, (_, _, children)): Layout = menu.call("GetLayout", &(0, -1, none)).await?;
        children.iter().map(entry).collect()
    }

    /// Clicks on an entry by its label.
    pub async fn choose(&self, label: &str) -> anyhow::Result<()> {
        let entry =
            until(label, || async { Ok(self.menu().await?.into_iter().find(|entry| entry.label == label)) })
                .await;
        let menu = self.menu_proxy().await?;
        let () = menu.call("Event", &(entry.id, "clicked", Value::from(0i32), 0u32)).await?;
        Ok(())
    }

    async fn menu_proxy(&self) -> anyhow::Result<Proxy<'static>> {
        let (name, path) = self.icon().await;
        let item = Proxy::new(&self.connection, name.clone(), path, ITEM).await?;
        let menu: OwnedObjectPath = item.get_property("Menu").await?;
        Ok(Proxy::new(&self.connection, name, menu, MENU).await?)
    }
}

/// An entry is a structure of id, properties and children.
fn entry(value: &OwnedValue) -> anyhow::Result<Entry> {
    let structure: &Structure<'_> = value.downcast_ref()?;
    let [Value::I32(id), properties, ..] = structure.fields() else { anyhow::bail!("a menu with {value:?}") };
    let properties: HashMap<String, OwnedValue> = properties.try_clone()?.try_into()?;
    let label =
        properties.get("label").and_then(|label| label.downcast_ref::<&str>().ok()).unwrap_or_default();
    let ticked = properties.get("toggle-state").and_then(|state| state.downcast_ref::<i32>().ok()) == Some(1);
    // An underscore stands before the letter for the keyboard, two for one that is meant.
    Ok(Entry { id: *id, label: label.replace("__", "\0").replace('_', "").replace('\0', "_"), ticked })
}
