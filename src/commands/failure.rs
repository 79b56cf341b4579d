//! Exit codes, and which error gives which.

use std::fmt;
use std::process::ExitCode;

use crate::data::DataError;
use crate::engine::EngineError;
use crate::engine::device::DeviceError;
use crate::explore::ExploreError;
use crate::families::{FitError, UnknownClass};
use crate::finals::FinalModelsError;
use crate::metrics::MetricsError;
use crate::model::ModelError;
use crate::predict::PredictError;
use crate::prepare::{NotReady, PrepareError};
use crate::record::RecordError;
use crate::report::ReportError;
use crate::spec::SpecError;
use crate::sweep::RetrainError;

/// The exit codes that `--help` lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Exit {
    Done = 0,
    Other = 1,
    Usage = 2,
    Grid = 3,
    Data = 4,
    Output = 5,
    Device = 6,
    NothingFinished = 7,
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// An error with its exit code.
#[derive(Debug)]
pub(super) struct Failure {
    exit: Exit,
    error: anyhow::Error,
    /// Advice, if any.
    advice: Option<String>,
}

impl Failure {
    /// Whether the journal belongs to another run, so that nothing can be resumed.
    pub fn is_refusal(&self) -> bool {
        matches!(self.error.downcast_ref(), Some(RecordError::Journal(_)))
    }

    /// An error that no other room has a type for.
    pub fn new(exit: Exit, text: String) -> Self {
        Self::of(exit, anyhow::Error::msg(text))
    }

    fn of(exit: Exit, error: anyhow::Error) -> Self {
        Self { exit, error, advice: None }
    }

    /// The same with advice.
    pub fn advise(self, advice: String) -> Self {
        Self { advice: Some(advice), ..self }
    }

    /// The advice.
    pub fn advice(&self) -> Option<&str> {
        self.advice.as_deref()
    }

    /// A silent end: the reader of the output has gone away.
    pub fn silent(exit: Exit) -> Self {
        Self::new(exit, String::new())
    }

    /// Whether there is nothing to say.
    pub fn is_silent(&self) -> bool {
        self.error.to_string().is_empty()
    }

    /// The exit code.
    pub fn exit(&self) -> Exit {
        self.exit
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.error)
    }
}

/// Gives an error type its exit code.
macro_rules! exits {
    ($($error:ty => $exit:ident),* $(,)?) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::of(Exit::$exit, error.into())
            }
        }
    )*};
}

exits! {
    SpecError => Grid,
    DataError => Data,
    PrepareError => Data,
    ExploreError => Data,
    NotReady => Data,
    UnknownClass => Data,
    MetricsError => Data,
    DeviceError => Device,
    EngineError => Other,
    RetrainError => Other,
    RecordError => Output,
    rayon::ThreadPoolBuildError => Other,
}

impl From<FitError> for Failure {
    fn from(error: FitError) -> Self {
        let missing = matches!(error, FitError::Library(_));
        Self::of(if missing { Exit::Device } else { Exit::Other }, error.into())
    }
}

impl From<FinalModelsError> for Failure {
    fn from(error: FinalModelsError) -> Self {
        match error {
            FinalModelsError::Retrain(error) => error.into(),
            FinalModelsError::Fit(error) => error.into(),
            FinalModelsError::Engine(error) => error.into(),
            FinalModelsError::Metrics(error) => error.into(),
            FinalModelsError::Class(error) => error.into(),
            FinalModelsError::Stacking(_) => Self::of(Exit::Data, error.into()),
        }
    }
}

impl From<PredictError> for Failure {
    fn from(error: PredictError) -> Self {
        match error {
            PredictError::Prepare(error) => error.into(),
            PredictError::Fit(error) => error.into(),
            PredictError::Rows => Self::of(Exit::Data, error.into()),
        }
    }
}

impl From<ModelError> for Failure {
    fn from(error: ModelError) -> Self {
        let exit = match &error {
            ModelError::NotFound { .. } | ModelError::Unusable { .. } => Exit::Data,
            ModelError::Record(_) => Exit::Output,
        };
        Self::of(exit, error.into())
    }
}

impl From<ReportError> for Failure {
    fn from(error: ReportError) -> Self {
        let written = matches!(error, ReportError::Write(_) | ReportError::Draw { .. });
        Self::of(if written { Exit::Output } else { Exit::Data }, error.into())
    }
}
