import ServingCore
import SwiftProtobuf

/// A model in which what means the same is written the same, as far as rules prove it; blocks are cut from it.
///
/// Values keep their names. Where no opset gives all rewritten nodes their meaning, and where local functions cannot be put in the places of
/// their calls (``FunctionInliner``), nodes are left as they are.
enum NormalForm {
    private static var rules: [any NodeRule.Type] {
        [
            AxesAsInput.self, ReshapeWithoutZero.self, RowsFlattened.self, AxesFromStart.self, LastAxisSoftmax.self,
            ImpliedKernel.self,
            HardSwishOfSigmoid.self, LayerWithBias.self,
        ]
    }

    /// The normal form of `proto`, nil where it is left as it is; `rows` is the number of rows that the file fixes, values
    /// called `kept` stay, and `shapes` finds out the shapes of values of a model.
    static func of(
        _ proto: Onnx_ModelProto,
        rows: Int?,
        keeping kept: [String] = [],
        shapes: (Onnx_ModelProto, [String]) -> [String: [Int]]
    ) throws(CatalogError) -> Onnx_ModelProto? {
        guard let opset = proto.opset, let proto = FunctionInliner.inlined(proto) else { return nil }
        var result = proto
        let present = Set(proto.graph.output.map(\.name))
        result.graph.output += kept.filter { !present.contains($0) }.map { name in
            Onnx_ValueInfoProto.with { $0.name = name }
        }
        let before = try FormContext(result.graph, opset: opset)
        result.graph = try PassThrough.removed(from: result.graph, in: before)
        result.graph = ShapePass.rewritten(result.graph, rows: rows)
        result.graph = try PassThrough.removed(from: result.graph, in: FormContext(result.graph, opset: opset))
        var context = try FormContext(result.graph, opset: opset)
        let forms = result.graph.node.map { NodeForm(node: $0, opset: opset) }
        let deciding = deciding(forms, in: context)
        if !deciding.isEmpty {
            var probe = result
            probe.graph.output = proto.graph.output
            context.shapes = shapes(probe, deciding)
        }
        let rewritten = forms.map { Self.rewritten($0, in: context) }
        result.graph.node = rewritten.map(\.node)
        result.graph.initializer += rewritten.flatMap(\.settings)
        result.graph.output = proto.graph.output
        result.graph = EqualSettings.merged(in: result.graph)
        guard let common = try Self.opset(of: rewritten, types: context.types) else { return nil }
        result.opset = common
        return result
    }

    private static func deciding(_ forms: [NodeForm], in context: FormContext) -> [String] {
        var seen = Set<String>()
        return forms.flatMap { form in
            rules.filter { applies($0, to: form) }.flatMap { $0.deciding(form, in: context) }
        }.filter { !$0.isEmpty && seen.insert($0).inserted }
    }

    private static func rewritten(_ form: NodeForm, in context: FormContext) -> NodeForm {
        var form = form
        for rule in rules where applies(rule, to: form) { rule.rewrite(&form, in: context) }
        return form
    }

    private static func applies(_ rule: any NodeRule.Type, to form: NodeForm) -> Bool {
        rule.operators.contains(form.node.opType) && form.node.canonicalDomain.isEmpty
            && form.node.attribute.allSatisfy(\.refAttrName.isEmpty)
    }

    /// An opset that is right for all nodes, those of subgraphs included; nil where there is none.
    private static func opset(of forms: [NodeForm], types: Set<Int32>) throws(CatalogError) -> Int? {
        var choice = OpsetChoice(types: types)
        for form in forms {
            var single = Onnx_GraphProto()
            single.node = [form.node]
            guard try choice.add(allOf: single, at: form.opset) else { return nil }
        }
        return choice.opset
    }
}

extension OpsetChoice {
    /// Takes in every node of `graph`, those of subgraphs included; false where no opset is right for all.
    mutating func add(allOf graph: Onnx_GraphProto, at opset: Int) throws(CatalogError) -> Bool {
        var nodes: [Onnx_NodeProto] = []
        try graph.forEachNode { node throws(CatalogError) in nodes.append(node) }
        for node in nodes {
            var node = node
            (node.attribute, node.input, node.output) =
                (node.meaningfulAttributes, node.meaningfulInputs, node.meaningfulOutputs)
            guard add(node, at: opset) else { return false }
        }
        return true
    }
}

extension Onnx_ModelProto {
    /// The version of ONNX's own operator set that the model imports; nil where it imports none.
    var opset: Int? {
        get { opsetImport.last { ["", "ai.onnx"].contains($0.domain) }.map { Int(clamping: $0.version) } }
        set {
            for index in opsetImport.indices where ["", "ai.onnx"].contains(opsetImport[index].domain) {
                opsetImport[index].version = Int64(newValue ?? 0)
            }
        }
    }
}
