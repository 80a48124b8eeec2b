//! What happens when the user or the system ends the program: nothing unfinished stays, and no program that was started to be
//! measured runs on.

#[cfg(unix)]
mod system {
    use std::ptr;
    use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

    /// Whether a command ends by itself when a signal comes.
    static IS_HEEDED: AtomicBool = AtomicBool::new(false);

    /// The signal that has come; 0 for none.
    static CAUGHT: AtomicI32 = AtomicI32::new(0);

    /// Ctrl-C, `kill`, and a terminal that closes.
    const ENDING: [libc::c_int; 3] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP];

    /// Lets a thread of its own wait for the signals, because a signal handler may take no locks.
    pub fn prepare() {
        let signals = to_wait_for();
        // SAFETY: the set is initialized, and no old mask is asked for. No other thread runs yet; later ones inherit the mask.
        unsafe { libc::pthread_sigmask(libc::SIG_BLOCK, &signals, ptr::null_mut()) };
        // SAFETY: no handler runs code. Writing beyond a limit is then an error of the write, which is reported and cleans up.
        unsafe { libc::signal(libc::SIGXFSZ, libc::SIG_IGN) };
        std::thread::spawn(move || {
            let mut signal = 0;
            // SAFETY: both point to initialized values that live long enough.
            while unsafe { libc::sigwait(&signals, &mut signal) } == 0 {
                // The second one ends the program in any case.
                if IS_HEEDED.swap(false, Ordering::SeqCst) {
                    CAUGHT.store(signal, Ordering::SeqCst);
                    continue;
                }
                super::abandon();
                end_by(signal, &signals);
                return;
            }
        });
    }

    pub fn heed() {
        IS_HEEDED.store(true, Ordering::SeqCst);
    }

    pub fn caught() -> Option<&'static str> {
        match CAUGHT.load(Ordering::SeqCst) {
            libc::SIGINT => Some("SIGINT"),
            libc::SIGTERM => Some("SIGTERM"),
            libc::SIGHUP => Some("SIGHUP"),
            _ => None,
        }
    }

    /// All but those that whoever started the program wants to be ignored, as `nohup` does.
    fn to_wait_for() -> libc::sigset_t {
        // SAFETY: all zeros is a valid set, and `sigemptyset` and `sigaddset` are given that one and known signals.
        unsafe {
            let mut signals = std::mem::zeroed();
            libc::sigemptyset(&mut signals);
            for signal in ENDING.into_iter().filter(|signal| !is_ignored(*signal)) {
                libc::sigaddset(&mut signals, signal);
            }
            signals
        }
    }

    fn is_ignored(signal: libc::c_int) -> bool {
        // SAFETY: all zeros is a valid action, and with no new action the call only writes the current one there.
        let action = unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            libc::sigaction(signal, ptr::null(), &mut action);
            action
        };
        action.sa_sigaction == libc::SIG_IGN
    }

    /// Ends the process as the signal would have done, so that whoever started it sees why.
    fn end_by(signal: libc::c_int, signals: &libc::sigset_t) {
        // SAFETY: the signal has its default action here, which ends the process; the set is initialized.
        unsafe {
            libc::raise(signal);
            libc::pthread_sigmask(libc::SIG_UNBLOCK, signals, ptr::null_mut());
        }
    }
}

#[cfg(windows)]
mod system {
    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn SetConsoleCtrlHandler(
            handler: Option<unsafe extern "system" fn(u32) -> i32>,
            add: i32,
        ) -> i32;
    }

    /// Is called in a thread of its own. Windows ends the process after it, as nothing was handled (0).
    unsafe extern "system" fn on_event(_: u32) -> i32 {
        super::abandon();
        0
    }

    pub fn prepare() {
        // SAFETY: the handler has the signature that the function asks for, and lives as long as the program.
        unsafe { SetConsoleCtrlHandler(Some(on_event), 1) };
    }

    pub fn heed() {}

    pub fn caught() -> Option<&'static str> {
        None
    }
}

#[cfg(not(any(unix, windows)))]
mod system {
    pub fn prepare() {}

    pub fn heed() {}

    pub fn caught() -> Option<&'static str> {
        None
    }
}

/// Removes and ends what must not outlive this process.
#[cfg(any(unix, windows))]
fn abandon() {
    sealift::process::abandon();
    sealift::measure::abandon();
    sealift::output::unfinished::abandon();
}

/// From now on, an interruption removes what has been begun and not finished.
pub fn prepare() {
    system::prepare();
}

/// From now on, the first interruption ends nothing: the command asks for it, and ends by itself. Elsewhere than on Unix there is
/// no such command.
pub fn heed() {
    system::heed();
}

/// The name of the signal that was heeded.
pub fn caught() -> Option<&'static str> {
    system::caught()
}
