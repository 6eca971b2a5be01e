//! Facts about Microsoft's identity platform and Graph that the fake must honour, one test a fact.

#[cfg(test)]
mod batch;
#[cfg(test)]
mod bench;
#[cfg(test)]
mod delta;
#[cfg(test)]
mod events;
#[cfg(test)]
mod login;
#[cfg(test)]
mod series;
