//! Which inputs of a network are one feature.

use std::collections::HashMap;

use super::Pipeline;

/// A feature as it was before it was encoded, and the network's inputs that tell of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feature {
    /// The column's name.
    pub name: String,
    /// Places among the inputs, ascending, at least one.
    pub inputs: Vec<usize>,
}

impl Pipeline {
    /// The features, in the order of their first inputs: what `one_hot` and `bins` make of a column, and
    /// the column itself where it stays, are one. What other steps make are features of their own.
    pub fn features(&self) -> Vec<Feature> {
        let made: Vec<(&str, Vec<String>)> =
            self.steps.iter().flat_map(|step| step.encoded()).collect();
        let parents: HashMap<&str, &str> = made
            .iter()
            .flat_map(|(column, names)| names.iter().map(|name| (name.as_str(), *column)))
            .collect();
        let mut features: Vec<Feature> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (input, name) in self.inputs.iter().enumerate() {
            // What is made of a column has a longer name than it, so this ends.
            let mut name = name.as_str();
            while let Some(parent) = parents.get(name) {
                name = parent;
            }
            let place = *places.entry(name).or_insert(features.len());
            match features.get_mut(place) {
                Some(feature) => feature.inputs.push(input),
                None => features.push(Feature { name: name.to_owned(), inputs: vec![input] }),
            }
        }
        features
    }
}
