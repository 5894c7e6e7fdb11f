//! How many connections there may be.

use std::{
    collections::{HashMap, hash_map::Entry},
    net::IpAddr,
    sync::Arc,
};

use ipnet::IpNet;
use parking_lot::Mutex;
use portreeve_backends::limits::network;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// All of them, and those of each address.
#[derive(Debug)]
pub(super) struct Places {
    all: Arc<Semaphore>,
    per_address: usize,
    /// Proxies bring the connections of many.
    unlimited: Vec<IpNet>,
    taken: Taken,
}

/// Only addresses that have some are in it, so that it never grows beyond all places.
type Taken = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// One, until it is dropped.
#[derive(Debug)]
pub(super) struct Place {
    _one_of_all: OwnedSemaphorePermit,
    address: IpAddr,
    taken: Taken,
}

impl Places {
    pub(super) fn new(all: usize, per_address: usize, unlimited: Vec<IpNet>) -> Self {
        Self { all: Arc::new(Semaphore::new(all.min(Semaphore::MAX_PERMITS))), per_address, unlimited, taken: Taken::default() }
    }

    /// Waits until one is free for whoever comes next.
    pub(super) async fn free(&self) -> OwnedSemaphorePermit {
        // It is never closed.
        self.all.clone().acquire_owned().await.expect("a semaphore that stays open")
    }

    /// It becomes that address's, unless that has enough.
    pub(super) fn take(&self, free: OwnedSemaphorePermit, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        let address = network(peer);
        let mut taken = self.taken.lock();
        let count = taken.entry(address).or_default();
        if *count >= self.per_address && !self.unlimited.iter().any(|network| network.contains(&peer)) {
            return None;
        }
        *count += 1;
        drop(taken);
        Some(Place { _one_of_all: free, address, taken: self.taken.clone() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Entry::Occupied(mut count) = self.taken.lock().entry(self.address) {
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn an_address_takes_so_many_and_no_more() {
        let places = Places::new(100, 2, vec!["10.0.0.0/8".parse().unwrap()]);
        let take = async |peer: &str| places.take(places.free().await, peer.parse().unwrap());
        let (first, second) = (take("192.0.2.1").await, take("::ffff:192.0.2.1").await);
        assert!(first.is_some() && second.is_some() && take("192.0.2.1").await.is_none());
        let of_one_network = [take("2001:db8::1").await, take("2001:db8::2").await];
        assert!(of_one_network.iter().all(Option::is_some) && take("2001:db8::3").await.is_none());
        assert!(take("2001:db8:0:1::1").await.is_some() && take("192.0.2.2").await.is_some());
        let proxied = [take("10.0.0.1").await, take("10.0.0.1").await, take("10.0.0.1").await];
        assert!(proxied.iter().all(Option::is_some));
        drop(first);
        assert!(take("192.0.2.1").await.is_some());
        drop((second, of_one_network, proxied));
        assert!(places.taken.lock().is_empty(), "nothing is kept of those who left");
        assert_eq!(places.all.available_permits(), 100);
    }
}
