//! The integration tests: the real binary in a temporary folder, the rooms against their peers.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::float_cmp,
    clippy::print_stderr,
    // Tests read better short: a table built by format!, an assertion handed on whole.
    clippy::format_collect,
    clippy::needless_pass_by_value,
    clippy::unused_self
)]

mod support;

mod adversarial_folders;
mod adversarial_models;
mod adversarial_names;
mod bad_grids;
mod bad_input;
mod balance_checker;
mod balance_golden;
mod balance_properties;
mod bins;
mod browser;
mod class_weights;
mod combined_models;
mod compare;
mod csv_loading;
mod csv_properties;
mod curves_by_class;
mod curves_golden;
mod determinism;
mod embeddings;
mod engine_rates;
mod engines;
mod epochs_axis;
mod explore;
mod explore_doubts;
mod explore_golden;
mod explore_times;
mod failing_trials;
mod families;
mod family_files;
mod family_mistakes;
mod family_table;
mod final_models;
mod fuzz;
mod grid_mistakes;
mod grids;
mod importance;
mod interruption;
mod intervals;
mod journals;
mod judging;
mod layering;
mod leaks;
mod memory;
mod metrics_golden;
mod metrics_properties;
mod model_files;
mod norms;
mod obstacles;
mod outputs;
mod preparation;
mod pytorch;
mod pytorch_schedules;
mod ranking;
mod real_spellings;
mod regularisers;
mod repeats;
mod report_charts;
mod resuming;
mod schedules;
mod servers;
mod sources_files;
mod sources_sql;
mod sources_sqlite;
mod split_properties;
mod splits_cli;
mod splits_golden;
mod steps;
mod steps_on_train_rows;
mod synth_ai4i;
mod synth_bytes;
mod synth_cli;
mod synth_fleet;
mod synth_motor;
mod variants;
