import MetricsExposition
import Testing

struct MetricRegistryTests {
    private func text(_ registry: MetricRegistry) -> String {
        var bytes: [UInt8] = []
        registry.emit(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test func `A quantile lies within its bucket, and at the last bound beyond it`() {
        let family = MetricRegistry().histogram("g_seconds", help: "Times.", buckets: HistogramBuckets([1, 2, 4]))
        let histogram = family.unlabelled
        #expect(histogram.quantile(0.5) == nil)
        for value in [0.5, 0.5, 1.5, 1.5, 3, 3, 3, 3] { histogram.observe(value) }
        #expect(histogram.quantile(0) == 0)
        #expect(histogram.quantile(0.25) == 1)
        #expect(histogram.quantile(0.375) == 1.5)
        #expect(histogram.quantile(0.75) == 3)
        #expect(histogram.quantile(1) == 4)
        for _ in 0..<8 { histogram.observe(100.0) }
        #expect(histogram.quantile(0.99) == 4)
    }

    @Test func `Counters and gauges are written with their labels`() {
        let registry = MetricRegistry()
        let requests = registry.counter("g_requests_total", help: "Requests.")
        requests.labelled([("model", "digits"), ("outcome", "met")]).increment(by: 2)
        requests.labelled([("model", "digits"), ("outcome", "met")]).increment()
        registry.gauge("g_memory_bytes", help: "Memory.").unlabelled.set(0.5)
        registry.gauge("g_ready", help: "Ready.") { 1 }
        #expect(
            text(registry) == """
                # HELP g_requests_total Requests.
                # TYPE g_requests_total counter
                g_requests_total{model="digits",outcome="met"} 3
                # HELP g_memory_bytes Memory.
                # TYPE g_memory_bytes gauge
                g_memory_bytes 0.5
                # HELP g_ready Ready.
                # TYPE g_ready gauge
                g_ready 1

                """
        )
    }

    @Test func `Label values and help texts are escaped`() {
        let registry = MetricRegistry()
        registry.gauge("g", help: "a\\b\nc \"d\"").labelled([("v", "a\\b\nc \"d\"")]).set(1)
        #expect(text(registry).contains("# HELP g a\\\\b\\nc \"d\"\n"))
        #expect(text(registry).contains("g{v=\"a\\\\b\\nc \\\"d\\\"\"} 1\n"))
    }

    @Test func `A histogram's sum never falls, whatever is observed`() {
        let histogram = MetricRegistry().histogram("g_left_seconds", help: "Left.").unlabelled
        var last = 0.0
        for value: Double in [1, -5, 0, -.infinity, 0.5, -1e-9] {
            histogram.observe(value)
            #expect(histogram.sum >= last)
            last = histogram.sum
        }
        #expect(histogram.count == 6)
    }

    @Test func `A histogram is cumulative and ends at plus infinity`() {
        let registry = MetricRegistry()
        let family = registry.histogram("g_wait_seconds", help: "Waiting.", buckets: HistogramBuckets([1, 0.5, 2]))
        let histogram = family.labelled([("stage", "queue")])
        for value in [0.5, 0.6, 3, -1] { histogram.observe(value) }
        histogram.observe(.milliseconds(1_500))
        histogram.observe(.nan)
        #expect(
            text(registry).hasSuffix(
                """
                g_wait_seconds_bucket{stage="queue",le="0.5"} 2
                g_wait_seconds_bucket{stage="queue",le="1"} 3
                g_wait_seconds_bucket{stage="queue",le="2"} 4
                g_wait_seconds_bucket{stage="queue",le="+Inf"} 5
                g_wait_seconds_sum{stage="queue"} 5.6
                g_wait_seconds_count{stage="queue"} 5

                """
            )
        )
        #expect(histogram.count == 5)
    }

    @Test func `A full family keeps what it has and counts the rest as other`() {
        let registry = MetricRegistry()
        let family = registry.counter("g_total", help: "Things.", maximumSeries: 4)
        for model in 0..<100 {
            family.labelled([("model", "m\(model)"), ("outcome", model % 2 == 0 ? "met" : "late")]).increment()
        }
        #expect(family.seriesCount == 6)
        #expect(family.labelled([("model", "m0"), ("outcome", "met")]).value == 1)
        #expect(family.labelled([("model", "new"), ("outcome", "met")]).value == 48)
        for outcome in 0..<100 { family.labelled([("model", "n"), ("outcome", "o\(outcome)")]).increment() }
        #expect(family.seriesCount <= 9)
    }

    @Test func `A family without samples is left out`() {
        let registry = MetricRegistry()
        _ = registry.counter("g_total", help: "Things.")
        registry.gauge("g", help: "Gone.", read: { [] })
        #expect(text(registry).isEmpty)
    }

    @Test func `Many threads count without losing any`() async {
        let registry = MetricRegistry()
        let counter = registry.counter("c_total", help: "C.").unlabelled
        let gauge = registry.gauge("g", help: "G.").unlabelled
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask {
                    for _ in 0..<10_000 {
                        counter.increment()
                        gauge.add(1)
                    }
                }
            }
        }
        #expect(counter.value == 40_000)
        #expect(gauge.value == 40_000)
    }

    @Test func `Values are written as Prometheus has them`() {
        let registry = MetricRegistry()
        registry.gauge(
            "g",
            help: "G.",
            read: {
                [
                    LabelledValue([("k", "a")], .infinity), LabelledValue([("k", "b")], -.infinity),
                    LabelledValue([("k", "c")], .nan), LabelledValue([("k", "d")], 1e18),
                    LabelledValue([("k", "e")], 1_234_567),
                ]
            }
        )
        let values = text(registry).split(separator: "\n").dropFirst(2).compactMap { $0.split(separator: " ").last }
        #expect(values == ["+Inf", "-Inf", "NaN", "1e+18", "1234567"])
    }

    @Test func `Exponential buckets grow by their factor`() {
        #expect(HistogramBuckets.exponential(from: 0.001, factor: 2, count: 3).bounds == [0.001, 0.002, 0.004])
    }
}
