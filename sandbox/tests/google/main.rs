//! Facts about Google's API that the fake must honour, one test a fact, through its routers.

#[cfg(test)]
mod calendars;
#[cfg(test)]
mod convergence;
#[cfg(test)]
mod events;
#[cfg(test)]
mod listing;
#[cfg(test)]
mod oauth;
#[cfg(test)]
mod series;
#[cfg(test)]
mod world;
