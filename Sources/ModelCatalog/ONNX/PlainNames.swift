/// Names in ASCII, for models that have others.
///
/// ONNX compares names byte by byte; Swift takes a composed and a decomposed "é" for one text. In ASCII there is no
/// difference: so a model with other names is read with each byte of them that is not ASCII, and each `%`, written as
/// `%` and two digits. Different names stay different, and who names a tensor to clients writes it as it was.
enum PlainNames {
    /// Whether `name` has bytes that are not ASCII.
    static func isForeign(_ name: String) -> Bool { name.utf8.contains { $0 >= 0x80 } }

    /// `name` in ASCII.
    static func escaped(_ name: String) -> String {
        guard name.utf8.contains(where: isEscaped) else { return name }
        var bytes: [UInt8] = []
        for byte in name.utf8 {
            bytes += isEscaped(byte) ? [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]] : [byte]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The name that `escaped` made `name` of.
    static func restored(_ name: String) -> String {
        guard name.utf8.contains(UInt8(ascii: "%")) else { return name }
        var bytes: [UInt8] = []
        var rest = Array(name.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%"), let high = value(of: rest.popFirst()), let low = value(of: rest.popFirst())
            else {
                bytes.append(byte)
                continue
            }
            bytes.append(high << 4 | low)
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func isEscaped(_ byte: UInt8) -> Bool { byte >= 0x80 || byte == UInt8(ascii: "%") }

    private static func value(of digit: UInt8?) -> UInt8? {
        digit.flatMap { digits.firstIndex(of: $0) }.map { UInt8($0) }
    }
}

extension Onnx_ModelProto {
    /// Whether a value, operator, function, attribute or dimension has a name that is not ASCII.
    var hasForeignNames: Bool {
        var found = false
        var copy = self
        copy.mapNames { name in
            if PlainNames.isForeign(name) { found = true }
            return nil
        }
        return found
    }

    /// Puts `transform` of each name in its place, where that is not nil; names that only people read stay.
    mutating func mapNames(_ transform: (String) -> String?) {
        graph.mapNames(transform)
        for index in functions.indices { functions[index].mapNames(transform) }
        opsetImport.mapEach { $0.domain.change(by: transform) }
    }
}

extension Onnx_FunctionProto {
    fileprivate mutating func mapNames(_ transform: (String) -> String?) {
        name.change(by: transform)
        domain.change(by: transform)
        overload.change(by: transform)
        input.mapEach { $0.change(by: transform) }
        output.mapEach { $0.change(by: transform) }
        attribute.mapEach { $0.change(by: transform) }
        attributeProto.mapEach { $0.mapNames(transform) }
        opsetImport.mapEach { $0.domain.change(by: transform) }
        node.mapEach { $0.mapNames(transform) }
        valueInfo.mapEach { $0.mapNames(transform) }
    }
}

extension Onnx_GraphProto {
    fileprivate mutating func mapNames(_ transform: (String) -> String?) {
        node.mapEach { $0.mapNames(transform) }
        initializer.mapEach { $0.name.change(by: transform) }
        sparseInitializer.mapEach { $0.values.name.change(by: transform) }
        input.mapEach { $0.mapNames(transform) }
        output.mapEach { $0.mapNames(transform) }
        valueInfo.mapEach { $0.mapNames(transform) }
    }
}

extension Onnx_NodeProto {
    fileprivate mutating func mapNames(_ transform: (String) -> String?) {
        input.mapEach { $0.change(by: transform) }
        output.mapEach { $0.change(by: transform) }
        opType.change(by: transform)
        domain.change(by: transform)
        overload.change(by: transform)
        attribute.mapEach { $0.mapNames(transform) }
    }
}

extension Onnx_AttributeProto {
    fileprivate mutating func mapNames(_ transform: (String) -> String?) {
        name.change(by: transform)
        refAttrName.change(by: transform)
        if hasG { g.mapNames(transform) }
        graphs.mapEach { $0.mapNames(transform) }
    }
}

extension Onnx_ValueInfoProto {
    fileprivate mutating func mapNames(_ transform: (String) -> String?) {
        name.change(by: transform)
        guard case .tensorType(var tensor)? = type.value, tensor.hasShape else { return }
        var isChanged = false
        for index in tensor.shape.dim.indices {
            guard case .dimParam(let name)? = tensor.shape.dim[index].value, let new = transform(name) else { continue }
            tensor.shape.dim[index].dimParam = new
            isChanged = true
        }
        if isChanged { type.tensorType = tensor }
    }
}

extension String {
    /// Puts `transform` of the text in its place, where that is not nil.
    fileprivate mutating func change(by transform: (String) -> String?) {
        if let new = transform(self) { self = new }
    }
}

extension Array {
    fileprivate mutating func mapEach(_ change: (inout Element) -> Void) {
        for index in indices { change(&self[index]) }
    }
}
