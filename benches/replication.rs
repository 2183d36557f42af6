//! One replication of each kind of scenario, as time a message: a plain queue and the workloads, shortened. A digest
//! of the trajectory is checked, so nobody wins by computing something else.

use std::hint::black_box;
use std::time::Duration;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use sendpool::experiment::expected_messages;
use sendpool::metrics::Collector;
use sendpool::model::Model;
use sendpool::simulation::simulate;
use sendpool::simulation::trajectory::Trajectory;
use sendpool_benches::{model, short_scenario};

const SECOND: Duration = Duration::from_secs(1);

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

fn trajectory(model: &Model) -> u64 {
    simulate(model, 0, Trajectory::default()).0.digest()
}

fn replications(criterion: &mut Criterion) {
    let workloads = ["w2", "w3", "w4", "w4-met-again"].map(|name| (name, short_scenario(name)));
    for (name, yaml) in [("queue", QUEUE.to_owned())].into_iter().chain(workloads) {
        let model = model(&yaml);
        let expected = trajectory(&model);
        let mut group = criterion.benchmark_group(name);
        group
            .sample_size(10)
            .warm_up_time(SECOND / 4)
            .measurement_time(SECOND)
            .throughput(Throughput::Elements(expected_messages(&model)));
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
