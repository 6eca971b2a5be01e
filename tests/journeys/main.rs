//! Journeys over a whole world: fake providers, relay and engine on one clock.

#[cfg(test)]
mod accounts;
#[cfg(test)]
mod anew;
#[cfg(test)]
mod blocks;
#[cfg(test)]
mod bookings;
#[cfg(test)]
mod caldav;
#[cfg(test)]
mod conflicts;
#[cfg(test)]
mod converge;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod damage;
#[cfg(test)]
mod days;
#[cfg(test)]
mod faults;
#[cfg(test)]
mod files;
#[cfg(test)]
mod free_busy;
#[cfg(test)]
mod gaps;
#[cfg(test)]
mod gate;
#[cfg(test)]
mod guests;
#[cfg(test)]
mod joining;
#[cfg(test)]
mod keeping;
#[cfg(test)]
mod leaving;
#[cfg(test)]
mod loops;
#[cfg(test)]
mod lost;
#[cfg(test)]
mod machine;
#[cfg(test)]
mod mesh;
#[cfg(test)]
mod refused;
#[cfg(test)]
mod resource;
#[cfg(test)]
mod restored;
#[cfg(test)]
mod round;
#[cfg(test)]
mod schedule;
#[cfg(test)]
mod sealed;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod series;
#[cfg(test)]
mod sign_ins;
#[cfg(test)]
mod support;
#[cfg(test)]
mod taken;
#[cfg(test)]
mod three;
