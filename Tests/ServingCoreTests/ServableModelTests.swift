import ServingCore
import TestSupport
import Testing

struct ServableModelTests {
    private let a = ParameterBlock.named("a", bytes: 40)
    private let b = ParameterBlock.named("b", bytes: 50)

    @Test func `The blocks of a model are those of its steps, each once, also after the steps change`() {
        var model = ServableModel.chain("m", blocks: [b, a, b])
        #expect(model.blocks == [b, a])
        model.steps.removeFirst(2)
        #expect(model.blocks == [b])
        #expect(model != .chain("m", blocks: [b, a, b]))
    }

    @Test func `Equal texts are equal block ids and find each other in a table`() {
        let table = [BlockID("a" + String(repeating: "0", count: 63)): 1]
        #expect(table[BlockID(String("a" + String(repeating: "0", count: 63)))] == 1)
        #expect(table[BlockID("b" + String(repeating: "0", count: 63))] == nil)
    }
}
