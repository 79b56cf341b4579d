//! LightGBM's shared library: the calls that training takes, made safe.
//!
//! Nothing of a user's file is ever given to the library but numbers: rows, labels and weights whose
//! lengths are checked here, and parameters that [`Settings`](super::Settings) has checked.
//! LightGBM's log goes nowhere: its level and its callback are those of an OS thread, so every call
//! that may log sets the callback first. A fatal error it writes to standard error in any case,
//! which is why the callers leave no parameter to it that it would refuse.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char, c_int, c_void};
use std::path::Path;
use std::ptr;

use super::version::{self, SUPPORTED};
use crate::examples::Matrix;
use crate::shared_library::{CallError, LibraryError, Product, c_count, c_string, functions, open};

/// Whose library it is.
const PRODUCT: Product =
    Product { name: "LightGBM", needed: SUPPORTED, package: "lightgbm==4.7.0" };

type Handle = *mut c_void;
type Log = extern "C" fn(*const c_char);

/// LightGBM's numbers for the types of an array.
const FLOAT32: c_int = 0;
/// Importance by number of splits, at the end of a model's text.
const SPLITS: c_int = 0;

functions! {
    last_error: "LGBM_GetLastError"() -> *const c_char;
    register_log: "LGBM_RegisterLogCallback"(Log) -> c_int;
    set_max_threads: "LGBM_SetMaxThreads"(c_int) -> c_int;
    dump_aliases: "LGBM_DumpParamAliases"(i64, *mut i64, *mut c_char) -> c_int;
    dataset_create: "LGBM_DatasetCreateFromMat"(
        *const c_void, c_int, i32, i32, c_int, *const c_char, Handle, *mut Handle
    ) -> c_int;
    dataset_set_field: "LGBM_DatasetSetField"(
        Handle, *const c_char, *const c_void, c_int, c_int
    ) -> c_int;
    dataset_set_names: "LGBM_DatasetSetFeatureNames"(Handle, *const *const c_char, c_int) -> c_int;
    dataset_free: "LGBM_DatasetFree"(Handle) -> c_int;
    booster_create: "LGBM_BoosterCreate"(Handle, *const c_char, *mut Handle) -> c_int;
    booster_add_valid: "LGBM_BoosterAddValidData"(Handle, Handle) -> c_int;
    booster_update: "LGBM_BoosterUpdateOneIter"(Handle, *mut c_int) -> c_int;
    booster_iterations: "LGBM_BoosterGetCurrentIteration"(Handle, *mut c_int) -> c_int;
    booster_predictions: "LGBM_BoosterGetNumPredict"(Handle, c_int, *mut i64) -> c_int;
    booster_predict: "LGBM_BoosterGetPredict"(Handle, c_int, *mut i64, *mut f64) -> c_int;
    booster_text: "LGBM_BoosterSaveModelToString"(
        Handle, c_int, c_int, c_int, i64, *mut i64, *mut c_char
    ) -> c_int;
    booster_free: "LGBM_BoosterFree"(Handle) -> c_int;
}

/// LightGBM, loaded for the rest of the process's life.
#[derive(Clone)]
pub struct Library {
    functions: Functions,
    version: String,
}

impl Library {
    /// Loads LightGBM from its shared library, `lib_lightgbm.so` of the Python package.
    ///
    /// # Errors
    /// [`LibraryError`] where there is no such file, where it is not a library or another one, and
    /// where it is another version of LightGBM than 4.7.
    pub fn open(path: &Path) -> Result<Self, LibraryError> {
        let functions = open(path, PRODUCT, Functions::find)?;
        let named = version::named(&path.canonicalize().unwrap_or_else(|_| path.to_owned()));
        let aliases = functions.aliases().unwrap_or_default();
        let is_known = version::has_known_parameters(&aliases);
        if !is_known || !named.as_deref().is_none_or(version::is_supported) {
            let found = match named {
                Some(named) if is_known => {
                    format!("{named} by its VERSION.txt and not by its parameters")
                }
                Some(named) => named,
                None => "of an unknown version".to_owned(),
            };
            return Err(LibraryError::Version { path: path.to_owned(), product: PRODUCT, found });
        }
        // SAFETY: takes a number. It bounds the threads of every later call in the process, which
        // the parameters set to 1 too: waiting threads spin, and folds and trials fill the cores.
        unsafe { (functions.set_max_threads)(1) };
        Ok(Self { functions, version: named.unwrap_or_else(|| SUPPORTED.to_owned()) })
    }

    /// LightGBM's version: `4.7.0`, or `4.7` where the library lies outside its package.
    pub fn version(&self) -> &str {
        &self.version
    }
}

impl std::fmt::Debug for Library {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Library").field("version", &self.version).finish_non_exhaustive()
    }
}

/// Takes LightGBM's log, a piece of a line a call, and drops it.
extern "C" fn drop_log(_: *const c_char) {}

impl Functions {
    /// Turns a call's result into an error; to be called on the thread that made the call.
    fn check(&self, result: c_int) -> Result<(), CallError> {
        if result == 0 {
            return Ok(());
        }
        // SAFETY: gives a pointer to a buffer of the calling thread that ends with a NUL, and that
        // no other call changes before the text is copied.
        let text = unsafe { CStr::from_ptr((self.last_error)()) };
        Err(CallError(text.to_string_lossy().trim().to_owned()))
    }

    /// Drops the log of the calling thread.
    fn silence(&self) {
        // SAFETY: `drop_log` lives as long as the program, and touches nothing.
        unsafe { (self.register_log)(drop_log) };
    }

    /// The parameters and their aliases, as JSON.
    fn aliases(&self) -> Result<String, CallError> {
        self.silence();
        // SAFETY: `read` gives a buffer of the length it names.
        self.read(1 << 14, |space, length, buffer| unsafe {
            (self.dump_aliases)(space, length, buffer)
        })
    }

    /// Text of a function that fills a buffer where it is long enough, and tells the length (with
    /// the NUL) in any case. `guess` is the first buffer's length.
    fn read(
        &self,
        guess: usize,
        call: impl Fn(i64, *mut i64, *mut c_char) -> c_int,
    ) -> Result<String, CallError> {
        let mut buffer: Vec<u8> = vec![0; guess];
        loop {
            let mut length = 0;
            self.check(call(buffer.len() as i64, &raw mut length, buffer.as_mut_ptr().cast()))?;
            let length = usize::try_from(length).unwrap_or(0);
            if length <= buffer.len() {
                buffer.truncate(length.saturating_sub(1));
                let not_text = |_| CallError("gives text that is not UTF-8".to_owned());
                return String::from_utf8(buffer).map_err(not_text);
            }
            buffer.resize(length, 0);
        }
    }
}

/// Rows as LightGBM keeps them: binned.
pub(super) struct Dataset {
    functions: Functions,
    handle: Handle,
    rows: usize,
    columns: usize,
}

impl Dataset {
    /// Bins rows, in the bins of `reference` where there is one.
    pub(super) fn new(
        library: &Library,
        rows: &Matrix,
        parameters: &str,
        reference: Option<&Self>,
    ) -> Result<Self, CallError> {
        let functions = library.functions;
        if rows.rows() == 0 || reference.is_some_and(|other| other.columns != rows.columns()) {
            return Err(CallError("rows are missing, or have other columns".to_owned()));
        }
        let (count, columns) = (c_count(rows.rows())?, c_count(rows.columns())?);
        let parameters = c_string(parameters)?;
        let reference = reference.map_or(ptr::null_mut(), |reference| reference.handle);
        let mut handle = ptr::null_mut();
        functions.silence();
        // SAFETY: the matrix holds `count * columns` floats, row by row, and is copied by the call.
        // `reference` is null or the live handle of a dataset with as many columns.
        functions.check(unsafe {
            let values = rows.values().as_ptr().cast();
            let (create, text) = (functions.dataset_create, parameters.as_ptr());
            create(values, FLOAT32, count, columns, 1, text, reference, &raw mut handle)
        })?;
        Ok(Self { functions, handle, rows: rows.rows(), columns: rows.columns() })
    }

    /// Sets the classes, `[rows]`.
    pub(super) fn set_labels(&mut self, labels: &[f32]) -> Result<(), CallError> {
        self.set_field(c"label", labels)
    }

    /// Sets the rows' weights, `[rows]`.
    pub(super) fn set_weights(&mut self, weights: &[f32]) -> Result<(), CallError> {
        self.set_field(c"weight", weights)
    }

    fn set_field(&mut self, name: &CStr, values: &[f32]) -> Result<(), CallError> {
        if values.len() != self.rows {
            return Err(CallError(format!("{} values for {} rows", values.len(), self.rows)));
        }
        let (functions, count) = (self.functions, c_count(values.len())?);
        functions.silence();
        // SAFETY: the handle is live and not shared; `values` holds `count` floats, which the call
        // copies.
        functions.check(unsafe {
            let values = values.as_ptr().cast();
            (functions.dataset_set_field)(self.handle, name.as_ptr(), values, count, FLOAT32)
        })
    }

    /// Names the columns; the names are sanitised.
    pub(super) fn set_names(&mut self, names: &[String]) -> Result<(), CallError> {
        if names.len() != self.columns {
            return Err(CallError(format!("{} names for {} columns", names.len(), self.columns)));
        }
        let names = names.iter().map(|name| c_string(name)).collect::<Result<Vec<_>, _>>()?;
        let pointers: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
        let (functions, count) = (self.functions, c_count(pointers.len())?);
        functions.silence();
        // SAFETY: `pointers` holds `count` pointers to text that ends with a NUL and outlives the
        // call, which copies it.
        functions
            .check(unsafe { (functions.dataset_set_names)(self.handle, pointers.as_ptr(), count) })
    }
}

impl Drop for Dataset {
    fn drop(&mut self) {
        self.functions.silence();
        // SAFETY: the handle came from `dataset_create`, is freed once, and no session is left that
        // uses it: a session owns its datasets and is freed before them.
        unsafe { (self.functions.dataset_free)(self.handle) };
    }
}

// SAFETY: LightGBM keeps a dataset's state behind the handle, none of it tied to a thread.
unsafe impl Send for Dataset {}

/// A training under way, with the rows that it reads.
pub(super) struct Session {
    functions: Functions,
    handle: Handle,
    /// The rows trained on, then those that are evaluated. LightGBM reads them through their
    /// handles, so they must not be freed before `handle` is.
    datasets: Vec<Dataset>,
    /// Length of the last text, to begin the next one with.
    length: usize,
}

impl Session {
    /// Begins a training on the rows `train`, which evaluates `sets` on the way.
    pub(super) fn new(
        train: Dataset,
        sets: Vec<Dataset>,
        parameters: &str,
    ) -> Result<Self, CallError> {
        let functions = train.functions;
        let parameters = c_string(parameters)?;
        let mut handle = ptr::null_mut();
        functions.silence();
        // SAFETY: the handle of `train` is live, and moves into the session that is returned.
        functions.check(unsafe {
            (functions.booster_create)(train.handle, parameters.as_ptr(), &raw mut handle)
        })?;
        let mut datasets = vec![train];
        datasets.extend(sets);
        // From here on `drop` frees the handle, whatever fails.
        let session = Self { functions, handle, datasets, length: 1 << 16 };
        for set in &session.datasets[1..] {
            // SAFETY: both handles are live, and the session keeps the set as long as itself.
            functions.check(unsafe { (functions.booster_add_valid)(handle, set.handle) })?;
        }
        Ok(session)
    }

    /// Trains one iteration; whether none of its trees could be split, in which case it is not kept
    /// (but for the first one).
    pub(super) fn update(&mut self) -> Result<bool, CallError> {
        self.functions.silence();
        let mut finished = 0;
        // SAFETY: the handle is live and not shared.
        let result = unsafe { (self.functions.booster_update)(self.handle, &raw mut finished) };
        self.functions.check(result)?;
        Ok(finished != 0)
    }

    /// Iterations kept so far.
    pub(super) fn iterations(&mut self) -> Result<usize, CallError> {
        self.functions.silence();
        let mut count = 0;
        // SAFETY: the handle is live and not shared.
        let result = unsafe { (self.functions.booster_iterations)(self.handle, &raw mut count) };
        self.functions.check(result)?;
        Ok(usize::try_from(count).unwrap_or(0))
    }

    /// Probabilities of a dataset after the last iteration, class after class: `[classes, rows]`,
    /// or `[rows]` of the second class where there are two.
    pub(super) fn predictions(&mut self, dataset: usize) -> Result<Vec<f64>, CallError> {
        let functions = self.functions;
        if dataset >= self.datasets.len() {
            return Err(CallError(format!("there is no dataset {dataset}")));
        }
        let dataset = c_count(dataset)?;
        functions.silence();
        let mut length = 0;
        // SAFETY: the handle is live and not shared, and it has this dataset.
        functions.check(unsafe {
            (functions.booster_predictions)(self.handle, dataset, &raw mut length)
        })?;
        let mut values = vec![0.0; usize::try_from(length).unwrap_or(0)];
        // SAFETY: as above; `values` is as long as the call before says this one fills.
        functions.check(unsafe {
            let values = values.as_mut_ptr();
            (functions.booster_predict)(self.handle, dataset, &raw mut length, values)
        })?;
        Ok(values)
    }

    /// The model's text, of the first iterations alone.
    pub(super) fn text(&mut self, iterations: usize) -> Result<String, CallError> {
        let (functions, handle, count) = (self.functions, self.handle, c_count(iterations)?);
        functions.silence();
        // SAFETY: the handle is live and not shared; `read` gives a buffer of the length it names.
        let text = functions.read(self.length, |space, length, buffer| unsafe {
            (functions.booster_text)(handle, 0, count, SPLITS, space, length, buffer)
        })?;
        self.length = text.len() + text.len() / 8 + 1;
        Ok(text)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.functions.silence();
        // SAFETY: the handle came from `booster_create` and is freed once. The datasets, which it
        // points to, are fields and live until after this.
        unsafe { (self.functions.booster_free)(self.handle) };
    }
}

// SAFETY: LightGBM keeps a training's state behind the handle; what it keeps by thread (the log, the
// last error) is set or read within each call.
unsafe impl Send for Session {}
