//! A visitor of the public page, over real HTTP and without scripts.

use anyhow::Context as _;
use chrono::{DateTime, Utc};
use url::Url;

/// What a visitor types.
#[derive(Clone, Debug)]
pub struct Form {
    pub name: String,
    pub email: String,
    pub phone: String,
    pub address: String,
    pub note: String,
}

impl Default for Form {
    fn default() -> Self {
        Form {
            name: "P. Singh".into(),
            email: "p.singh@visitor.example".into(),
            phone: "416 555 0134".into(),
            address: "410 Bathurst St, Toronto".into(),
            note: String::new(),
        }
    }
}

pub struct Visitor {
    http: reqwest::Client,
    page: Url,
}

/// The form of one offered time, as the page gave it out: its hidden fields name the booking.
#[derive(Clone, Debug)]
pub struct Opened {
    action: Url,
    hidden: Vec<(String, String)>,
}

/// What the relay said to a booking.
#[derive(Clone, Debug)]
pub struct Answered {
    pub status: u16,
    /// The manage link, when the booking was taken.
    pub manage: Option<Url>,
    pub text: String,
}

/// Follows a link once, as a browser coming back from a consent page does.
pub async fn visit(address: &str) -> anyhow::Result<String> {
    Ok(client()?.get(address).send().await?.text().await?)
}

fn client() -> anyhow::Result<reqwest::Client> {
    Ok(daymark_remotes::http::client()?)
}

impl Visitor {
    pub fn new(relay: &Url, slug: &str) -> anyhow::Result<Self> {
        Ok(Visitor { http: client()?, page: relay.join(slug)? })
    }

    /// The text of the page for a day, or for the first one with a free time.
    pub async fn page(&self, day: Option<&str>) -> anyhow::Result<String> {
        let mut url = self.page.clone();
        if let Some(day) = day {
            url.query_pairs_mut().append_pair("day", day);
        }
        Ok(self.http.get(url).send().await?.error_for_status()?.text().await?)
    }

    /// The starts that the page offers on that day.
    pub async fn offered(&self, day: Option<&str>) -> anyhow::Result<Vec<DateTime<Utc>>> {
        let text = self.page(day).await?;
        links(&text).iter().filter(|link| link.contains("/book?")).map(|link| start_of(link)).collect()
    }

    /// Opens the form of an offered time.
    pub async fn open(&self, day: Option<&str>, start: DateTime<Utc>) -> anyhow::Result<Opened> {
        let text = self.page(day).await?;
        let link = links(&text)
            .into_iter()
            .filter(|link| link.contains("/book?"))
            .find(|link| start_of(link).is_ok_and(|found| found == start))
            .with_context(|| format!("{start} is not offered"))?;
        let form = self.http.get(self.page.join(&link)?).send().await?.error_for_status()?.text().await?;
        let action = attribute(&form, "<form", "action").context("the form has no action")?;
        Ok(Opened { action: self.page.join(&action)?, hidden: hidden_fields(&form) })
    }

    /// Sends the form. The same opened form may be sent twice, as an impatient finger does.
    pub async fn send(&self, opened: &Opened, form: &Form) -> anyhow::Result<Answered> {
        let mut fields = opened.hidden.clone();
        for (name, value) in [
            ("name", &form.name),
            ("email", &form.email),
            ("phone", &form.phone),
            ("address", &form.address),
            ("note", &form.note),
        ] {
            fields.push((name.into(), value.clone()));
        }
        let answer = self.http.post(opened.action.clone()).form(&fields).send().await?;
        let status = answer.status().as_u16();
        let location = answer.headers().get("location").and_then(|value| value.to_str().ok());
        let manage = location.map(|link| self.page.join(link)).transpose()?;
        Ok(Answered { status, manage, text: answer.text().await? })
    }

    /// Books the first time offered on a day, or anywhere.
    pub async fn book(&self, day: Option<&str>) -> anyhow::Result<(DateTime<Utc>, Answered)> {
        let start = *self.offered(day).await?.first().context("nothing is offered")?;
        let opened = self.open(day, start).await?;
        Ok((start, self.send(&opened, &Form::default()).await?))
    }

    pub async fn manage(&self, link: &Url) -> anyhow::Result<String> {
        Ok(self.http.get(link.clone()).send().await?.error_for_status()?.text().await?)
    }

    /// Cancels by the manage link, through the page that asks whether one is sure.
    pub async fn cancel(&self, manage: &Url) -> anyhow::Result<u16> {
        let text = self.manage(manage).await?;
        let link = links(&text)
            .into_iter()
            .find(|link| link.contains("cancel"))
            .context("nothing to cancel with")?;
        let asked = self.http.get(manage.join(&link)?).send().await?.error_for_status()?.text().await?;
        let action = attribute(&asked, "<form", "action").context("the page has no form")?;
        let sent = self.http.post(manage.join(&action)?).form(&hidden_fields(&asked)).send().await?;
        Ok(sent.status().as_u16())
    }
}

fn start_of(link: &str) -> anyhow::Result<DateTime<Utc>> {
    let url = Url::parse("http://relay.example/")?.join(link)?;
    let (_, start) = url.query_pairs().find(|(name, _)| name == "start").context("a link without a start")?;
    // The page's links leave the seconds out: every offered start is a whole minute.
    let full = start.replace('Z', ":00Z");
    Ok(DateTime::parse_from_rfc3339(&full).with_context(|| format!("“{start}” is no instant"))?.to_utc())
}

/// Every link of a page, with its entities read.
fn links(text: &str) -> Vec<String> {
    text.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next()).map(unescape).collect()
}

fn hidden_fields(text: &str) -> Vec<(String, String)> {
    let inputs = text.split("<input").skip(1).filter_map(|rest| rest.split('>').next());
    inputs
        .filter(|input| input.contains("type=\"hidden\""))
        .filter_map(|input| Some((inner(input, "name")?, inner(input, "value").unwrap_or_default())))
        .collect()
}

fn attribute(text: &str, tag: &str, name: &str) -> Option<String> {
    // The last form is the one with the fields; pages may have one for language and zone before it.
    let rest = text.rsplit(tag).next()?;
    inner(rest.split('>').next()?, name)
}

fn inner(tag: &str, name: &str) -> Option<String> {
    let rest = tag.split(&format!("{name}=\"")).nth(1)?;
    rest.split('"').next().map(unescape)
}

fn unescape(text: &str) -> String {
    text.replace("&amp;", "&")
        .replace("&#38;", "&")
        .replace("&#x2F;", "/")
        .replace("&quot;", "\"")
        .replace("&#43;", "+")
}
