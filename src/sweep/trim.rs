//! Gives memory that a pack has freed back to the machine.

/// Asks the C library's allocator to return what nobody uses: it keeps freed memory for the thread
/// that freed it, where no pack of another thread finds it, and a limit of memory would be passed by
/// as much as every worker once took.
#[allow(unsafe_code)]
pub(super) fn trim() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    // SAFETY: malloc_trim takes no pointer, touches no memory in use, and may be called from any
    // thread at any time (its manual page says MT-Safe).
    unsafe {
        libc::malloc_trim(0);
    }
}
