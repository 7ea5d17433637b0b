/// A request that arrived whole: within the server's limits, and in UTF-8 wherever it is text.
public struct HTTPRequest: Sendable {
  public var method: String
  /// Decoded, unless it has a zero byte in it; without the query; starts with "/".
  public var path: String
  public var query: [String: String] = [:]
  /// Names in lower case. Of a header that is there twice, the first.
  public var headers: [String: String] = [:]
  public var cookies: [String: String] = [:]
  public var body: HTTPBody = .none
  /// The other end's IP address.
  public var address: String

  public init(method: String, path: String, address: String = "127.0.0.1") {
    self.method = method
    self.path = path
    self.address = address
  }

  /// The fields of a form; empty for any other body.
  public var form: HTTPForm {
    if case .form(let form) = body { form } else { HTTPForm() }
  }
}

/// What a request carried.
public enum HTTPBody: Sendable {
  case none
  /// `application/x-www-form-urlencoded` or `multipart/form-data`.
  case form(HTTPForm)
  /// `application/json`, not parsed.
  case json([UInt8])
}

/// A form that was sent. Of a field that is there twice, the first counts.
public struct HTTPForm: Sendable {
  /// A file of a `multipart/form-data` body. Its name and content are the sender's claims.
  public struct File: Sendable, Equatable {
    public var name: String
    public var content: [UInt8]

    public init(name: String, content: [UInt8]) {
      self.name = name
      self.content = content
    }
  }

  public var fields: [String: String] = [:]
  public var files: [String: File] = [:]

  public init(fields: [String: String] = [:], files: [String: File] = [:]) {
    self.fields = fields
    self.files = files
  }

  /// A field's text; empty if it was not sent.
  public subscript(name: String) -> String { fields[name] ?? "" }

  /// Whether a checkbox was ticked: one that is not is not sent at all.
  public func isTicked(_ name: String) -> Bool { fields[name] != nil }
}

/// Why a request got no further than the server itself.
public enum HTTPFault: Sendable, Equatable {
  /// A body of a type that is neither a form nor JSON.
  case unsupportedType
  /// More than the limits allow.
  case tooLarge(limit: Int)
  /// A form that cannot be read as one, or text that is not UTF-8.
  case malformed
  /// A request that is for another host than this one, as a page does that had a name pointed here.
  case wrongHost

  public var status: Int {
    switch self {
    case .unsupportedType: 415
    case .tooLarge: 413
    case .malformed: 400
    case .wrongHost: 421
    }
  }

  /// One sentence.
  public var sentence: String {
    switch self {
    case .unsupportedType: "The request's body is neither a form nor JSON."
    case .tooLarge(let limit): "The request is larger than \(limit) bytes."
    case .malformed: "The request cannot be read."
    case .wrongHost: "The request is for another host."
    }
  }
}
