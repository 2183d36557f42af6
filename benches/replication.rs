//! One replication of each kind of scenario, as nanoseconds a message. A digest of the trajectory is checked, so nobody
//! wins by computing something else.

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sendpool::experiment::expected_messages;
use sendpool::metrics::Collector;
use sendpool::model::Model;
use sendpool::simulation::simulate;
use sendpool::simulation::trajectory::Trajectory;

/// 100,000 messages on one lane that is loaded to 0.9.
const QUEUE: &str = r#"
version: 1
name: queue
queue: { capacity: unlimited }
services: { s: { senders: [{ id: n, type: short_code, country: XX, mps: 100/s }] } }
campaigns:
  c:
    service: s
    segments: 1
    recipients: { XX: 1 }
    arrivals: { process: poisson, phases: [{ duration: 1111s, arrival_rate: 90/s }] }
"#;

fn black_friday() -> String {
    include_str!("../scenarios/black-friday.yaml").replace("arrival_count: 1000000", "arrival_count: 100000")
}

fn model(yaml: &str) -> Model {
    let reading = sendpool::scenario::read("bench.yaml", yaml.into(), &[]);
    reading.model.unwrap_or_else(|| panic!("a bench scenario is sound"))
}

fn trajectory(model: &Model) -> u64 {
    simulate(model, 0, Trajectory::default()).0.digest()
}

fn replications(criterion: &mut Criterion) {
    let black_friday = black_friday();
    for (name, yaml) in [("queue", QUEUE), ("black-friday", black_friday.as_str())] {
        let model = model(yaml);
        let expected = trajectory(&model);
        let mut group = criterion.benchmark_group(name);
        group.sample_size(10).throughput(Throughput::Elements(expected_messages(&model)));
        group.bench_function("engine alone", |bench| bench.iter(|| simulate(black_box(&model), 0, ())));
        group.bench_function("with metrics", |bench| {
            bench.iter(|| simulate(black_box(&model), 0, Collector::new(&model)));
        });
        group.finish();
        assert_eq!(trajectory(&model), expected, "the same run each time");
    }
}

criterion_group!(benches, replications);
criterion_main!(benches);
