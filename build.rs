//! Passes the target to the program.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    let target = std::env::var("TARGET").expect("cargo sets this for every build script");
    println!("cargo:rustc-env=SEALIFT_TARGET={target}");
}
