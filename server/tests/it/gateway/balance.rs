//! Which target is asked, and what happens to one that is not well.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, http::StatusCode, routing::any};
use futures::FutureExt;
use tokio::net::TcpListener;

use super::behind;
use crate::support::{Answer, Service, TestApp};

async fn named(name: &'static str) -> Service {
    Service::serve(Router::new().fallback(any(move || async move { name }))).await
}

/// An address where nobody listens.
fn nobody() -> String {
    format!("http://127.0.0.1:{}", portreeve_testkit::port())
}

async fn post(app: &TestApp) -> Answer {
    app.send(|client, url| client.post(format!("{url}/orders")).body("a bale of hemp")).await
}

#[tokio::test]
async fn requests_go_around() {
    let (one, two) = (named("one").await, named("two").await);
    let app = behind(&[&one.url(), &two.url()], "access = 'public'").await;
    for _ in 0..10 {
        app.get("/orders").await.ok();
    }
    assert_eq!((one.asked(), two.asked()), (5, 5));
}

#[tokio::test]
async fn the_least_busy_target_is_asked() {
    let slow = Service::serve(Router::new().fallback(any(async || {
        tokio::time::sleep(Duration::from_mins(1)).await;
        "slow"
    })))
    .await;
    let quick = named("quick").await;
    let app = Arc::new(behind(&[&slow.url(), &quick.url()], "access = 'public'").await);
    // One of two is stuck at the slow one; from then on all go to the other.
    let stuck = {
        let app = app.clone();
        tokio::spawn(async move {
            loop {
                app.get("/orders").await.ok();
            }
        })
    };
    while slow.asked() == 0 {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    for _ in 0..10 {
        assert_eq!(app.get("/orders").await.ok().text, "quick");
    }
    assert_eq!(slow.asked(), 1);
    stuck.abort();
}

#[tokio::test]
async fn what_can_be_asked_again_is_and_nothing_else() {
    let (dead, hangs_up, well) = (nobody(), Service::saying(b"").await, named("well").await);
    let app = behind(&[&hangs_up.url(), &well.url()], "access = 'public'\nfailures = 1000").await;
    for _ in 0..6 {
        assert_eq!(app.get("/orders").await.ok().text, "well");
    }
    // What has the same effect once or twice (RFC 9110 §9.2.2), unless there is a body that went already.
    for _ in 0..6 {
        app.send(|client, url| client.delete(format!("{url}/orders"))).await.ok();
    }
    let mut refused = 0;
    for _ in 0..6 {
        refused += usize::from(app.send(|client, url| client.put(format!("{url}/orders")).body("crane")).await.status != 200);
    }
    assert_eq!(refused, 3, "a PUT whose body went is sent once");
    let mut refused = 0;
    for _ in 0..6 {
        let answer = post(&app).await;
        if answer.status != 200 {
            answer.assert_problem(502, "upstream_failed");
            refused += 1;
        }
    }
    assert_eq!(refused, 3, "a POST is sent once");

    // Unless it found nobody to send it to.
    let app = behind(&[&dead, &well.url()], "access = 'public'\nfailures = 1000").await;
    for _ in 0..6 {
        post(&app).await.ok();
    }
}

#[tokio::test]
async fn sending_again_has_a_budget() {
    let hangs_up = Service::saying(b"").await;
    let app = behind(&[&hangs_up.url()], "access = 'public'\nfailures = 1000\nretries = 5").await;
    for _ in 0..50 {
        app.get("/orders").await.assert_problem(502, "upstream_failed");
    }
    // Fifty, a fifth of that, and one for each of the ten seconds that are looked at.
    assert!((51..=75).contains(&hangs_up.asked()), "{}", hangs_up.asked());
}

#[tokio::test]
async fn a_target_that_fails_rests_until_one_request_finds_it_well() {
    let address = format!("127.0.0.1:{}", portreeve_testkit::port());
    let app = behind(&[&format!("http://{address}")], "access = 'public'\nfailures = 2\nrecovery = '1s'\nretries = 0").await;
    app.get("/orders").await.assert_problem(502, "upstream_unreachable");
    app.get("/orders").await.assert_problem(502, "upstream_unreachable");
    let resting = app.get("/orders").await;
    resting.assert_problem(503, "upstream_unavailable");
    assert_eq!(resting.headers["retry-after"], "1");

    let back = Service::serve_on(TcpListener::bind(&address).await.expect("the same port"), Router::new().fallback(any(async || "back")));
    app.get("/orders").await.assert_problem(503, "upstream_unavailable");
    tokio::time::sleep(Duration::from_millis(1100)).await;
    for _ in 0..3 {
        assert_eq!(app.get("/orders").await.ok().text, "back");
    }
    assert_eq!(back.asked(), 3);
}

#[tokio::test]
async fn a_target_that_says_it_is_ill_gets_no_requests() {
    let ill = Arc::new(AtomicBool::new(true));
    let health = {
        let ill = ill.clone();
        move || {
            let ill = ill.clone();
            async move { if ill.load(Ordering::SeqCst) { StatusCode::SERVICE_UNAVAILABLE } else { StatusCode::OK } }
        }
    };
    let moody = Service::serve(Router::new().route("/health", any(health)).fallback(any(async || "moody"))).await;
    let well = named("well").await;
    let app = behind(&[&moody.url(), &well.url()], "access = 'public'\nhealth_path = '/health'\nhealth_interval = '100ms'").await;
    let only_well = async || {
        for _ in 0..4 {
            if app.get("/orders").await.ok().text != "well" {
                return false;
            }
        }
        true
    };
    eventually(async || only_well().await).await;
    ill.store(false, Ordering::SeqCst);
    eventually(async || !only_well().await).await;
}

#[tokio::test]
async fn a_target_that_is_well_and_fails_gets_its_rest_all_the_same() {
    let (broken, checked) = (Arc::new(AtomicBool::new(true)), Arc::new(AtomicUsize::new(0)));
    let health = {
        let checked = checked.clone();
        move || std::future::ready(checked.fetch_add(1, Ordering::SeqCst)).map(|_| StatusCode::OK)
    };
    let answer = {
        let broken = broken.clone();
        move || std::future::ready(if broken.load(Ordering::SeqCst) { StatusCode::BAD_GATEWAY } else { StatusCode::OK })
    };
    let service = Service::serve(Router::new().route("/health", any(health)).fallback(any(answer))).await;
    let app =
        behind(&[&service.url()], "access = 'public'\nfailures = 2\nrecovery = '1h'\nhealth_path = '/health'\nhealth_interval = '100ms'")
            .await;
    for _ in 0..2 {
        assert_eq!(app.get("/orders").await.status, 502);
    }
    let before = checked.load(Ordering::SeqCst);
    eventually(async || checked.load(Ordering::SeqCst) >= before + 3).await;
    app.get("/orders").await.assert_problem(503, "upstream_unavailable");
    assert_eq!(service.paths().iter().filter(|path| *path == "/orders").count(), 2);
}

#[tokio::test]
async fn a_check_that_hangs_holds_up_no_other() {
    let hangs = Service::raw(|stream| {
        Box::pin(async move {
            tokio::time::sleep(Duration::from_mins(1)).await;
            drop(stream);
        })
    })
    .await;
    let well = named("well").await;
    let _app = behind(&[&hangs.url(), &well.url()], "access = 'public'\nhealth_path = '/health'\nhealth_interval = '100ms'").await;
    eventually(async || well.asked() >= 3).await;
    assert_eq!(hangs.asked(), 1);
}

#[tokio::test]
async fn a_name_is_looked_up() {
    let service = named("here").await;
    let app = behind(&[&format!("http://localhost:{}", service.address.port())], "access = 'public'\nresolve_interval = '100ms'").await;
    // The name may have two addresses, of which one answers.
    for _ in 0..4 {
        assert_eq!(app.get("/orders").await.ok().text, "here");
    }
    let lost = behind(&["http://nowhere.invalid"], "access = 'public'").await;
    lost.get("/orders").await.assert_problem(503, "upstream_unavailable");
}

async fn eventually(holds: impl AsyncFn() -> bool) {
    for _ in 0..100 {
        if holds().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it never came true");
}
