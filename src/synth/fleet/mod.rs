//! A fleet of machines with planted precursors: five tables, after Microsoft's for Azure.
//!
//! Source: the tables `PdM_*.csv` of Microsoft's Predictive Maintenance Modelling Guide: 100
//! machines, hourly from 2015-01-01 06:00 to 2016-01-01 06:00. Rules and rates were read off those
//! tables:
//!
//! - A machine is visited at 06:00 on every 15th day. A visit replaces none, one or two of the four
//!   components, whichever they are and however old (`upkeep`).
//! - A replaced component has failed where `Component::fails` says so, else its time had come. So
//!   every failure has its row in the maintenance table.
//! - A failing component shifts its reading from 48 hours before the failure until it, and raises
//!   its errors 24 hours before (`Component`).
//! - The same shifts and the same errors come and go without a failure, too: two and a half times
//!   as many shifts as failures, three times as many errors as precursors. Only together do they
//!   tell.
//!
//! Not copied are 18 published failures, all at 2015-01-02 03:00, that have neither errors nor a
//! replacement. Here a failure lies 24 hours after the first hour at the earliest, so its errors
//! are there; and one after the last hour casts no shadow into the tables.
//!
//! Every machine has streams of its own, so a fleet begins with the machines of a smaller one.

mod clock;
mod component;
mod machine;
mod telemetry;
mod upkeep;
mod warnings;

use std::io::{self, BufWriter, Write};

use machine::Machine;

/// A fleet to be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fleet {
    /// Number of machines.
    pub machines: u16,
    /// Days from the first hour of telemetry to the last.
    pub days: u16,
    /// Seed of the random numbers.
    pub seed: u64,
}

/// One of a fleet's five tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FleetTable {
    /// `datetime,machineID,volt,rotate,pressure,vibration`: a row a machine and hour.
    Telemetry,
    /// `datetime,machineID,errorID`: errors that stop no machine.
    Errors,
    /// `datetime,machineID,comp`: components replaced, from seven months before the telemetry on.
    Maintenance,
    /// `datetime,machineID,failure`: components that failed.
    Failures,
    /// `machineID,model,age`: a row a machine; ages in years.
    Machines,
}

impl FleetTable {
    /// Every table, the largest first.
    pub const ALL: [Self; 5] =
        [Self::Telemetry, Self::Errors, Self::Maintenance, Self::Failures, Self::Machines];

    /// The name of the published file.
    pub const fn file_name(self) -> &'static str {
        match self {
            Self::Telemetry => "PdM_telemetry.csv",
            Self::Errors => "PdM_errors.csv",
            Self::Maintenance => "PdM_maint.csv",
            Self::Failures => "PdM_failures.csv",
            Self::Machines => "PdM_machines.csv",
        }
    }

    const fn header(self) -> &'static str {
        match self {
            Self::Telemetry => "datetime,machineID,volt,rotate,pressure,vibration\n",
            Self::Errors => "datetime,machineID,errorID\n",
            Self::Maintenance => "datetime,machineID,comp\n",
            Self::Failures => "datetime,machineID,failure\n",
            Self::Machines => "machineID,model,age\n",
        }
    }
}

impl Fleet {
    /// Writes one of the tables as CSV: comma, LF, header first, ordered by machine, then time.
    ///
    /// The bytes depend on the fleet and the table alone, whatever other tables are written.
    /// Machines are made one by one: memory use does not grow with their number. `out` needs no
    /// buffer.
    ///
    /// # Errors
    ///
    /// What `out` answers where it takes no more bytes.
    pub fn write(self, table: FleetTable, out: &mut impl Write) -> io::Result<()> {
        let mut out = BufWriter::new(out);
        out.write_all(table.header().as_bytes())?;
        let times = match table {
            FleetTable::Telemetry => clock::hourly(self.hours()),
            _ => Vec::new(),
        };
        for id in 1..=self.machines {
            let machine = Machine::draw(self.seed, id);
            match table {
                FleetTable::Telemetry => telemetry::write_rows(machine, &times, &mut out)?,
                FleetTable::Errors => warnings::write_rows(machine, self.hours(), &mut out)?,
                FleetTable::Maintenance => upkeep::write_rows(machine, self.hours(), &mut out)?,
                FleetTable::Failures => upkeep::write_failures(machine, self.hours(), &mut out)?,
                FleetTable::Machines => machine.write_row(&mut out)?,
            }
        }
        out.flush()
    }

    /// Hours of telemetry, the first and the last included.
    fn hours(self) -> i64 {
        i64::from(self.days) * 24 + 1
    }
}
