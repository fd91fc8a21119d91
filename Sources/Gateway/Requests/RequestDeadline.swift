internal import ServingCore

/// Reads the deadline headers of `http-api.md`: the smallest of those given counts, and none may be zero or negative.
enum RequestDeadline {
    /// The smallest deadline the headers name, from the arrival of the head; nil where they name none.
    ///
    /// - Throws: ``ServingError/Code/invalidField`` naming the header that cannot be read.
    static func shortest(values: (String) -> [String]) throws(ServingError) -> Duration? {
        var shortest: Duration?
        for (name, parse) in parsers {
            let given = values(name)
            guard let text = given.first else { continue }
            guard given.count == 1 else { throw ServingError(.invalidField, "\(name) is given twice", field: name) }
            guard let timeout = parse(text), timeout > .zero else {
                throw ServingError(.invalidField, "\(name) is not a timeout above zero", field: name)
            }
            shortest = min(shortest ?? timeout, timeout)
        }
        return shortest
    }

    private static let parsers: [(String, @Sendable (String) -> Duration?)] = [
        ("Inference-Timeout-Ms", milliseconds),
        ("grpc-timeout", grpcTimeout),
        ("x-envoy-expected-rq-timeout-ms", milliseconds),
    ]

    private static let milliseconds: @Sendable (String) -> Duration? = { text in
        guard let value = digits(text, atMost: 15) else { return nil }
        return .milliseconds(value)
    }

    /// One to eight digits and a unit (gRPC over HTTP/2, "Timeout").
    private static let grpcTimeout: @Sendable (String) -> Duration? = { text in
        guard let unit = text.last, let value = digits(text.dropLast(), atMost: 8) else { return nil }
        return switch unit {
        case "H": .seconds(value * 3600)
        case "M": .seconds(value * 60)
        case "S": .seconds(value)
        case "m": .milliseconds(value)
        case "u": .microseconds(value)
        case "n": .nanoseconds(value)
        default: nil
        }
    }

    /// A number of ASCII digits only; the length bound keeps every later product in range.
    private static func digits(_ text: some StringProtocol, atMost limit: Int) -> Int? {
        let bytes = text.utf8
        guard (1...limit).contains(bytes.count), bytes.allSatisfy({ (48...57).contains($0) }) else { return nil }
        return Int(text)
    }
}
