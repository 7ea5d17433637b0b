/// An answer: a status, headers in their order, and a body that is there as a whole.
public struct HTTPResponse: Sendable {
  public var status: Int
  public private(set) var headers: [(name: String, value: String)] = []
  public var body: [UInt8]

  public init(status: Int = 200, type: String, body: [UInt8]) {
    self.status = status
    self.body = body
    set("Content-Type", type)
  }

  /// "See other": the browser asks for `path` with GET, so that a reload sends nothing twice.
  /// - Parameter path: one of the server's own, in ASCII.
  public init(seeOther path: String) {
    status = 303
    body = []
    set("Location", path)
  }

  /// The value of a header; nil if it is not there.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }

  /// Sets a header in the place of any that is there. Line breaks in the value are dropped, so that
  /// no text makes two headers out of one.
  public mutating func set(_ name: String, _ value: String) {
    remove(name)
    add(name, value)
  }

  public mutating func remove(_ name: String) {
    headers.removeAll { $0.name.lowercased() == name.lowercased() }
  }

  /// Adds a header beside any of its name.
  public mutating func add(_ name: String, _ value: String) {
    let isPrintable: (UInt8) -> Bool = { $0 >= 0x20 && $0 != 0x7F }
    headers.append((name, String(decoding: value.utf8.filter(isPrintable), as: UTF8.self)))
  }

  /// Sets a cookie that scripts do not see and that other sites do not send.
  ///
  /// - Parameter value: of letters, digits, "-" and "_"; empty to take the cookie away.
  /// - Parameter seconds: how long it is kept; nil for as long as the browser runs.
  public mutating func setCookie(
    _ name: String, _ value: String, seconds: Int64? = nil, isSecure: Bool
  ) {
    var text = "\(name)=\(value); Path=/; HttpOnly; SameSite=Lax"
    if isSecure { text += "; Secure" }
    if value.isEmpty {
      text += "; Max-Age=0"
    } else if let seconds {
      text += "; Max-Age=\(max(0, seconds))"
    }
    add("Set-Cookie", text)
  }
}
