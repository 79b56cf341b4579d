//! XGBoost's shared library: the calls that training takes, made safe.
//!
//! Nothing of a user's file is ever given to the library but numbers and names: rows, labels and
//! weights whose lengths are checked here, and parameters that [`Settings`](super::Settings) has
//! checked. XGBoost's log goes nowhere: its callback is that of an OS thread, so every call that may
//! log sets the callback first. What a call returns lies in the handle's memory until the same thread
//! calls again, and is copied at once.
#![allow(unsafe_code)]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::path::Path;
use std::{ptr, slice};

use super::gist::gist;
use crate::examples::Matrix;
use crate::shared_library::{CallError, LibraryError, Product, c_count, c_string, functions, open};

/// Whose library it is.
const PRODUCT: Product = Product { name: "XGBoost", needed: "3.4", package: "xgboost-cpu==3.4.1" };

/// The versions whose trees, file and parameters this program knows.
pub(super) const SUPPORTED: [u32; 2] = [3, 4];

type Handle = *mut c_void;
type Log = extern "C" fn(*const c_char);

functions! {
    version: "XGBoostVersion"(*mut c_int, *mut c_int, *mut c_int);
    last_error: "XGBGetLastError"() -> *const c_char;
    register_log: "XGBRegisterLogCallback"(Log) -> c_int;
    matrix_create: "XGDMatrixCreateFromDense"(
        *const c_char, *const c_char, *mut Handle
    ) -> c_int;
    matrix_set: "XGDMatrixSetInfoFromInterface"(
        Handle, *const c_char, *const c_char
    ) -> c_int;
    matrix_set_texts: "XGDMatrixSetStrFeatureInfo"(
        Handle, *const c_char, *const *const c_char, u64
    ) -> c_int;
    matrix_free: "XGDMatrixFree"(Handle) -> c_int;
    booster_create: "XGBoosterCreate"(*const Handle, u64, *mut Handle) -> c_int;
    booster_set: "XGBoosterSetParam"(Handle, *const c_char, *const c_char) -> c_int;
    booster_set_texts: "XGBoosterSetStrFeatureInfo"(
        Handle, *const c_char, *const *const c_char, u64
    ) -> c_int;
    booster_update: "XGBoosterUpdateOneIter"(Handle, c_int, Handle) -> c_int;
    booster_predict: "XGBoosterPredictFromDMatrix"(
        Handle, Handle, *const c_char, *mut *const u64, *mut u64, *mut *const f32
    ) -> c_int;
    booster_slice: "XGBoosterSlice"(Handle, c_int, c_int, c_int, *mut Handle) -> c_int;
    booster_save: "XGBoosterSaveModelToBuffer"(
        Handle, *const c_char, *mut u64, *mut *const c_char
    ) -> c_int;
    booster_free: "XGBoosterFree"(Handle) -> c_int;
}

/// XGBoost, loaded for the rest of the process's life.
#[derive(Clone)]
pub struct Library {
    functions: Functions,
    version: String,
}

impl Library {
    /// Loads XGBoost from its shared library, `libxgboost.so` of the Python package.
    ///
    /// # Errors
    /// [`LibraryError`] where there is no such file, where it is not a library or another one, and
    /// where it is another version of XGBoost than 3.4.
    pub fn open(path: &Path) -> Result<Self, LibraryError> {
        let functions = open(path, PRODUCT, Functions::find)?;
        let [mut major, mut minor, mut fix] = [0; 3];
        // SAFETY: writes three numbers to the places that it is given.
        unsafe { (functions.version)(&raw mut major, &raw mut minor, &raw mut fix) };
        let version = format!("{major}.{minor}.{fix}");
        if [major, minor] != SUPPORTED.map(u32::cast_signed) {
            return Err(LibraryError::Version {
                path: path.to_owned(),
                product: PRODUCT,
                found: version,
            });
        }
        Ok(Self { functions, version })
    }

    /// XGBoost's version: `3.4.1`.
    pub fn version(&self) -> &str {
        &self.version
    }
}

impl std::fmt::Debug for Library {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Library").field("version", &self.version).finish_non_exhaustive()
    }
}

/// Takes XGBoost's log, a message a call, and drops it.
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
        Err(CallError(gist(&text.to_string_lossy())))
    }

    /// Drops the log of the calling thread.
    fn silence(&self) {
        // SAFETY: `drop_log` lives as long as the program, and touches nothing.
        unsafe { (self.register_log)(drop_log) };
    }

    /// Frees a booster.
    fn free_booster(&self, handle: Handle) {
        self.silence();
        // SAFETY: the callers give each live handle once, and do not use it again.
        unsafe { (self.booster_free)(handle) };
    }
}

/// How XGBoost is told of an array: NumPy's array interface, as JSON. It holds for as long as the
/// values stay where they are.
fn interface(values: &[f32], shape: &[usize]) -> Result<CString, CallError> {
    let address = values.as_ptr() as usize;
    c_string(&format!(
        r#"{{"data": [{address}, true], "shape": {shape:?}, "typestr": "<f4", "version": 3}}"#
    ))
}

/// Rows as XGBoost keeps them.
pub(super) struct DMatrix {
    functions: Functions,
    handle: Handle,
    rows: usize,
    columns: usize,
}

impl DMatrix {
    /// Copies rows, in which NaN is a missing value.
    pub(super) fn new(library: &Library, rows: &Matrix) -> Result<Self, CallError> {
        let functions = library.functions;
        if rows.values().is_empty() {
            return Err(CallError("there are no rows".to_owned()));
        }
        let mut handle = ptr::null_mut();
        functions.silence();
        let array = interface(rows.values(), &[rows.rows(), rows.columns()])?;
        let config = cr#"{"missing": NaN, "nthread": 1}"#;
        // SAFETY: the array is `rows * columns` floats, row by row, that live until the call, which
        // copies them, is over.
        functions.check(unsafe {
            (functions.matrix_create)(array.as_ptr(), config.as_ptr(), &raw mut handle)
        })?;
        Ok(Self { functions, handle, rows: rows.rows(), columns: rows.columns() })
    }

    /// Sets the classes, `[rows]`.
    pub(super) fn set_labels(&mut self, labels: &[f32]) -> Result<(), CallError> {
        self.set(c"label", labels)
    }

    /// Sets the rows' weights, `[rows]`.
    pub(super) fn set_weights(&mut self, weights: &[f32]) -> Result<(), CallError> {
        self.set(c"weight", weights)
    }

    fn set(&mut self, field: &CStr, values: &[f32]) -> Result<(), CallError> {
        if values.len() != self.rows {
            return Err(CallError(format!("{} values for {} rows", values.len(), self.rows)));
        }
        let (functions, array) = (self.functions, interface(values, &[values.len()])?);
        functions.silence();
        // SAFETY: the handle is live and not shared; the array is `values`, which the call copies.
        functions
            .check(unsafe { (functions.matrix_set)(self.handle, field.as_ptr(), array.as_ptr()) })
    }

    /// Says what each column holds, `[columns]`: `q` for numbers, `c` for categories.
    pub(super) fn set_types(&mut self, types: &[String]) -> Result<(), CallError> {
        let (functions, handle) = (self.functions, self.handle);
        // SAFETY: the handle is live and not shared; `with_texts` gives pointers that hold.
        with_texts(types, self.columns, |texts, count| unsafe {
            functions.silence();
            let field = c"feature_type".as_ptr();
            functions.check((functions.matrix_set_texts)(handle, field, texts, count))
        })
    }
}

/// Calls with pointers to a text for each of so many columns; they hold until the call is over.
fn with_texts(
    texts: &[String],
    columns: usize,
    call: impl FnOnce(*const *const c_char, u64) -> Result<(), CallError>,
) -> Result<(), CallError> {
    if texts.len() != columns {
        return Err(CallError(format!("{} texts for {columns} columns", texts.len())));
    }
    let texts = texts.iter().map(|text| c_string(text)).collect::<Result<Vec<_>, _>>()?;
    let pointers: Vec<*const c_char> = texts.iter().map(|text| text.as_ptr()).collect();
    call(pointers.as_ptr(), pointers.len() as u64)
}

impl Drop for DMatrix {
    fn drop(&mut self) {
        self.functions.silence();
        // SAFETY: the handle came from `matrix_create` and is freed once. A session that has
        // trained on it owns it.
        unsafe { (self.functions.matrix_free)(self.handle) };
    }
}

// SAFETY: XGBoost keeps the rows behind the handle, none of them tied to a thread.
unsafe impl Send for DMatrix {}

/// A training under way, with the rows that it reads.
pub(super) struct Session {
    functions: Functions,
    handle: Handle,
    /// The rows trained on, then those that are evaluated. XGBoost keeps the margins of these rows,
    /// and adds each new tree to them.
    rows: Vec<DMatrix>,
    rounds: usize,
    /// Margins of a row.
    width: usize,
}

impl Session {
    /// Begins a training on the rows `train`, which evaluates `sets` on the way; its trees make
    /// `width` margins a row.
    pub(super) fn new(
        train: DMatrix,
        sets: Vec<DMatrix>,
        parameters: &[(&str, String)],
        width: usize,
    ) -> Result<Self, CallError> {
        let functions = train.functions;
        let mut rows = vec![train];
        rows.extend(sets);
        let handles: Vec<Handle> = rows.iter().map(|rows| rows.handle).collect();
        let mut handle = ptr::null_mut();
        functions.silence();
        // SAFETY: `handles` holds as many live handles as it is said to, and the session keeps them
        // as long as itself.
        functions.check(unsafe {
            (functions.booster_create)(handles.as_ptr(), handles.len() as u64, &raw mut handle)
        })?;
        // From here on `drop` frees the handle, whatever fails.
        let session = Self { functions, handle, rows, rounds: 0, width };
        for (name, value) in parameters {
            let (name, value) = (c_string(name)?, c_string(value)?);
            // SAFETY: the handle is live and not shared; both texts end with a NUL.
            functions
                .check(unsafe { (functions.booster_set)(handle, name.as_ptr(), value.as_ptr()) })?;
        }
        Ok(session)
    }

    /// Sets what the model's text says of each column, `[columns]`: their names as `feature_name`, what
    /// they hold as `feature_type`.
    pub(super) fn set_texts(&mut self, field: &CStr, texts: &[String]) -> Result<(), CallError> {
        let (functions, handle) = (self.functions, self.handle);
        let columns = self.rows.first().map_or(0, |rows| rows.columns);
        // SAFETY: the handle is live and not shared; `with_texts` gives pointers that hold.
        with_texts(texts, columns, |texts, count| unsafe {
            functions.silence();
            let field = field.as_ptr();
            functions.check((functions.booster_set_texts)(handle, field, texts, count))
        })
    }

    /// Trains one round.
    pub(super) fn update(&mut self) -> Result<(), CallError> {
        let (functions, round) = (self.functions, c_count(self.rounds)?);
        let train = self.rows.first().map_or(ptr::null_mut(), |rows| rows.handle);
        functions.silence();
        // SAFETY: both handles are live and not shared.
        functions.check(unsafe { (functions.booster_update)(self.handle, round, train) })?;
        self.rounds += 1;
        Ok(())
    }

    /// Rounds trained so far.
    pub(super) fn rounds(&self) -> usize {
        self.rounds
    }

    /// The margins of rows after the last round, `[rows, width]`.
    pub(super) fn margins(&mut self, place: usize) -> Result<Vec<f32>, CallError> {
        let functions = self.functions;
        let no_rows = || CallError(format!("there are no rows {place}"));
        let rows = self.rows.get(place).ok_or_else(no_rows)?;
        let config = cr#"{"type": 1, "training": false, "iteration_begin": 0, "iteration_end": 0,
            "strict_shape": true}"#;
        let (mut shape, mut dimensions, mut values) = (ptr::null(), 0, ptr::null());
        functions.silence();
        // SAFETY: both handles are live and not shared, and the places to write to are of the types
        // that the header names.
        functions.check(unsafe {
            let (shape, dimensions, values) =
                (&raw mut shape, &raw mut dimensions, &raw mut values);
            let config = config.as_ptr();
            (functions.booster_predict)(self.handle, rows.handle, config, shape, dimensions, values)
        })?;
        let wanted = [rows.rows as u64, self.width as u64];
        // SAFETY: the call has set `shape` to an array of `dimensions` numbers.
        if dimensions != 2 || *unsafe { slice::from_raw_parts(shape, 2) } != wanted {
            return Err(CallError("gives predictions of another shape".to_owned()));
        }
        // SAFETY: the call has set `values` to an array of that shape, which stays until the next
        // call of this thread with this handle.
        Ok(unsafe { slice::from_raw_parts(values, rows.rows * self.width) }.to_vec())
    }

    /// The JSON text of the model of the first rounds, at least one and at most all.
    pub(super) fn text(&mut self, rounds: usize) -> Result<String, CallError> {
        if rounds == self.rounds {
            return self.text_of(self.handle);
        }
        let (functions, end) = (self.functions, c_count(rounds)?);
        let mut part = ptr::null_mut();
        functions.silence();
        // SAFETY: the handle is live and not shared.
        functions
            .check(unsafe { (functions.booster_slice)(self.handle, 0, end, 1, &raw mut part) })?;
        let text = self.text_of(part);
        functions.free_booster(part);
        text
    }

    fn text_of(&self, handle: Handle) -> Result<String, CallError> {
        let functions = self.functions;
        let (mut length, mut start) = (0, ptr::null());
        functions.silence();
        // SAFETY: the handle is live and not shared.
        functions.check(unsafe {
            let config = cr#"{"format": "json"}"#.as_ptr();
            (functions.booster_save)(handle, config, &raw mut length, &raw mut start)
        })?;
        if start.is_null() {
            return Err(CallError("gives no text".to_owned()));
        }
        let length = usize::try_from(length).unwrap_or(0);
        // SAFETY: the call has set `start` to `length` bytes, which stay until the next call of this
        // thread with this handle.
        let bytes = unsafe { slice::from_raw_parts(start.cast::<u8>(), length) };
        let not_text = |_| CallError("gives text that is not UTF-8".to_owned());
        String::from_utf8(bytes.to_vec()).map_err(not_text)
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.functions.free_booster(self.handle);
    }
}

// SAFETY: XGBoost keeps a training's state behind the handle, its random numbers among it; what it
// keeps by thread (the log, the last error, what a call returns) is set or read within each call.
unsafe impl Send for Session {}
