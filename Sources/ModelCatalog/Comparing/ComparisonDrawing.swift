/// A comparison as an SVG picture: a bar for each model, in it its layers as wide as their bytes, coloured by what they are.
public struct ComparisonDrawing {
    private let comparison: ModelComparison
    private var parts: [String] = []

    /// Pixels; a layer of few bytes is still to be seen.
    private static let (width, barHeight, rowHeight, margin, thinnest) = (960.0, 28.0, 58.0, 16.0, 2.0)
    private static let colours = [
        "first": "#4878a8", "equal": "#4878a8", "form": "#78b0b0", "near": "#e0b050", "different": "#c05848",
    ]
    private static let legend = [
        ("equal", "equal: one block"), ("form", "equal but for form"), ("near", "same shape, other values"),
        ("different", "different"),
    ]

    /// Draws `comparison`.
    public init(_ comparison: ModelComparison) {
        self.comparison = comparison
    }

    /// The picture, a file of its own.
    public var svg: String {
        var drawing = self
        for index in comparison.models.indices { drawing.draw(model: index) }
        let height = Self.rowHeight * Double(comparison.models.count) + 2 * Self.margin + 24
        drawing.drawLegend(at: height - Self.margin - 12)
        let head =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(Self.width)\" height=\"\(height)\" "
            + "font-family=\"sans-serif\" font-size=\"12\">"
        return ([head, "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"] + drawing.parts + ["</svg>"])
            .joined(separator: "\n") + "\n"
    }

    private mutating func draw(model index: Int) {
        let model = comparison.models[index]
        let top = Self.margin + Self.rowHeight * Double(index)
        parts.append(Self.text(model.name, x: Self.margin, y: top + 12))
        let verdicts = comparison.pairs.first { $0.model == index }?.rows ?? []
        var x = Self.margin
        for (place, (layer, width)) in zip(model.layers, widths(of: model)).enumerated() {
            let verdict = verdicts.first { $0.layer == place }?.verdict
            let title = "layer \(place + 1), \(layer.label), \(layer.bytes) bytes" + (verdict.map { ": \($0)" } ?? "")
            let colour = Self.colours[verdict?.name ?? "first"] ?? "black"
            parts.append(
                "<rect x=\"\(Self.number(x))\" y=\"\(top + 18)\" width=\"\(Self.number(width))\" "
                    + "height=\"\(Self.barHeight)\" fill=\"\(colour)\" stroke=\"white\" stroke-width=\"0.5\">"
                    + "<title>\(Self.escaped(title))</title></rect>"
            )
            x += width
        }
    }

    /// Widths in pixels: the largest model takes all there is.
    private func widths(of model: ComparedModel) -> [Double] {
        let sums = comparison.models.map { $0.layers.reduce(0) { $0 + $1.bytes } }
        let longest = comparison.models.map(\.layers.count).max() ?? 0
        let room = max(0, Self.width - 2 * Self.margin - Self.thinnest * Double(longest))
        let scale = room / Double(max(1, sums.max() ?? 0))
        return model.layers.map { Self.thinnest + Double($0.bytes) * scale }
    }

    private mutating func drawLegend(at y: Double) {
        var x = Self.margin
        for (name, words) in Self.legend {
            let colour = Self.colours[name] ?? "black"
            parts.append("<rect x=\"\(x)\" y=\"\(y)\" width=\"12\" height=\"12\" fill=\"\(colour)\"/>")
            parts.append(Self.text(words, x: x + 16, y: y + 10))
            x += 200
        }
    }

    private static func text(_ text: String, x: Double, y: Double) -> String {
        "<text x=\"\(x)\" y=\"\(y)\">\(escaped(text))</text>"
    }

    private static func number(_ value: Double) -> String { "\((value * 100).rounded() / 100)" }

    /// Names come from files: nothing in them may end an element, and XML has no control characters.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default:
                result +=
                    character.unicodeScalars.contains { $0.value < 32 || $0.value > 0xFFFD } ? "?" : String(character)
            }
        }
    }
}
