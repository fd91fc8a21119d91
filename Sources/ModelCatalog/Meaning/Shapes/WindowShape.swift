/// The shape of what a convolution or a pool writes (`Operators.md`): extents behind the second follow from its windows.
struct WindowShape {
    let node: Onnx_NodeProto
    let flow: ShapeFlow

    /// The extents; those that attributes leave to calculation are only said to vary.
    var extents: [Extent]? {
        guard let name = node.input.first, let input = flow.fact(name).extents, input.count > 2 else { return nil }
        let weights = node.opType == "Conv" && node.input.count > 1 ? flow.fact(node.input[1]).extents : nil
        guard let channels = node.opType == "Conv" ? weights?.first : input[1] else { return nil }
        let kernel =
            node.integers("kernel_shape").map { $0.map(Extent.known) } ?? weights.map { Array($0.dropFirst(2)) }
        return [input[0], channels] + spatial(Array(input.dropFirst(2)), kernel ?? [])
    }

    private func spatial(_ input: [Extent], _ kernel: [Extent]) -> [Extent] {
        let varying = input.map { _ in Extent.varying }
        let pads = node.integers("pads") ?? Array(repeating: 0, count: 2 * input.count)
        let ones = input.map { _ in 1 }
        let (strides, dilations) = (node.integers("strides") ?? ones, node.integers("dilations") ?? ones)
        let padding = node.attribute.first { $0.name == "auto_pad" }.map { String(decoding: $0.s, as: UTF8.self) }
        guard padding ?? "NOTSET" == "NOTSET", node.integer("ceil_mode", or: 0) == 0, kernel.count == input.count,
            pads.count == 2 * input.count, strides.count == input.count, dilations.count == input.count
        else { return varying }
        return input.indices.map { place in
            guard let extent = input[place].number, let width = kernel[place].number, strides[place] > 0,
                [extent, width, dilations[place], pads[place], pads[place + input.count]].allSatisfy({
                    (0..<1 << 20).contains($0)
                })
            else { return .varying }
            let room = extent + pads[place] + pads[place + input.count] - dilations[place] * (width - 1) - 1
            return room < 0 ? .varying : .known(room / strides[place] + 1)
        }
    }
}
