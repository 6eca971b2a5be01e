//! Journeys over a whole world: fake providers, relay and engine on one clock.

#[cfg(test)]
mod bookings;
#[cfg(test)]
mod caldav;
#[cfg(test)]
mod converge;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod days;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod schedule;
#[cfg(test)]
mod support;
