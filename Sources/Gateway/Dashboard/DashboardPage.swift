internal import Crypto
private import Foundation
internal import HTTPTransport
internal import ServingCore

/// The dashboard as it is sent: one page with its style and its script in it, and the policy that lets nothing else in.
struct DashboardPage: Sendable {
    /// The page.
    let html: String
    /// The value of `Content-Security-Policy`.
    let contentSecurityPolicy: String

    /// The page of this build.
    static let current = DashboardPage(
        template: text(PackageResources.page_html),
        style: text(PackageResources.style_css),
        script: [
            PackageResources.drawing_js, PackageResources.sections_js, PackageResources.plan_js,
            PackageResources.polling_js,
        ].map(text).joined(separator: "\n")
    )

    /// Puts style and script in their places in the template.
    init(template: String, style: String, script: String) {
        html =
            template
            .replacingOccurrences(of: "/*STYLE*/", with: style)
            .replacingOccurrences(of: "/*SCRIPT*/", with: script)
        contentSecurityPolicy = [
            "default-src 'none'", "style-src '\(Self.hash(style))'", "script-src '\(Self.hash(script))'",
            "connect-src 'self'", "img-src data:", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        ].joined(separator: "; ")
    }

    /// The page as an answer.
    var response: HTTPResponse {
        HTTPResponse(
            status: 200,
            headers: [
                ("Content-Type", "text/html; charset=utf-8"), ("Content-Security-Policy", contentSecurityPolicy),
                ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
                ("Cache-Control", "no-cache"),
            ],
            body: [ByteRegion(copying: Array(html.utf8))]
        )
    }

    /// What the policy names inline text by (CSP level 3, section 2.3.1).
    private static func hash(_ text: String) -> String {
        "sha256-" + Data(SHA256.hash(data: Data(text.utf8))).base64EncodedString()
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
