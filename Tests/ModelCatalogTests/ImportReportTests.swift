import ServingCore
import Testing

@testable import ModelCatalog

struct ImportReportTests {
    private let report = ImportReport(
        model: ModelID(name: "parity", version: 2),
        blocks: [
            .init(
                id: BlockID(String(repeating: "a", count: 64)),
                fileSize: 123_456,
                isNew: false,
                sharedWith: [ModelID(name: "digits", version: 1), ModelID(name: "five", version: 3)]
            ),
            .init(id: BlockID(String(repeating: "b", count: 64)), fileSize: 78, isNew: true, sharedWith: []),
        ],
        bytesNew: 78,
        bytesSaved: 123_456,
        fallback: nil,
        isAlreadyPresent: false
    )

    @Test func `As JSON it has the keys of the command line's contract`() throws {
        let (first, second) = (String(repeating: "a", count: 64), String(repeating: "b", count: 64))
        #expect(
            try report.json() == """
                {"blocks":[{"bytes":123456,"hash":"\(first)","repaired":false,"shared_with":["digits:1","five:3"]},\
                {"bytes":78,"hash":"\(second)","repaired":false,"shared_with":[]}],\
                "bytes_new":78,"bytes_saved":123456,"fallback":null,"name":"parity","one_by_one":null,\
                "sharing":null,"verification":null,"version":2}
                """
        )
    }

    @Test func `As text it is a table with a line for each block`() {
        #expect(
            report.description == """
                parity:2 imported
                  BLOCK          BYTES
                  aaaaaaaaaaaa  123456  shared with digits:1, five:3
                  bbbbbbbbbbbb      78  new
                78 bytes new, 123456 bytes saved
                """
        )
    }

    @Test func `It says why a model was kept as one block, and that it was there already`() {
        var other = report
        other.fallback = "the model has training information"
        other.isAlreadyPresent = true
        #expect(other.description.hasPrefix("parity:2 is in the store already\n"))
        #expect(other.description.hasSuffix("\nkept as one block: the model has training information"))
    }

    @Test func `It says that requests are run one by one, and why`() throws {
        var other = report
        other.mixedRows = "Softmax node works along the rows"
        #expect(other.description.hasSuffix("\nrequests are run one by one: Softmax node works along the rows"))
        #expect(try other.json().contains(#""one_by_one":"Softmax node works along the rows""#))
    }

    @Test func `Its last line says what it shares`() throws {
        var other = report
        other.sharing = "shares nothing: there is no other model"
        #expect(other.description.hasSuffix("\nshares nothing: there is no other model"))
        #expect(try other.json().contains(#""sharing":"shares nothing: there is no other model""#))
    }
}
