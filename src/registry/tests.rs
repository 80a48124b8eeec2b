//! Pushes to a registry in memory.

use std::cell::RefCell;
use std::path::Path;
use std::time::Duration;

use super::testing::{Fault, Lock, Registry};
use super::{Credentials, Pushed, RegistryError, Secret, push};
use crate::event::Silent;
use crate::format::oci::stored::Stored;
use crate::format::oci::{Oci, Reference};
use crate::format::testing::write_for;
use crate::http::{Client, Pauses, Settings};
use crate::model::hint::Hint;
use crate::model::tree::Kind;
use crate::testing::tree::{file, package, tree};

thread_local! {
    static SLEPT: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
}

/// Seconds of the pauses since the last call, none of which took any time.
fn slept() -> Vec<f64> {
    SLEPT.take()
}

fn client() -> Client {
    let sleep = |pause: Duration| SLEPT.with_borrow_mut(|slept| slept.push(pause.as_secs_f64()));
    let settings = Settings {
        pauses: Pauses {
            attempts: 3,
            sleep,
            ..Pauses::default()
        },
        ..Settings::default()
    };
    Client::new(&settings).expect("no settings that can be wrong")
}

/// The images for some targets, with a layer of about 3 MB that does not compress.
fn images(targets: &[&str]) -> Stored {
    let directory = tempfile::tempdir().expect("a directory");
    let paths = targets.iter().map(|target| {
        let tree = tree(vec![file("usr/bin/hello", Kind::Binary, noise(target))]);
        let oci = Oci::default();
        let target = target.parse().expect("known");
        let (bytes, _) = write_for(target, &oci, &package(), &tree, 1).expect("valid");
        let path = directory.path().join(target.triple);
        std::fs::write(&path, bytes).expect("writable");
        path
    });
    let paths: Vec<_> = paths.collect();
    let paths: Vec<&Path> = paths.iter().map(AsRef::as_ref).collect();
    let images = Stored::open(&paths).expect("just written");
    // The blobs are read when they are sent.
    std::mem::forget(directory);
    images
}

/// Letters without an order.
fn noise(seed: &str) -> String {
    let mut state = seed.len() as u64 | 1;
    let letter = |_| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        char::from(b'!' + (state >> 58) as u8)
    };
    (0..4_000_000).map(letter).collect()
}

fn one_image() -> Stored {
    images(&["x86_64-unknown-linux-musl"])
}

fn reference(registry: &Registry) -> Reference {
    format!("{}/team/hello", registry.host)
        .parse()
        .expect("valid")
}

fn pushed(registry: &Registry, images: &Stored) -> Result<Pushed, RegistryError> {
    pushed_as(registry, images, None)
}

fn pushed_as(
    registry: &Registry,
    images: &Stored,
    credentials: Option<&Credentials>,
) -> Result<Pushed, RegistryError> {
    slept();
    let to = reference(registry);
    let pushed = push(&client(), images, &to, "1.2.3", credentials, false, &Silent)?;
    Ok(pushed.expect("there are images"))
}

fn login(password: &str) -> Credentials {
    Credentials::Password {
        user: "me".to_owned(),
        password: Secret::new(password),
    }
}

/// Whether the registry has all of an image as it is.
fn has(registry: &Registry, images: &Stored) -> bool {
    use std::io::Read;
    let state = registry.state();
    images
        .images
        .iter()
        .flat_map(|image| &image.blobs)
        .all(|blob| {
            let mut bytes = Vec::new();
            blob.read(0)
                .and_then(|mut reader| reader.read_to_end(&mut bytes))
                .expect("readable");
            state.blobs.get(&format!("sha256:{}", blob.digest)) == Some(&bytes)
        })
        && state.manifests.get("1.2.3") == images.top().map(|top| &top.bytes)
}

fn methods(log: &[String]) -> String {
    let words = log.iter().filter_map(|line| line.split(' ').next());
    words.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_second_push_sends_nothing() {
    let (registry, images) = (Registry::new(Lock::Open), one_image());
    let first = pushed(&registry, &images).expect("a registry that works");
    assert_eq!((first.blobs, first.manifests), (2, 1));
    assert!(has(&registry, &images));
    let blob = "HEAD POST PATCH PUT";
    assert_eq!(methods(&registry.log()), format!("HEAD {blob} {blob} PUT"));
    let second = pushed(&registry, &images).expect("a registry that works");
    assert_eq!(
        (second.blobs, second.manifests, second.digest),
        (0, 0, first.digest)
    );
    assert_eq!(registry.log(), ["HEAD /v2/team/hello/manifests/1.2.3"]);
    assert!(slept().is_empty());
}

#[test]
fn sending_goes_on_from_the_offset_that_the_registry_reports() {
    let (registry, images) = (Registry::new(Lock::Open), one_image());
    let size = images.images[0].blobs[0].size();
    assert!(size > 2_000_000);
    registry.fail(Fault::Cut(1_000_000));
    registry.fail(Fault::Cut(500_000));
    pushed(&registry, &images).expect("it ends well");
    assert!(has(&registry, &images));
    let log = registry.log();
    let patches: Vec<_> = log
        .iter()
        .filter_map(|line| line.rsplit_once(" 1"))
        .collect();
    let last = size - 1;
    assert!(patches[0].1.ends_with(&format!("000000-{last}")), "{log:?}");
    assert!(patches[1].1.ends_with(&format!("500000-{last}")), "{log:?}");
    // Each time the registry had more than before, so each pause was the first.
    assert_eq!(slept(), [0.5, 0.5]);
}

#[test]
fn a_registry_that_forgets_is_sent_all_of_the_blob_again() {
    let (registry, images) = (Registry::new(Lock::Open), one_image());
    registry.fail(Fault::CutAndForget(1_000_000));
    pushed(&registry, &images).expect("it ends well");
    assert!(has(&registry, &images));
    assert_eq!(
        methods(&registry.log()),
        "HEAD HEAD POST PATCH GET POST PATCH PUT HEAD POST PATCH PUT PUT"
    );
}

#[test]
fn a_connection_that_is_lost_again_and_again_is_given_up() {
    let (registry, images) = (Registry::new(Lock::Open), one_image());
    registry.fail(Fault::Cut(100_000));
    for _ in 0..3 {
        registry.fail(Fault::Cut(0));
    }
    let error = pushed(&registry, &images).expect_err("never to the end");
    let RegistryError::Interrupted { times, sent, .. } = &error else {
        panic!("{error:?}");
    };
    assert_eq!((*times, *sent), (3, 100_000));
    assert!(
        error
            .hint()
            .is_some_and(|hint| hint.contains("not sent twice"))
    );
    assert_eq!(slept(), [0.5, 0.5, 1.0]);
    // The blob is still there to be gone on with by nobody, but a new push works.
    pushed(&registry, &images).expect("a registry that works again");
    assert!(has(&registry, &images));
}

#[test]
fn a_registry_that_is_busy_is_waited_for_as_long_as_it_asks() {
    let (registry, images) = (Registry::new(Lock::Open), one_image());
    let answer = |method, status, asked: &str| Fault::Answer(method, status, asked.to_owned(), "");
    registry.fail(answer("HEAD", 429, "retry-after: 7\r\n"));
    registry.fail(answer("POST", 503, ""));
    registry.fail(answer("PATCH", 502, "retry-after: 3\r\n"));
    registry.fail(answer("PUT", 500, ""));
    pushed(&registry, &images).expect("it ends well");
    assert!(has(&registry, &images));
    assert_eq!(slept(), [7.0, 0.5, 3.0, 0.5]);
    for _ in 0..3 {
        registry.fail(answer("HEAD", 503, ""));
    }
    let error = pushed(&registry, &images).expect_err("busy for too long");
    let text = "the registry answered 503 to HEAD of a manifest; expected 200 or 404";
    assert_eq!(error.to_string(), text);
}

#[test]
fn a_password_is_shown_only_if_the_registry_asks() {
    let images = one_image();
    let registry = Registry::new(Lock::Open);
    pushed_as(&registry, &images, Some(&login("secret"))).expect("open to all");
    assert!(!registry.state().was_authorized);
    let registry = Registry::new(Lock::Basic);
    pushed_as(&registry, &images, Some(&login("secret"))).expect("the right password");
    assert!(has(&registry, &images));
    let error = pushed_as(&registry, &images, Some(&login("guess"))).expect_err("a wrong one");
    let host = &registry.host;
    assert_eq!(
        error.to_string(),
        format!("the registry `{host}` refused the login of `me`")
    );
    let error = pushed(&registry, &images).expect_err("none");
    assert_eq!(
        error.to_string(),
        format!("the registry `{host}` wants a login")
    );
}

#[test]
fn a_token_is_fetched_and_fetched_again_when_it_expires() {
    let (registry, images) = (Registry::new(Lock::Bearer), one_image());
    pushed_as(&registry, &images, Some(&login("secret"))).expect("the right password");
    assert!(has(&registry, &images));
    let tokens = |log: Vec<String>| log.iter().filter(|line| *line == "GET /token").count();
    assert_eq!(tokens(registry.log()), 1);

    let registry = Registry::new(Lock::Bearer);
    let challenge = format!(
        "www-authenticate: Bearer realm=\"http://{}/token\"\r\n",
        registry.host
    );
    registry.fail(Fault::Answer("PATCH", 401, challenge, ""));
    pushed_as(&registry, &images, Some(&login("secret"))).expect("a new token");
    assert!(has(&registry, &images));
    assert_eq!(tokens(registry.log()), 2);

    let identity = Credentials::Identity(Secret::new("long"));
    let registry = Registry::new(Lock::Bearer);
    pushed_as(&registry, &images, Some(&identity)).expect("a refresh token");
    assert!(has(&registry, &images));
    let error = pushed_as(&Registry::new(Lock::Bearer), &images, Some(&login("guess")));
    assert!(
        error
            .expect_err("a wrong one")
            .to_string()
            .ends_with("refused the login of `me`")
    );
    let error = pushed(&Registry::new(Lock::Bearer), &images).expect_err("none");
    assert!(matches!(error, RegistryError::NoLogin { .. }), "{error:?}");
}

#[test]
fn a_login_is_not_shown_to_another_server() {
    let (registry, other, images) = (
        Registry::new(Lock::Basic),
        Registry::new(Lock::Open),
        one_image(),
    );
    registry.state().uploads_at = format!("http://{}", other.host);
    // The other server knows of no upload, and is asked without a login.
    let error = pushed_as(&registry, &images, Some(&login("secret"))).expect_err("no upload there");
    assert!(
        matches!(error, RegistryError::Interrupted { .. }),
        "{error:?}"
    );
    assert!(!other.state().was_authorized);
    assert!(methods(&other.log()).starts_with("PATCH"));
}

#[test]
fn nothing_is_sent_without_encryption_to_another_machine() {
    let (registry, images) = (Registry::new(Lock::Open), one_image());
    registry.state().uploads_at = "http://192.0.2.1".to_owned();
    let error = pushed(&registry, &images).expect_err("plain HTTP");
    let text = error.to_string();
    assert!(
        text.starts_with("`http://192.0.2.1/v2/team/hello/blobs/uploads/"),
        "{text}"
    );
    assert!(
        text.ends_with("is neither https nor on this machine"),
        "{text}"
    );
    assert!(!text.contains("secret"), "{text}");
}

#[test]
fn several_images_become_one_tag() {
    let registry = Registry::new(Lock::Open);
    let targets = ["aarch64-unknown-linux-musl", "x86_64-unknown-linux-musl"];
    let images = images(&targets);
    let first = pushed(&registry, &images).expect("a registry that works");
    assert_eq!((first.blobs, first.manifests), (4, 3));
    assert!(has(&registry, &images));
    let index: serde_json::Value =
        serde_json::from_slice(&registry.state().manifests["1.2.3"]).expect("an index");
    assert_eq!(
        index["mediaType"],
        "application/vnd.oci.image.index.v1+json"
    );
    assert_eq!(
        index["annotations"]["org.opencontainers.image.version"],
        "1.2.3"
    );
    let platforms = index["manifests"].as_array().expect("a list").iter();
    let platforms: Vec<_> = platforms
        .map(|manifest| &manifest["platform"]["architecture"])
        .collect();
    assert_eq!(platforms, ["arm64", "amd64"]);
    for manifest in index["manifests"].as_array().expect("a list") {
        let digest = manifest["digest"].as_str().expect("text");
        assert!(registry.state().manifests.contains_key(digest));
        assert_eq!(manifest.get("annotations"), None);
    }
    registry.log();
    let second = pushed(&registry, &images).expect("a registry that works");
    assert_eq!((second.blobs, second.manifests), (0, 0));
    assert_eq!(registry.log().len(), 1);
}

#[test]
fn what_a_registry_says_is_shown() {
    let (registry, images) = (Registry::new(Lock::Open), one_image());
    let error = |status, content| {
        registry.fail(Fault::Answer("POST", status, String::new(), content));
        pushed(&registry, &images).expect_err("refused").to_string()
    };
    let host = &registry.host;
    assert_eq!(
        error(
            404,
            r#"{"errors": [{"code": "NAME_UNKNOWN", "message": "no such\u001b project"}]}"#
        ),
        format!(
            "the registry `{host}` has no repository `team/hello` (NAME_UNKNOWN: no such project)"
        )
    );
    assert_eq!(
        error(403, r#"{"errors": [{"code": "DENIED"}]}"#),
        format!("the registry `{host}` does not allow to push `team/hello` (DENIED)")
    );
    assert_eq!(
        error(418, "<html>"),
        "the registry answered 418 to POST of an upload; expected 202"
    );
}

#[test]
fn a_registry_that_is_not_there_is_named() {
    // Nobody listens there, as the listener is gone when its port is known.
    let port = std::net::TcpListener::bind(("127.0.0.1", 0))
        .and_then(|listener| listener.local_addr())
        .expect("a free port")
        .port();
    let to: Reference = format!("127.0.0.1:{port}/team/hello")
        .parse()
        .expect("valid");
    slept();
    let error = push(&client(), &one_image(), &to, "1", None, false, &Silent).expect_err("nobody");
    assert_eq!(
        error.to_string(),
        format!("`http://127.0.0.1:{port}` cannot be reached, tried 3 times")
    );
    assert_eq!(slept(), [0.5, 1.0]);
}
