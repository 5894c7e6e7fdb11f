//! The plans, and which of them is whose.

use std::{collections::HashMap, num::NonZeroU32};

use portreeve_backends::limits::Rate;
use portreeve_config::{Gateway as Config, RequestThrottle};
use portreeve_contract::user::Role;

use super::Class;

/// How often requests may come; clones share it.
#[derive(Clone, Debug)]
pub struct Throttle {
    whose: RequestThrottle,
    plans: HashMap<String, Plan>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) rate: Rate,
    pub(super) daily: Option<u32>,
    settings: portreeve_config::Plan,
}

impl Throttle {
    /// From the configuration; `None` if requests are not counted.
    pub fn open(config: &Config) -> Option<Self> {
        let plans = config.plan.iter().map(|(name, settings)| (name.clone(), Plan::new(name, settings))).collect();
        config.throttle.enabled.then(|| Self { whose: config.throttle.clone(), plans })
    }

    pub(super) fn of_address(&self) -> Option<&Plan> {
        self.plans.get(&self.whose.address)
    }

    pub(super) fn of_account(&self, role: Role) -> Option<&Plan> {
        self.plans.get(match role {
            Role::Member => &self.whose.member,
            Role::Admin => &self.whose.admin,
        })
    }

    /// The usual plan of keys.
    pub(super) fn of_key(&self) -> Option<&Plan> {
        self.plans.get(&self.whose.key)
    }

    /// One that a key was given; `None` if the operator took it away since.
    pub(super) fn named(&self, name: &str) -> Option<&Plan> {
        self.plans.get(name)
    }
}

impl Plan {
    fn new(name: &str, settings: &portreeve_config::Plan) -> Self {
        let every = settings.per / settings.requests.max(1);
        Self {
            name: name.to_owned(),
            rate: Rate { burst: at_least_one(settings.burst), every },
            daily: Some(settings.daily_quota).filter(|quota| *quota > 0),
            settings: settings.clone(),
        }
    }

    /// Of the class's own bucket, if it has one.
    pub(super) fn class_rate(&self, class: Class) -> Option<Rate> {
        class.rate(&self.settings).map(|rate| Rate { burst: at_least_one(rate.burst), every: rate.every })
    }
}

fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}
