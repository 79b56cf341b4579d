//! Trained models.

use super::knn::Knn;
use super::learner::FitError;
use super::shape::Shape;
use super::stored::{ModelFile, Numbers, Stored};
use crate::boosting::Booster;
use crate::engine::Engine;
use crate::examples::Matrix;
use crate::logistic::Linear;
use crate::metrics::log_softmax;
use crate::network::{Architecture, Weights};
use crate::spec::Family;
use crate::trees::{Forest, ForestArrays};
use crate::xgboost;

/// The lower bound of a probability before its logarithm is taken, as scikit-learn's `log_loss`
/// does: a tree may be sure.
pub const LEAST_PROBABILITY: f64 = f64::EPSILON;

/// The file of a model that LightGBM opens, and of one that XGBoost opens.
const LIGHTGBM_TEXT: &str = "model.txt";
const XGBOOST_TEXT: &str = "xgboost.json";

/// A trained model of any family.
#[derive(Debug, Clone)]
pub enum Fitted {
    /// Of [`Family::Mlp`].
    Network(Network),
    /// Of [`Family::LogisticRegression`].
    Linear(Linear),
    /// Of [`Family::RandomForest`] or [`Family::ExtraTrees`].
    Forest(Forest),
    /// Of [`Family::GradientBoosting`].
    Booster(Booster),
    /// Of [`Family::Xgboost`].
    Xgboost(xgboost::Booster),
    /// Of [`Family::Knn`].
    Knn(Knn),
    /// Of a family that only tests know.
    #[cfg(test)]
    Toy(super::toy::Toy),
}

/// A trained network.
#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// The layers.
    pub architecture: Architecture,
    /// Probability of zeroing a hidden unit with which it was trained.
    pub dropout: f64,
    /// The weights.
    pub weights: Weights,
}

impl Fitted {
    /// Log-probabilities `[rows, classes]` of prepared rows. A row's probabilities depend on no other row.
    ///
    /// # Errors
    /// [`FitError`] when memory does not suffice, or the rows are not of the model's width.
    pub fn log_probabilities(
        &self,
        engine: &dyn Engine,
        rows: &Matrix,
    ) -> Result<Vec<f64>, FitError> {
        match self {
            Self::Network(Network { architecture, weights, .. }) => {
                let logits = engine.logits(architecture, weights, rows)?;
                let mut logs: Vec<f64> = logits.into_iter().map(f64::from).collect();
                logs.chunks_exact_mut(architecture.classes).for_each(log_softmax);
                Ok(logs)
            }
            Self::Linear(linear) => Ok(linear.log_probabilities(rows)?),
            Self::Forest(forest) => Ok(logarithms(forest.probabilities(rows))),
            Self::Booster(booster) => Ok(logarithms(booster.probabilities(rows)?)),
            Self::Xgboost(booster) => Ok(logarithms(booster.probabilities(rows)?)),
            Self::Knn(knn) => Ok(logarithms(knn.probabilities(rows)?)),
            #[cfg(test)]
            Self::Toy(toy) => Ok(toy.log_probabilities(rows.rows())),
        }
    }

    /// The bytes from which [`super::Recipe::restore`] restores it.
    pub fn to_bytes(&self) -> Vec<u8> {
        match self {
            Self::Network(network) => {
                let values = network.weights.tensors().into_iter().flatten();
                values.flat_map(|value| value.to_le_bytes()).collect()
            }
            Self::Linear(linear) => {
                let numbers = linear.weights().iter().chain(linear.intercepts());
                numbers.flat_map(|number| number.to_le_bytes()).collect()
            }
            Self::Forest(forest) => forest.to_bytes(),
            Self::Booster(booster) => booster.text().as_bytes().to_vec(),
            Self::Xgboost(booster) => booster.text().as_bytes().to_vec(),
            Self::Knn(knn) => (knn.n_neighbors as u32).to_le_bytes().to_vec(),
            #[cfg(test)]
            Self::Toy(toy) => toy.to_bytes(),
        }
    }

    /// Its entry in model.json.
    pub fn shape(&self) -> Shape {
        match self {
            Self::Network(network) => Shape::of_network(network),
            Self::Knn(knn) => Shape::of_neighbours(knn),
            _ => Shape::default(),
        }
    }

    /// The tensors of its file.
    ///
    /// # Errors
    /// [`FitError`] where they are more than a file takes.
    pub fn tensors(&self) -> Result<Vec<Stored>, FitError> {
        Ok(match self {
            Self::Network(network) => network.stored(),
            Self::Linear(linear) => {
                let shape = vec![linear.classes(), linear.columns()];
                let numbers = Numbers::F64(linear.weights().to_vec());
                let intercepts = Numbers::F64(linear.intercepts().to_vec());
                vec![
                    Stored { name: "coef".to_owned(), shape, numbers },
                    Stored::vector("intercept", intercepts),
                ]
            }
            Self::Forest(forest) => of_forest(forest.arrays()?, forest.classes as usize),
            Self::Booster(_) | Self::Xgboost(_) => Vec::new(),
            Self::Knn(knn) => knn.stored(),
            #[cfg(test)]
            Self::Toy(toy) => toy.stored(),
        })
    }

    /// The name and the text of its file; `None` if it is not text.
    pub fn text(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::Booster(booster) => Some((LIGHTGBM_TEXT, booster.text())),
            Self::Xgboost(booster) => Some((XGBOOST_TEXT, booster.text())),
            _ => None,
        }
    }

    /// The name of the file of a family's models; `None` if it is not text.
    pub fn text_name(family: Family) -> Option<&'static str> {
        match family {
            Family::GradientBoosting => Some(LIGHTGBM_TEXT),
            Family::Xgboost => Some(XGBOOST_TEXT),
            _ => None,
        }
    }

    /// The model that its file holds; its entry in model.json has been checked.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub fn of(
        family: Family,
        shape: &Shape,
        (inputs, classes): (usize, usize),
        file: &dyn ModelFile,
    ) -> Result<Self, String> {
        match family {
            Family::Mlp => shape.network(file).map(Self::Network),
            Family::LogisticRegression => {
                let weights = file.tensor("coef")?.f64(&[classes, inputs])?;
                let intercepts = file.tensor("intercept")?.f64(&[classes])?;
                let linear = Linear::new(classes, inputs, weights, intercepts);
                linear.map(Self::Linear).map_err(|error| error.to_string())
            }
            Family::RandomForest | Family::ExtraTrees => {
                let arrays = forest_arrays(file, classes)?;
                let forest = Forest::from_arrays(&arrays, inputs as u32, classes as u32);
                forest.map(Self::Forest).map_err(|error| error.to_string())
            }
            Family::GradientBoosting => {
                let booster = Booster::parse(file.text()?).map_err(|error| error.to_string())?;
                is_of((booster.names().len(), booster.classes()), (inputs, classes))?;
                Ok(Self::Booster(booster))
            }
            Family::Xgboost => {
                let booster = xgboost::Booster::parse(file.text()?);
                let booster = booster.map_err(|error| error.to_string())?;
                is_of((booster.columns(), booster.classes()), (inputs, classes))?;
                Ok(Self::Xgboost(booster))
            }
            Family::Knn => shape.neighbours((inputs, classes), file).map(Self::Knn),
            #[cfg(test)]
            Family::Toy => super::toy::Toy::read(classes, file).map(Self::Toy),
        }
    }

    /// Whether it needs a Python module that `torch.nn` lacks.
    pub fn needs_code(&self) -> bool {
        match self {
            Self::Network(network) => network.architecture.embedding.is_some(),
            _ => false,
        }
    }
}

/// Whether a model has the inputs and classes that are wanted.
fn is_of(found: (usize, usize), (inputs, classes): (usize, usize)) -> Result<(), String> {
    if found == (inputs, classes) {
        return Ok(());
    }
    Err(format!(
        "it takes {} inputs for {} classes, and model.json says {inputs} for {classes}",
        found.0, found.1
    ))
}

fn logarithms(mut probabilities: Vec<f64>) -> Vec<f64> {
    for probability in &mut probabilities {
        *probability = probability.max(LEAST_PROBABILITY).ln();
    }
    probabilities
}

/// The arrays of a forest as tensors under their own names.
fn of_forest(arrays: ForestArrays, classes: usize) -> Vec<Stored> {
    let leaves = arrays.shares.len().checked_div(classes).unwrap_or(0);
    vec![
        Stored::vector("tree_starts", Numbers::U32(arrays.tree_starts)),
        Stored::vector("feature", Numbers::I32(arrays.feature)),
        Stored::vector("threshold", Numbers::F32(arrays.threshold)),
        Stored::vector("left", Numbers::U32(arrays.left)),
        Stored::vector("right", Numbers::U32(arrays.right)),
        Stored::vector("missing_left", Numbers::U8(arrays.missing_left)),
        Stored {
            name: "shares".to_owned(),
            shape: vec![leaves, classes],
            numbers: Numbers::F32(arrays.shares),
        },
    ]
}

fn forest_arrays(file: &dyn ModelFile, classes: usize) -> Result<ForestArrays, String> {
    let of = |name: &str| {
        let tensor = file.tensor(name)?;
        let count = tensor.numbers.len();
        Ok::<_, String>((tensor, count))
    };
    let (tree_starts, starts) = of("tree_starts")?;
    let (feature, nodes) = of("feature")?;
    let (shares, count) = of("shares")?;
    Ok(ForestArrays {
        tree_starts: tree_starts.u32(&[starts])?,
        feature: feature.i32(&[nodes])?,
        threshold: file.tensor("threshold")?.f32(&[nodes])?,
        left: file.tensor("left")?.u32(&[nodes])?,
        right: file.tensor("right")?.u32(&[nodes])?,
        missing_left: file.tensor("missing_left")?.u8(&[nodes])?,
        shares: shares.f32(&[count / classes.max(1), classes])?,
    })
}
