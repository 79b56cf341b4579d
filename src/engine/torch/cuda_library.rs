//! Loads libtorch's CUDA half when there is a GPU to use it, and only then.
//!
//! The binary links the CPU half alone: it starts in a third of the time and runs from an install
//! without CUDA. The CUDA half registers itself with the CPU half as it is loaded, which is all
//! that linking it would do.
#![allow(unsafe_code)]

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};

/// Loads a library for the rest of the process's life.
fn load(name: &str) -> Result<(), String> {
    // SAFETY: opening a library runs its initialisers. Both names are fixed below: NVIDIA's driver
    // and libtorch's own CUDA half, whose initialisers register kernels and touch nothing of ours.
    // The handle is forgotten, so that no code is unmapped while something still points into it.
    let library = unsafe { Library::open(Some(name), RTLD_NOW | RTLD_GLOBAL) };
    library.map(std::mem::forget).map_err(|error| error.to_string())
}

/// Why CUDA cannot be used.
#[derive(Debug)]
pub(super) struct CudaMissing {
    /// NVIDIA's driver is there, so there is likely a GPU.
    pub driver_is_there: bool,
    /// What is missing and how to get it.
    pub reason: String,
}

/// Makes CUDA known to libtorch.
///
/// # Errors
/// [`CudaMissing`] says whether the driver or libtorch's CUDA half is missing.
pub(super) fn load_cuda() -> Result<(), CudaMissing> {
    load("libcuda.so.1").map_err(|_| CudaMissing {
        driver_is_there: false,
        reason: "no NVIDIA driver (libcuda.so.1) is installed".to_owned(),
    })?;
    load("libtorch_cuda.so").map_err(|error| CudaMissing {
        driver_is_there: true,
        reason: format!(
            "this libtorch has no CUDA half that loads ({error}); run `make libtorch-cuda`"
        ),
    })
}
