import JSON
import TokenClient
import TokenCore

/// What is remembered of a token: names, and never keys.
struct InventoryEntry: Equatable {
  /// What tells a token from one that claims to be it.
  struct Identity: Hashable {
    /// Sixteen hexadecimal digits: what a token is known by.
    let serial: String
    /// Whether it was reached on USB, as a simulation or in an emulator: none passes for another.
    let way: String
    /// What RESET renews, in sixteen hexadecimal digits; `nil` where it was not remembered yet.
    let identifier: String?

    /// Whether this may be the same token as `other`.
    func fits(_ other: Identity) -> Bool {
      serial == other.serial && way == other.way
        && (identifier == nil || other.identifier == nil || identifier == other.identifier)
    }
  }

  let identity: Identity
  /// What chose it last, as `--token` takes it.
  var token: String
  /// `hardware`, `simulated` or `emulated`.
  var body: String
  /// When its credentials were seen, in seconds since 1970.
  var seen: Int
  /// Whether it had a password then.
  var hasPassword: Bool
  /// As `fob list` shows them.
  var credentials: [String]

  var serial: String { identity.serial }

  /// What `connection`'s token says, now.
  init(_ connection: Connection) throws(FobError) {
    let information = try connection.information()
    let credentials = try connection.ask { session throws(TokenFailure) in try session.list() }
    identity = try connection.identity()
    token = connection.choice.text
    body = connection.choice.body(claimed: information.body).text
    seen = Int(HostClock.now.microseconds / 1_000_000)
    hasPassword = connection.session.hasAccessKey
    self.credentials = credentials.map(\.name.label)
  }

  /// - Returns: `nil` for what `json` never wrote.
  init?(_ json: JSON) {
    guard let serial = json["serial"]?.string, let token = json["token"]?.string,
      let body = json["body"]?.string, let seen = json["seen"]?.integer,
      let names = json["credentials"]?.array
    else { return nil }
    identity = Identity(
      serial: serial, way: Self.way(token), identifier: json["identifier"]?.string)
    self.token = token
    self.body = body
    self.seen = seen
    hasPassword = json["password"]?.bool ?? false
    credentials = names.compactMap(\.string)
  }

  var json: JSON {
    var object: JSON = [
      "serial": .string(serial), "token": .string(token), "body": .string(body),
      "seen": .integer(seen), "password": .bool(hasPassword),
      "credentials": .array(credentials.map { .string($0) }),
    ]
    object["identifier"] = identity.identifier.map { .string($0) }
    return object
  }

  /// The way to a token that is chosen by `token`.
  static func way(_ token: String) -> String {
    switch token.prefix(while: { $0 != ":" }) {
    case "usb": "usb"
    // An image is the same token whether a server runs it or not.
    case "sim", "unix": "simulated"
    default: "emulated"
    }
  }
}
