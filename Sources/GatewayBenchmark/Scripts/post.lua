-- wrk posts the file named after `--` and prints its figures as one line that GatewayBenchmark reads.

function init(arguments)
    local file = assert(io.open(arguments[1], "rb"))
    wrk.method = "POST"
    wrk.body = file:read("*a")
    wrk.headers["Content-Type"] = "application/json"
    file:close()
    request_bytes = wrk.format()
end

function request()
    return request_bytes
end

function done(summary, latency, requests)
    local errors = summary.errors
    local failed = errors.connect + errors.read + errors.write + errors.status + errors.timeout
    io.write(string.format(
        "figures %d %d %d %.0f %.0f\n",
        summary.requests, summary.duration, failed, latency:percentile(50), latency:percentile(99)
    ))
end
