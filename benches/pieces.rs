//! The pieces of the kernel, by the draw, the variate or the operation: one by one and side by side, with each set of
//! instructions that the processor has.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use sendpool::kernel::draws::Draws;
use sendpool::kernel::elementary::inverse_normal;
use sendpool::kernel::event_list::{EventKey, EventList};
use sendpool::kernel::line::Line;
use sendpool::kernel::samplers::exponential;
use sendpool::kernel::wide::{Blocks, Instructions, Numbers, Reals, WIDTH, exponentials, normals};
use sendpool::metrics::delay::Recorder;
use sendpool::units::{SimDuration, SimTime};

const DRAWS: u64 = WIDTH as u64;

fn uniforms() -> Reals {
    let draws = Draws::new(7, 0);
    std::array::from_fn(|index| draws.block(0, 0, index as u64).uniform(0))
}

/// Spans with an exponential law, in nanoseconds.
fn spans(mean: f64) -> Vec<u64> {
    let draws = Draws::new(8, 0);
    (0..4_096).map(|number| (exponential(draws.block(0, 0, number).uniform(0)) * mean) as u64).collect()
}

/// Such as "Avx2".
fn name_of(how: Instructions) -> String {
    format!("{how:?}").replace("Instructions(", "").replace(')', "")
}

fn draws(criterion: &mut Criterion) {
    let draws = Draws::new(42, 0);
    let mut group = criterion.benchmark_group("philox block");
    group.throughput(Throughput::Elements(DRAWS));
    group.bench_function("one by one", |bench| {
        bench.iter(|| {
            let words = (0..DRAWS).map(|number| draws.block(1, 2, black_box(number)).bits32(0));
            words.fold(0, u32::wrapping_add)
        });
    });
    for how in Instructions::all() {
        group.bench_function(name_of(how), |bench| {
            let (mut blocks, numbers) = (Blocks::default(), Numbers::from(0));
            bench.iter(|| blocks.draw(how, &draws, 1, 2, black_box(&numbers)));
        });
    }
    group.finish();
}

fn variates(criterion: &mut Criterion) {
    let uniforms = uniforms();
    type Law = (&'static str, fn(f64) -> f64, fn(Instructions, &mut Reals));
    let laws: [Law; 2] = [("exponential", exponential, exponentials), ("normal", inverse_normal, normals)];
    for (name, one, many) in laws {
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Elements(DRAWS));
        group.bench_function("one by one", |bench| {
            bench.iter(|| black_box(&uniforms).iter().map(|uniform| one(*uniform)).sum::<f64>());
        });
        for how in Instructions::all() {
            group.bench_function(name_of(how), |bench| {
                bench.iter(|| {
                    let mut values = *black_box(&uniforms);
                    many(how, &mut values);
                    values
                });
            });
        }
        group.finish();
    }
}

/// The hold model: the next event is taken and another put in its stead, an exponential span later.
fn event_list(criterion: &mut Criterion) {
    const STEPS: u64 = 1_000;
    let mut group = criterion.benchmark_group("event list, hold");
    group.throughput(Throughput::Elements(STEPS));
    for pending in [1_000u64, 100_000] {
        let spans = spans(1e9);
        group.bench_function(BenchmarkId::from_parameter(pending), |bench| {
            let key = |at: u64, first: u64| EventKey { at: SimTime::from_nanos(at), rank: 0, first, second: 0 };
            let mut list = EventList::default();
            (0..pending).for_each(|event| list.schedule(key(spans[event as usize % spans.len()], event), event));
            let mut number = pending;
            bench.iter(|| {
                for _ in 0..STEPS {
                    let (taken, event) = list.pop().expect("events are pending");
                    let span = spans[number as usize % spans.len()];
                    list.schedule(key(taken.at.as_nanos() + span, number), event);
                    number += 1;
                }
            });
        });
    }
    group.finish();
}

fn recorder(criterion: &mut Criterion) {
    let delays: Vec<SimDuration> = spans(30e9).into_iter().map(SimDuration::from_nanos).collect();
    let mut group = criterion.benchmark_group("recorder");
    group.throughput(Throughput::Elements(delays.len() as u64));
    group.bench_function("record", |bench| {
        let mut recorder = Recorder::default();
        bench.iter(|| black_box(&delays).iter().for_each(|delay| recorder.record(*delay)));
    });
    group.finish();
}

/// One comes and the first leaves.
fn line(criterion: &mut Criterion) {
    const STEPS: u64 = 1_000;
    let mut group = criterion.benchmark_group("line, push and pop");
    group.throughput(Throughput::Elements(STEPS));
    for waiting in [0u64, 10_000] {
        group.bench_function(BenchmarkId::from_parameter(waiting), |bench| {
            let mut line = Line::default();
            (0..waiting).for_each(|value| line.push([value; 8]));
            bench.iter(|| {
                for value in 0..STEPS {
                    line.push(black_box([value; 8]));
                    black_box(line.pop());
                }
            });
        });
    }
    group.finish();
}

fn quick() -> Criterion {
    let second = Duration::from_secs(1);
    Criterion::default().sample_size(20).warm_up_time(second / 4).measurement_time(second)
}

criterion_group! {
    name = pieces;
    config = quick();
    targets = draws, variates, event_list, recorder, line
}
criterion_main!(pieces);
