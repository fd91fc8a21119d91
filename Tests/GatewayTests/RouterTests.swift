import Testing

@testable import Gateway

struct RouterTests {
    private let router = Router()

    @Test(arguments: Route.all) func `Every route is found by its own path`(route: Route) {
        let path = route.path.replacing("{model}", with: "digits").replacing("{version}", with: "3")
        guard case .found(let operation, let parameters) = router.match(method: route.method, path: path) else {
            Issue.record("\(route.method) \(path) is not found")
            return
        }
        #expect(operation == route.operation)
        #expect(parameters.model == (route.path.contains("{model}") ? "digits" : nil))
        #expect(parameters.version == (route.path.contains("{version}") ? "3" : nil))
    }

    @Test func `A trailing slash does not count`() {
        #expect(router.match(method: "GET", path: "/v2/") == router.match(method: "GET", path: "/v2"))
    }

    @Test func `A model's name is percent-decoded once`() {
        let match = router.match(method: "GET", path: "/v2/models/a%2520b/ready")
        #expect(match == .found(.getModelReady, PathParameters(model: "a%20b", version: nil)))
    }

    @Test(arguments: ["%", "%4", "%zz", "%+5"]) func `A percent sign without two hex digits stays`(text: String) {
        #expect(PercentEncoding.decode(Array(text.utf8)) == text)
    }

    @Test func `HEAD is answered wherever GET is`() {
        #expect(router.match(method: "HEAD", path: "/metrics") == router.match(method: "GET", path: "/metrics"))
    }

    @Test func `A known path with another method says which methods it has`() {
        #expect(router.match(method: "PUT", path: "/v2/models/m/infer") == .wrongMethod(allowed: ["POST"]))
    }

    @Test(arguments: ["*", "", "//", "/v3", "/v2/model", "/v2/models/a/b/ready", "//v2", "/v2//models/stats"])
    func `Anything else is unknown`(path: String) {
        #expect(router.match(method: "GET", path: path) == .unknown)
    }
}
