import ServingCore
import Testing

@testable import Gateway

struct ServedCatalogTests {
    private let catalog: ServedCatalog

    init() {
        let metrics = GatewayMetrics(keptDecisions: 1) { .origin }
        let ids = [("digits", 2), ("digits", 10), ("parity", 1)].map { ModelID(name: $0.0, version: $0.1) }
        catalog = ServedCatalog(
            ids.map { id in
                let model = ServableModel(id: id, inputs: [], outputs: [], steps: [], slotCount: 0, outputSlots: [])
                let record = ModelRecord(model: model, account: metrics.account(named: id.name))
                return ServedCatalog.Listed(id: id, record: record, state: .ready)
            }
        )
    }

    @Test func `Without a version the newest is meant, by number and not by text`() throws {
        #expect(try catalog.find(PathParameters(model: "digits")).model.id.version == 10)
    }

    @Test func `A version that is named is found`() throws {
        #expect(try catalog.find(PathParameters(model: "digits", version: "2")).model.id.version == 2)
    }

    @Test(arguments: ["3", "", "x", "-1", "02", "+2", "2.0", " 2", "٢", "99999999999999999999"])
    func `A version that is not there is unknown by its field`(version: String) {
        let error = #expect(throws: ServingError.self) {
            try catalog.find(PathParameters(model: "digits", version: version))
        }
        #expect(error?.code == .unknownModel)
        #expect(error?.field == "version")
    }

    @Test(arguments: [nil, "", "nothing", "../digits"]) func `A model that is not there is unknown`(name: String?) {
        let error = #expect(throws: ServingError.self) { try catalog.find(PathParameters(model: name)) }
        #expect(error?.field == "model")
    }

    @Test func `Records come in the order of names and versions`() {
        #expect(catalog.records.map(\.model.id.description) == ["digits:2", "digits:10", "parity:1"])
    }
}
