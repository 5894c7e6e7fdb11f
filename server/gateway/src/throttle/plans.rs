//! The plans, and which of them is whose.

use std::{array, collections::HashMap, num::NonZeroU32, sync::Arc};

use portreeve_backends::limits::Rate;
use portreeve_config::{Gateway as Config, Plan as Settings};
use portreeve_contract::user::Role;

use super::{
    Class,
    tally::{Bucket, seconds},
};

/// How often requests may come; clones share it.
#[derive(Clone, Debug)]
pub struct Throttle {
    address: Option<Arc<Plan>>,
    member: Option<Arc<Plan>>,
    admin: Option<Arc<Plan>>,
    key: Option<Arc<Plan>>,
    plans: HashMap<String, Arc<Plan>>,
}

/// One of them.
#[derive(Clone, Debug)]
pub(super) struct Plan {
    pub(super) rate: Rate,
    pub(super) bucket: Arc<Bucket>,
    classes: [Option<(Rate, Arc<Bucket>)>; Class::ALL.len()],
    pub(super) daily: Option<(u32, Arc<Bucket>)>,
}

impl Throttle {
    /// From the configuration; `None` if requests are not counted.
    pub fn open(config: &Config) -> Option<Self> {
        let plans: HashMap<_, _> = config.plan.iter().map(|(name, settings)| (name.clone(), Arc::new(Plan::new(name, settings)))).collect();
        let whose = &config.throttle;
        let [address, member, admin, key] = [&whose.address, &whose.member, &whose.admin, &whose.key].map(|name| plans.get(name).cloned());
        whose.enabled.then_some(Self { address, member, admin, key, plans })
    }

    pub(super) fn of_address(&self) -> Option<&Plan> {
        self.address.as_deref()
    }

    pub(super) fn of_account(&self, role: Role) -> Option<&Plan> {
        match role {
            Role::Member => self.member.as_deref(),
            Role::Admin => self.admin.as_deref(),
        }
    }

    /// The usual plan of keys.
    pub(super) fn of_key(&self) -> Option<&Plan> {
        self.key.as_deref()
    }

    /// One that a key was given; `None` if the operator took it away since.
    pub(super) fn named(&self, name: &str) -> Option<&Plan> {
        self.plans.get(name).map(|plan| &**plan)
    }
}

impl Plan {
    fn new(name: &str, settings: &Settings) -> Self {
        let rate = Rate { burst: at_least_one(settings.burst), every: settings.per / settings.requests.max(1) };
        let class = |class: Class| {
            let rate = class.rate(settings).map(|rate| Rate { burst: at_least_one(rate.burst), every: rate.every })?;
            Some((rate, bucket(&format!("{name}-{}", class.name()), rate)))
        };
        let daily = Some(settings.daily_quota).filter(|quota| *quota > 0);
        Self {
            rate,
            bucket: bucket(name, rate),
            classes: array::from_fn(|at| class(Class::ALL[at])),
            daily: daily.map(|quota| (quota, Arc::new(Bucket::new(&format!("{name}-day"), quota.into(), 86_400)))),
        }
    }

    /// The class's own bucket, if it has one.
    pub(super) fn class(&self, class: Class) -> Option<&(Rate, Arc<Bucket>)> {
        self.classes[class as usize].as_ref()
    }
}

fn bucket(name: &str, rate: Rate) -> Arc<Bucket> {
    let burst = rate.burst.get();
    Arc::new(Bucket::new(name, burst.into(), seconds(rate.every * burst).max(1)))
}

fn at_least_one(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN)
}
