import JSONCoding
import ServingCore
import Testing

struct JSONValueTests {
    private enum Colour: String, CaseIterable { case red, green }

    @Test func `Members, elements and scalars are read with their types`() throws {
        let root = try parsed(#"{"s":"grüß","i":-7,"d":1.5,"t":true,"n":null,"a":[1,2],"c":"red"}"#)
        #expect(try root.member("s").string() == "grüß")
        #expect(try root.member("i").int64() == -7)
        #expect(try root.member("d").double() == 1.5)
        #expect(try root.member("i").double() == -7)
        #expect(try root.member("t").bool())
        #expect(try root.member("c").enumeration(Colour.self) == .red)
        #expect(try root.member("a").elements().map { try $0.int64() } == [1, 2])
        #expect(try root.optionalMember("n") == nil)
        #expect(try root.optionalMember("x") == nil)
        #expect(try root.members().map(\.name) == ["s", "i", "d", "t", "n", "a", "c"])
    }

    @Test func `A missing member is named with its path`() throws {
        let root = try parsed(#"{"inputs":[{},{"name":"x"}]}"#)
        let inputs = Array(try root.member("inputs").elements())
        #expect(failure { _ = try inputs[0].member("shape") }?.field == "inputs[0].shape")
        #expect(failure { _ = try root.member("id") }?.field == "id")
    }

    @Test func `A wrong kind is told with path, what was expected and what was found`() throws {
        let root = try parsed(#"{"inputs":[{"shape":[1,true]}]}"#)
        let inputs = Array(try root.member("inputs").elements())
        let shape = Array(try inputs[0].member("shape").elements())
        let error = failure { _ = try shape[1].int64() }
        #expect(error?.code == .invalidField)
        #expect(error?.field == "inputs[0].shape[1]")
        #expect(error?.message == "expected an integer, found true")
    }

    @Test func `The path of a shared true or null is its own, not the first one's`() throws {
        let root = try parsed(#"{"a":[true,null,true],"b":true}"#)
        #expect(try root.member("b").path == "b")
        #expect(Array(try root.member("a").elements())[2].path == "a[2]")
        #expect(root.path == nil)
    }

    @Test func `A real with an integral value is no integer`() throws {
        let root = try parsed("[1.0, 1e2, 9223372036854775807]")
        let elements = Array(try root.elements())
        #expect(failure { _ = try elements[0].int64() }?.field == "[0]")
        #expect(failure { _ = try elements[1].int64() } != nil)
        #expect(try elements[2].int64() == .max)
    }

    @Test func `An integer outside its range is refused`() throws {
        let elements = Array(try parsed("[-1, 0, 8, 9]").elements())
        #expect(
            elements.map { value in failure { _ = try value.integer(in: 0...8) } == nil } == [false, true, true, false]
        )
    }

    @Test func `An unknown case lists the known ones`() throws {
        let value = try parsed(#"{"c":"blue"}"#).member("c")
        let error = failure { _ = try value.enumeration(Colour.self) }
        #expect(error?.message == "expected one of red, green, found \"blue\"")
    }

    @Test func `A value keeps its document alive`() throws {
        func text() throws -> JSONValue { try parsed(#"{"a":["kept"]}"#).member("a") }
        #expect(Array(try text().elements()).first?.path == "a[0]")
    }

    @Test func `A member asked of an array is refused`() throws {
        let root = try parsed("[]")
        #expect(failure { _ = try root.member("a") }?.message == "expected an object, found an array")
    }
}
