//! The devices that a run trains on.

use tch::{Cuda, Device};

use super::cuda_library::load_cuda;
use crate::engine::device::{DeviceChoice, DeviceError};
use crate::plural::counted;

/// Devices to train on: the CPU, or one or more CUDA devices.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placement {
    devices: Vec<Device>,
    /// Why a GPU that seems to be there is not used.
    pub note: Option<String>,
}

impl Placement {
    /// Finds the devices that were asked for.
    ///
    /// Call it before any worker thread starts: it also keeps libtorch from opening a thread pool
    /// of its own inside every worker.
    ///
    /// # Errors
    /// [`DeviceError`] lists the devices that are there.
    pub fn find(choice: &DeviceChoice) -> Result<Self, DeviceError> {
        tch::set_num_threads(1);
        if *choice == DeviceChoice::Cpu {
            return Ok(Self::cpu());
        }
        let found = load_cuda().map(|()| usize::try_from(Cuda::device_count()).unwrap_or(0));
        let count = *found.as_ref().unwrap_or(&0);
        let refuse = |asked: String| {
            let cuda = (0..count).map(|number| format!(", cuda:{number}"));
            let available = std::iter::once("cpu".to_owned()).chain(cuda).collect();
            let reason = match &found {
                Ok(0) => "the driver finds no GPU".to_owned(),
                Ok(count) => format!("this machine has {}", counted(*count, "CUDA device")),
                Err(missing) => missing.reason.clone(),
            };
            Err(DeviceError { asked, reason, available })
        };
        let numbers = match choice {
            DeviceChoice::Auto | DeviceChoice::Cpu if count == 0 => {
                let half = found.err().filter(|missing| missing.driver_is_there);
                return Ok(Self { note: half.map(|missing| missing.reason), ..Self::cpu() });
            }
            DeviceChoice::Cuda if count == 0 => return refuse("cuda".to_owned()),
            DeviceChoice::CudaDevices(numbers) => {
                match numbers.iter().find(|&&number| number >= count) {
                    Some(number) => return refuse(format!("cuda:{number}")),
                    None => numbers.clone(),
                }
            }
            DeviceChoice::Auto | DeviceChoice::Cpu | DeviceChoice::Cuda => (0..count).collect(),
        };
        Ok(Self { devices: numbers.into_iter().map(Device::Cuda).collect(), note: None })
    }

    fn cpu() -> Self {
        Self { devices: vec![Device::Cpu], note: None }
    }

    /// The devices, one worker each; the CPU takes any number of workers.
    pub(super) fn devices(&self) -> &[Device] {
        &self.devices
    }

    /// How many workers keep the devices busy, when `jobs` threads were asked for.
    pub fn workers(&self, jobs: usize) -> usize {
        if self.on_cpu() { jobs.max(1) } else { self.devices.len() }
    }

    /// Whether the CPU trains.
    pub fn on_cpu(&self) -> bool {
        self.devices == [Device::Cpu]
    }

    /// The most networks of a pack on these devices, each on all folds: on a CPU as many as stay in its caches, on a
    /// GPU as many as it takes to fill it.
    pub(super) fn pack_size(&self) -> usize {
        if self.on_cpu() { 8 } else { 256 }
    }
}

impl std::fmt::Display for Placement {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names: Vec<String> = self
            .devices
            .iter()
            .map(|device| match device {
                Device::Cuda(number) => format!("cuda:{number}"),
                _ => "cpu".to_owned(),
            })
            .collect();
        formatter.write_str(&names.join(","))
    }
}
