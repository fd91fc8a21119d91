/// The opsets at which the operators of ONNX's own domain changed, read from ``OperatorTable``.
///
/// ONNX's rules of versioning say that a node means what the newest version of its operator means that is no newer than
/// the opset the model imports (`Versioning.md`, "Operator versioning"). So between two versions of an operator the opset's number
/// says nothing. Where a newer version only takes more, a node that uses none of it means the same in both.
struct OperatorVersions {
    /// One version of an operator, compared with the one before it.
    struct Step {
        /// The first opset that has it.
        let opset: Int
        /// What a node must be like to mean the same before; nil where none does.
        let condition: Condition?
    }

    /// What a node must be like to mean the same on both sides of a step.
    struct Condition {
        /// Attributes that it must not have.
        var excluded: Set<String> = []
        /// How many inputs it must have.
        var inputs = 0...Int.max
        /// How many outputs it may have.
        var outputLimit = Int.max
        /// Element types that only the newer version takes.
        var newTypes: Set<Int32> = []

        fileprivate func holds(for node: Onnx_NodeProto) -> Bool {
            inputs.contains(node.input.count) && node.output.count <= outputLimit
                && !node.attribute.contains { excluded.contains($0.name) }
        }
    }

    /// The table.
    static let shared = OperatorVersions(OperatorTable.lines)

    private let steps: [String: [Step]]
    private let defaults: [String: [String: OperatorDefault]]

    /// Reads lines as ``OperatorTable`` has them.
    init(_ lines: String) {
        var steps: [String: [Step]] = [:]
        var defaults: [String: [String: OperatorDefault]] = [:]
        for line in lines.split(separator: "\n") {
            var words = line.split(separator: " ")[...]
            guard let name = words.popFirst().map(String.init) else { continue }
            for word in words {
                let sides = word.split(separator: "=", maxSplits: 1)
                if sides.count == 2 {
                    defaults[name, default: [:]][String(sides[0])] = OperatorDefault(sides[1])
                } else if let step = Step(word) {
                    steps[name, default: []].append(step)
                }
            }
        }
        (self.steps, self.defaults) = (steps, defaults)
    }

    /// The opsets in which `node`, which `opset` gives its meaning and whose tensors have `types`, means the same.
    ///
    /// The node's attributes are those that ``defaults`` leave. Subgraphs are not looked into.
    func opsets(of node: Onnx_NodeProto, at opset: Int, types: Set<Int32>) -> ClosedRange<Int> {
        guard node.canonicalDomain.isEmpty else { return 1...Int.max }
        guard let steps = steps[node.opType], opset <= OperatorTable.newestOpset,
            let place = steps.lastIndex(where: { $0.opset <= opset })
        else { return opset...opset }
        var (first, next) = (place, place + 1)
        while first > 0, let condition = steps[first].condition, condition.holds(for: node),
            condition.newTypes.isDisjoint(with: types)
        {
            first -= 1
        }
        while next < steps.count, let condition = steps[next].condition, condition.holds(for: node) { next += 1 }
        return steps[first].opset...(next < steps.count ? steps[next].opset - 1 : OperatorTable.newestOpset)
    }

    /// Whether `attribute` says of an operator of ONNX's own domain what leaving it out says, in every version that has it.
    func isDefault(_ attribute: Onnx_AttributeProto, of operation: String) -> Bool {
        attribute.refAttrName.isEmpty && defaults[operation]?[attribute.name]?.equals(attribute) ?? false
    }
}

/// A default as ``OperatorTable`` writes it.
private enum OperatorDefault {
    case integer(Int64)
    case float(UInt32)
    case text(String)

    init?(_ text: Substring) {
        let value = text.dropFirst()
        switch text.first {
        case "i": self.init(Int64(value).map(Self.integer))
        case "f": self.init(UInt32(value, radix: 16).map(Self.float))
        case "s": self = .text(String(value))
        default: return nil
        }
    }

    private init?(_ value: OperatorDefault?) {
        guard let value else { return nil }
        self = value
    }

    func equals(_ attribute: Onnx_AttributeProto) -> Bool {
        switch self {
        case .integer(let value): attribute.type == .int && attribute.i == value
        case .float(let bits): attribute.type == .float && attribute.f.bitPattern == bits
        case .text(let text): attribute.type == .string && attribute.s.elementsEqual(text.utf8)
        }
    }
}

extension OperatorVersions.Step {
    /// Reads `22;-ceil_mode;#1,3;>1;+16` or `13!`.
    fileprivate init?(_ word: Substring) {
        let fields = word.split(separator: ";")
        guard let number = fields.first, let opset = Int(number.prefix { $0 != "!" }) else { return nil }
        self.opset = opset
        guard number.last != "!" else {
            condition = nil
            return
        }
        var condition = OperatorVersions.Condition()
        for field in fields.dropFirst() {
            let names = field.dropFirst().split(separator: ",")
            let numbers = names.compactMap { Int($0) }
            switch field.first {
            case "-": condition.excluded = Set(names.map(String.init))
            case "+": condition.newTypes = Set(numbers.map { Int32(clamping: $0) })
            case "#" where numbers.count == 2 && numbers[0] <= numbers[1]: condition.inputs = numbers[0]...numbers[1]
            case ">": condition.outputLimit = numbers.first ?? 0
            default: return nil
            }
        }
        self.condition = condition
    }
}
