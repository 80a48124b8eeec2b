//! A lock, as std is not there to offer one.

use core::cell::UnsafeCell;
use core::ops::{Deref, DerefMut};

use sealift_squashfs::Lock;

/// Mutual exclusion over a value, on musl's mutex.
pub struct Mutex<T> {
    raw: UnsafeCell<libc::pthread_mutex_t>,
    value: UnsafeCell<T>,
}

// SAFETY: the value is only reached through a guard, and one guard exists at a time.
unsafe impl<T: Send> Sync for Mutex<T> {}

/// Unlocks when dropped.
pub struct Guard<'a, T>(&'a Mutex<T>);

impl<T> Mutex<T> {
    pub const fn new(value: T) -> Self {
        Self {
            raw: UnsafeCell::new(libc::PTHREAD_MUTEX_INITIALIZER),
            value: UnsafeCell::new(value),
        }
    }

    pub fn lock(&self) -> Guard<'_, T> {
        // SAFETY: the mutex was statically initialized and is not moved while it is borrowed here.
        unsafe { libc::pthread_mutex_lock(self.raw.get()) };
        Guard(self)
    }
}

impl<T> Lock<T> for Mutex<T> {
    fn new(value: T) -> Self {
        Mutex::new(value)
    }

    fn with<R>(&self, function: impl FnOnce(&mut T) -> R) -> R {
        function(&mut self.lock())
    }
}

impl<T> Drop for Guard<'_, T> {
    fn drop(&mut self) {
        // SAFETY: this thread locked it when the guard was made.
        unsafe { libc::pthread_mutex_unlock(self.0.raw.get()) };
    }
}

impl<T> Deref for Guard<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        // SAFETY: the lock is held, so nothing else has a reference.
        unsafe { &*self.0.value.get() }
    }
}

impl<T> DerefMut for Guard<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        // SAFETY: the lock is held, so nothing else has a reference.
        unsafe { &mut *self.0.value.get() }
    }
}
