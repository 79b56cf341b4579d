//! Libraries of others, loaded while the program runs: what LightGBM's and XGBoost's have in common.
//!
//! Each room that calls one declares its functions by `functions!` and opens it by `open`. A library
//! is never closed.
#![allow(unsafe_code)]

use std::ffi::{CString, c_int};
use std::path::{Path, PathBuf};

use libloading::os::unix::{Library as Shared, RTLD_LOCAL, RTLD_NOW};

/// Whose library it is, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Product {
    /// What it is called: `LightGBM`.
    pub name: &'static str,
    /// The version that is needed: `4.7`.
    pub needed: &'static str,
    /// The Python package that has it, as pip takes it.
    pub package: &'static str,
}

/// Why a library cannot be used. Each message names the file.
#[derive(Debug, thiserror::Error)]
#[allow(missing_docs)] // the fields are what the messages name
pub enum LibraryError {
    /// No such file.
    #[error(
        "{path}: no such file; {}'s library comes with `pip install {}`",
        product.name, product.package
    )]
    Missing { path: PathBuf, product: Product },
    /// The operating system cannot load it.
    #[error("{path}: cannot be loaded as a library ({reason})")]
    NotALibrary { path: PathBuf, reason: String },
    /// Some other library, or a very old one.
    #[error("{path}: is not {}'s library: it has no {symbol}", product.name)]
    Symbol { path: PathBuf, product: Product, symbol: &'static str },
    /// The library, with other parameters and other trees.
    #[error(
        "{path}: is {} {found}; {} is needed: `pip install {}`",
        product.name, product.needed, product.package
    )]
    Version { path: PathBuf, product: Product, found: String },
}

/// What a library says went wrong in a call.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct CallError(pub String);

/// Declares functions of a library, `Functions`, and how they are found in it, `Functions::find`. The
/// types must be those of the library's header, and no other library must use the names.
macro_rules! functions {
    ($($name:ident: $symbol:literal($($argument:ty),*) $(-> $result:ty)?;)*) => {
        /// The library's functions.
        #[derive(Clone, Copy)]
        struct Functions {
            $($name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)*
        }

        impl Functions {
            /// Finds them all, or names one that is missing.
            fn find(
                shared: &libloading::os::unix::Library,
            ) -> Result<Self, &'static str> {
                Ok(Self {
                    $($name: {
                        // SAFETY: the type is that of the library's header for this name, and no
                        // other library uses the name. The pointer outlives `shared`, which is
                        // never closed.
                        let symbol = unsafe { shared.get($symbol.as_bytes()) };
                        *symbol.map_err(|_| $symbol)?
                    },)*
                })
            }
        }
    };
}
pub(crate) use functions;

/// Opens a library for the rest of the process's life, and finds its functions by `find`.
///
/// # Errors
/// [`LibraryError`] where there is no such file, where it is not a library, or lacks a function.
pub(crate) fn open<F>(
    path: &Path,
    product: Product,
    find: impl FnOnce(&Shared) -> Result<F, &'static str>,
) -> Result<F, LibraryError> {
    // An absolute path: a bare name would be looked for in the system's folders.
    let path_of_error = || path.to_owned();
    let absolute = path
        .canonicalize()
        .map_err(|_| LibraryError::Missing { path: path_of_error(), product })?;
    // SAFETY: opening a library runs its initialisers. The file is one that the user or the
    // installation names as the product's; whoever can choose it can run programs already. The
    // initialisers of both products fill tables of their own.
    let shared = unsafe { Shared::open(Some(&absolute), RTLD_NOW | RTLD_LOCAL) };
    let shared = shared.map_err(|error| LibraryError::NotALibrary {
        path: path_of_error(),
        reason: error.to_string(),
    })?;
    let found = find(&shared).map_err(|symbol| LibraryError::Symbol {
        path: path_of_error(),
        product,
        symbol,
    })?;
    // Never closed: the functions point into it, and so does each thread's log callback.
    std::mem::forget(shared);
    Ok(found)
}

/// Text for a call.
///
/// # Errors
/// [`CallError`] where it holds a NUL character.
pub(crate) fn c_string(text: &str) -> Result<CString, CallError> {
    CString::new(text).map_err(|_| CallError(format!("{text:?} holds a NUL character")))
}

/// A count for a call.
///
/// # Errors
/// [`CallError`] where it is larger than C's `int`.
pub(crate) fn c_count(count: usize) -> Result<c_int, CallError> {
    let too_many = |_| CallError(format!("{count} are more than it can count"));
    c_int::try_from(count).map_err(too_many)
}
