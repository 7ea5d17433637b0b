import HTTPServer

/// What the console's pages know of where they are served.
public struct Site: Sendable {
  /// `https://console.example.com`, if a server that speaks TLS stands in front; else nil. In lower case,
  /// as browsers write it.
  public let publicOrigin: String?
  /// The simulated token that is shown beside the pages.
  public let panel: TokenPanel?

  public init(publicOrigin: String? = nil, panel: TokenPanel? = nil) {
    self.publicOrigin = publicOrigin?.lowercased()
    self.panel = panel
  }

  /// Whether browsers reach the console over TLS.
  var isSecure: Bool { publicOrigin?.hasPrefix("https://") == true }

  /// With TLS, browsers themselves keep others from planting our cookies (RFC 6265bis, 4.1.3.2).
  var cookiePrefix: String { isSecure ? "__Host-" : "" }

  /// Whether a request is for this console: a page elsewhere can have its own name point to
  /// 127.0.0.1, and would then read what we answer.
  func isOwn(host: String?) -> Bool {
    guard let host else { return false }
    if let publicOrigin, publicOrigin.split(separator: "/").last.map(String.init) == host {
      return true
    }
    let name = host.split(separator: ":", omittingEmptySubsequences: false).first ?? ""
    return name == "127.0.0.1" || name == "localhost"
  }

  /// Whether a form comes from a page of this console, as far as the browser says where it is from.
  func isOwn(_ request: HTTPRequest) -> Bool {
    if let site = request.headers["sec-fetch-site"], site != "same-origin" && site != "none" {
      return false
    }
    guard let origin = request.headers["origin"] else { return true }
    if origin == publicOrigin { return true }
    return request.headers["host"].map { origin == "http://\($0)" } ?? false
  }
}
