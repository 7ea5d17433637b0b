import TokenCore

/// What a token says about itself (INFORMATION).
public struct TokenInformation: Hashable, Sendable {
  /// A staged update.
  public enum Staging: Hashable, Sendable {
    case none
    /// Of which credential is only said to those who know the access key.
    case hidden
    case update(of: Credential.Name)
  }

  /// YKOATH's, from which clients conclude what the applet can do.
  public let version: DeviceVersion
  public let serialNumber: SerialNumber
  public let body: Body
  /// Credentials stored, `0 ... capacity`.
  public let stored: Int
  /// Credentials there is room for, at most 64.
  public let capacity: Int
  public let isAccessKeySet: Bool
  /// Tries that the PIN has left, `0 ... 8`; `nil` when none is set.
  public let pinTries: Int?
  public let staging: Staging

  init(_ fields: FieldReader) throws(TokenFailure) {
    var fields = fields
    version = DeviceVersion(try fields.value(of: .version, 3...3))
    serialNumber = SerialNumber(
      rawValue: fields.number(in: try fields.value(of: .serialNumber, 8...8)))
    guard let body = Body(rawValue: try fields.byte(of: .body)) else {
      throw .nonsense("it says that it is made of something unknown")
    }
    self.body = body
    let counts = try fields.value(of: .capacity, 2...2)
    stored = Int(counts[0])
    capacity = Int(counts[1])
    guard stored <= capacity, capacity <= AppletLimits.credentials else {
      throw .nonsense("it says that it holds more than it has room for")
    }
    isAccessKeySet = try fields.byte(of: .accessKeySet) != 0
    pinTries = try fields.pinTries()
    if let name = try fields.optionalValue(of: .staged, 0...AppletLimits.nameSize) {
      staging = Credential.Name(wire: name, type: .totp).map { .update(of: $0) } ?? .hidden
    } else {
      staging = .none
    }
    try fields.end()
  }
}

extension FieldReader {
  /// The field that says how often the PIN may still be tried, if it comes next.
  mutating func pinTries() throws(TokenFailure) -> Int? {
    guard let tries = try optionalValue(of: .pinTries, 1...1) else { return nil }
    guard tries[0] <= AppletLimits.pinTries else {
      throw .nonsense("its PIN has more tries than any token gives")
    }
    return Int(tries[0])
  }
}

extension DeviceVersion {
  /// Three bytes: major, minor, build.
  init(_ bytes: [UInt8]) {
    self.init(major: bytes[0], minor: bytes[1], build: bytes[2])
  }
}

extension SerialNumber {
  /// Sixteen hexadecimal digits.
  public var text: String {
    let digits = String(rawValue, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
