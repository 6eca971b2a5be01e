//! The relay's router, asked as laptops and visitors ask it.

#[cfg(test)]
mod address;
#[cfg(test)]
mod limits;
#[cfg(test)]
mod owner;
#[cfg(test)]
mod visitor;
#[cfg(test)]
mod world;
#[cfg(test)]
mod zones;
