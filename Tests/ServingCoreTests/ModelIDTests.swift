import ServingCore
import Testing

struct ModelIDTests {
    @Test(arguments: ["digits", "resnet50-3", "a", "A.b_c-9", String(repeating: "x", count: 64)])
    func `A name of letters, digits, dot, underscore and dash is valid`(name: String) {
        #expect(ModelID.isValidName(name))
    }

    @Test(arguments: ["", ".hidden", "..", "a/b", "a b", "é", "stats", "a\0", String(repeating: "x", count: 65)])
    func `Anything else is not a name`(name: String) {
        #expect(!ModelID.isValidName(name))
    }

    @Test func `Ids sort by name, then by version as a number`() {
        let ids = [ModelID(name: "b", version: 1), ModelID(name: "a", version: 10), ModelID(name: "a", version: 9)]
        #expect(ids.sorted().map(\.description) == ["a:9", "a:10", "b:1"])
    }
}
