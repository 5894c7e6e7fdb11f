//! Puts side by side in a release what runs together.
//!
//! The linker takes functions as the crates come, so that the few megabytes that a start and the usual requests run lie scattered over forty. The system reads
//! a program's file by 64 KiB, and so nearly all of it was in memory before anybody had asked anything. `functions.txt` names what is run
//! (`cargo bench -p portreeve-server --bench speed -- layout` counts it, and writes the file), and the linker is told to begin with these.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::Result;

/// Whose default linker is LLVM's.
const LLD: &str = "x86_64-unknown-linux-gnu";
/// Where each of the compiler's kinds of functions begins.
const SECTIONS: [&str; 3] = [".text.", ".text.hot.", ".text.unlikely."];

pub(crate) fn arrange() -> Result<()> {
    println!("cargo::rerun-if-env-changed=RUSTC_LINKER");
    if !(optimised()? && linked_by_lld()?) {
        return Ok(());
    }
    let functions = fs::read_to_string(Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("build/functions.txt"))?;
    let mut script = String::from("SECTIONS {\n.text : {\n");
    for name in functions.lines().filter(|line| !line.starts_with('#')) {
        // Rust's names end with a hash of the compiler's, the features and all versions, and `functions.txt` has them without.
        let any = if name.starts_with("_ZN") || name.starts_with("_R") { "*" } else { "" };
        let sections = SECTIONS.map(|section| format!("{section}{name}{any}")).join(" ");
        writeln!(script, "*({sections})")?;
    }
    script.push_str("}\n} INSERT AFTER .eh_frame;\n");
    let path = PathBuf::from(env::var("OUT_DIR")?).join("layout.ld");
    fs::write(&path, script)?;
    println!("cargo::rustc-link-arg-bins=-Wl,--script={}", path.display());
    if glibc_reads_packed_addresses()? {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
    Ok(())
}

/// Only what is optimised is worth the half minute that the linker takes longer.
fn optimised() -> Result<bool> {
    Ok(env::var("PROFILE")? == "release" && env::var("OPT_LEVEL")? == "3")
}

/// rustc's own default on this one target since 1.90, where it comes with it. Other linkers read other scripts, or none.
fn linked_by_lld() -> Result<bool> {
    let flags = env::var("CARGO_ENCODED_RUSTFLAGS").unwrap_or_default();
    let links_otherwise = flags.split('\x1f').any(|flag| flag.strip_prefix("-C").unwrap_or(flag).starts_with("link"));
    if env::var("TARGET")? != LLD || env::var_os("RUSTC_LINKER").is_some() || links_otherwise {
        return Ok(false);
    }
    let root = Command::new(env::var("RUSTC")?).args(["--print", "sysroot"]).output()?.stdout;
    let root = PathBuf::from(String::from_utf8(root)?.trim_end());
    Ok(root.join("lib/rustlib").join(LLD).join("bin/gcc-ld/ld.lld").exists())
}

/// Since 2.36 it reads the list of a program's own addresses, which it goes through at each start, in a seventieth of the bytes. As with all else of glibc, what
/// is built on one version runs on it and later ones.
fn glibc_reads_packed_addresses() -> Result<bool> {
    if env::var("HOST")? != env::var("TARGET")? {
        return Ok(false);
    }
    let told = Command::new("getconf").arg("GNU_LIBC_VERSION").output()?.stdout;
    let told = String::from_utf8(told)?;
    let version = told.trim_end().strip_prefix("glibc ").and_then(|version| version.split_once('.'));
    Ok(version
        .and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)))
        .is_some_and(|version: (u32, u32)| version >= (2, 36)))
}
