//! `--plot`: a picture of what each processor did in which superstep.

use std::{
    collections::{BTreeMap, HashMap},
    path::PathBuf,
    time::Duration,
};

use plotters::{
    chart::ChartBuilder,
    drawing::{DrawingAreaErrorKind, IntoDrawingArea},
    element::Rectangle,
    prelude::SVGBackend,
    style::{Color, Palette, Palette99, RGBColor, WHITE},
};
use ttvm_machine::{TelemetryEvent, TelemetryKind};

use crate::{failure::Failure, files};

/// Pieces that a picture has at most: some 200 bytes each.
const PIECES_MAX: usize = 100_000;

/// The size of the picture.
const WIDTH: u32 = 1_200;
const HEIGHT_MIN: u32 = 300;
const HEIGHT_MAX: u32 = 2_000;
const HEIGHT_PER_PROCESSOR: u32 = 24;

const GREY: RGBColor = RGBColor(225, 225, 225);

/// What is drawn of a computation.
pub struct Plot {
    path: PathBuf,
    computation: String,
    processors: u32,
    pieces: Vec<Piece>,
    /// Who waits at the barrier of a superstep, and since when.
    waiting: BTreeMap<u64, HashMap<u32, Duration>>,
    is_cut: bool,
}

/// A time in which a processor did one thing.
struct Piece {
    processor: u32,
    from: Duration,
    to: Duration,
    /// The superstep it computed in; none if it waited.
    superstep: Option<u64>,
}

impl Plot {
    /// An empty picture for a file.
    pub fn new(path: PathBuf, computation: &str) -> Self {
        Self {
            path,
            computation: computation.to_owned(),
            processors: 0,
            pieces: Vec::new(),
            waiting: BTreeMap::new(),
            is_cut: false,
        }
    }

    /// Notes what has happened.
    pub fn note(&mut self, event: &TelemetryEvent<'_>) {
        match event.kind {
            TelemetryKind::CoordinatorInitialized { processors } => self.processors = processors,
            TelemetryKind::ComputeCompleted { processor, duration, .. } => {
                let from = event.time.saturating_sub(duration);
                self.push(Piece { processor, from, to: event.time, superstep: Some(event.superstep) });
            }
            TelemetryKind::BarrierReached { processor } => {
                self.waiting.entry(event.superstep).or_default().insert(processor, event.time);
            }
            TelemetryKind::SuperstepCompleted { .. } => {
                let waited = self.waiting.remove(&event.superstep).unwrap_or_default();
                for (processor, from) in waited {
                    self.push(Piece { processor, from, to: event.time, superstep: None });
                }
            }
            _ => {}
        }
    }

    fn push(&mut self, piece: Piece) {
        if self.pieces.len() < PIECES_MAX {
            self.pieces.push(piece);
        } else {
            self.is_cut = true;
        }
    }

    /// Writes the picture.
    ///
    /// # Errors
    /// [`Failure::Write`].
    pub fn write(&self) -> Result<(), Failure> {
        let mut text = String::new();
        self.draw(&mut text).map_err(|error| Failure::Write {
            path: self.path.clone(),
            error: std::io::Error::other(error.to_string()),
        })?;
        files::write(&self.path, text.as_bytes())
    }

    fn draw(&self, text: &mut String) -> Result<(), DrawingAreaErrorKind<std::io::Error>> {
        let height = self.processors.saturating_mul(HEIGHT_PER_PROCESSOR).saturating_add(120);
        let area = SVGBackend::with_string(text, (WIDTH, height.clamp(HEIGHT_MIN, HEIGHT_MAX))).into_drawing_area();
        area.fill(&WHITE)?;
        let begin = self.pieces.iter().map(|piece| piece.from).min().unwrap_or_default();
        let end = self.pieces.iter().map(|piece| piece.to).max().unwrap_or_default();
        let milliseconds = |time: Duration| time.saturating_sub(begin).as_secs_f64() * 1e3;
        // Where no time has passed, as with virtual time, there is still an axis.
        let end = milliseconds(end).max(1e-3);
        let cut = if self.is_cut { ", the beginning" } else { "" };
        let mut chart = ChartBuilder::on(&area)
            .caption(
                format!("{}: supersteps of {} processors{cut}", self.computation, self.processors),
                ("sans-serif", 20),
            )
            .margin(12)
            .x_label_area_size(40)
            .y_label_area_size(60)
            .build_cartesian_2d(0.0..end, 0.0..f64::from(self.processors.max(1)))?;
        chart
            .configure_mesh()
            .disable_mesh()
            .x_desc("milliseconds")
            .y_desc("processor")
            .y_label_formatter(&whole)
            .draw()?;
        let rectangle = |piece: &Piece| {
            let style = match piece.superstep {
                Some(superstep) => Palette99::pick(superstep as usize % 99).filled(),
                None => GREY.filled(),
            };
            let bottom = f64::from(piece.processor);
            let corners = [(milliseconds(piece.from), bottom + 0.1), (milliseconds(piece.to), bottom + 0.9)];
            Rectangle::new(corners, style)
        };
        chart.draw_series(self.pieces.iter().map(rectangle))?;
        area.present()
    }
}

/// Processors are numbered: there are none between them.
fn whole(number: &f64) -> String {
    if number.fract() == 0.0 { number.to_string() } else { String::new() }
}
