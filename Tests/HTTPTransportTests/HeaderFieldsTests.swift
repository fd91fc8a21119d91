import Testing

@testable import HTTPTransport

struct HeaderFieldsTests {
    private let fields = HeaderFields([("Host", "a"), ("X-Many", "1"), ("x-many", "2"), ("Empty", "")])

    @Test func `A field is found without regard to case`() {
        #expect(fields.first("hOST") == "a")
        #expect(fields.first("empty") == "")
        #expect(fields.first("Hos") == nil)
        #expect(fields.first("Host2") == nil)
    }

    @Test func `All fields of one name keep their order`() {
        #expect(fields.all("X-MANY") == ["1", "2"])
        #expect(fields.all("none").isEmpty)
    }

    @Test func `Names keep the case they were sent in`() {
        #expect(fields.fields.map(\.name) == ["Host", "X-Many", "x-many", "Empty"])
        #expect(fields.count == 4)
    }
}
