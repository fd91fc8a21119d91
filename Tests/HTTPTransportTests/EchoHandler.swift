import HTTPTransport
import ServingCore
import Synchronization
import TestSupport

/// A handler whose paths name what it does; it remembers how exchanges ended.
///
/// `/now` answers at the head; `/subject` the subject of the client's certificate; `/refuse` answers 429 at the head; `/echo` answers the body; `/later` answers the body from
/// another thread; `/never` waits until somebody answers; `/paced` holds the upload to `rate` and answers its length; `/allowed`
/// asks `allowance`, keeps the body, and answers its length.
final class EchoHandler: HTTPRequestHandler {
    struct Record: Sendable {
        var heads = 0
        var bodies: [Int] = []
        var ends: [ExchangeEnd] = []
        var errors: [ServingError.Code] = []
        var waiting: [HTTPExchange] = []
        var notices: [TransportNotice] = []
    }

    let record = Mutex(Record())
    let allowance = Mutex<Allowance?>(nil)
    let keptBody = Mutex<ByteRegion?>(nil)
    let rate: BitsPerSecond?
    private let later = AnsweringThread()

    init(rate: BitsPerSecond? = nil) {
        self.rate = rate
    }

    var ends: [ExchangeEnd] { record.withLock { $0.ends } }
    var bodies: [Int] { record.withLock { $0.bodies } }
    var heads: Int { record.withLock { $0.heads } }
    var notices: [TransportNotice] { record.withLock { $0.notices } }
    var waiting: [HTTPExchange] { record.withLock { $0.waiting } }

    func receive(head: RequestHead, on exchange: HTTPExchange) -> HeadVerdict {
        record.withLock { $0.heads += 1 }
        switch head.path {
        case "/now":
            return .answer(Self.text(200, "\(head.method) \(head.query ?? "-") \(head.contentLength ?? -1)"))
        case "/subject": return .answer(Self.text(200, head.clientSubject ?? "-"))
        case "/refuse": return .answer(Self.text(429, "later"))
        case "/paced":
            exchange.setUploadRate(rate)
            return .receiveBody
        case "/allowed":
            if let allowance = allowance.withLock({ $0 }) { exchange.setBodyAllowance(allowance) }
            return .receiveBody
        case "/gone":
            exchange.answer { Self.text(200, "answered at the head") }
            return .receiveBody
        case "/upload":
            record.withLock { $0.waiting.append(exchange) }
            return .receiveBody
        default: return .receiveBody
        }
    }

    func receive(body: ByteRegion, on exchange: HTTPExchange) {
        record.withLock { $0.bodies.append(body.count) }
        switch exchange.head.path {
        case "/later": later.add { exchange.answer { HTTPResponse(status: 200, body: [body]) } }
        case "/never": record.withLock { $0.waiting.append(exchange) }
        case "/allowed":
            keptBody.withLock { $0 = body }
            exchange.answer { Self.text(200, "\(body.count)") }
        case "/paced", "/upload": exchange.answer { Self.text(200, "\(body.count)") }
        case "/pieces":
            let middle = body.count / 2
            let pieces = [body.slice(0..<middle), .empty, body.slice(middle..<body.count)].compactMap(\.self)
            exchange.answer { HTTPResponse(status: 200, headers: [("X-Piece", "2")], body: pieces) }
        default: exchange.answer { HTTPResponse(status: 200, body: [body]) }
        }
    }

    func ended(_ exchange: HTTPExchange, _ end: ExchangeEnd) {
        record.withLock { $0.ends.append(end) }
    }

    func noticed(_ notice: TransportNotice) {
        record.withLock { $0.notices.append(notice) }
    }

    func response(to error: ServingError, head: RequestHead?) -> HTTPResponse {
        record.withLock { $0.errors.append(error.code) }
        return Self.text(error.code.httpStatus, error.code.rawValue)
    }

    static func text(_ status: Int, _ text: String) -> HTTPResponse {
        HTTPResponse(
            status: status,
            headers: [("Content-Type", "text/plain")],
            body: [ByteRegion(copying: Array(text.utf8))]
        )
    }
}
