import JSON
import TokenClient
import TokenCore

/// What is remembered of a token: names, and never keys.
struct InventoryEntry: Equatable {
  /// Sixteen hexadecimal digits: what a token is known by.
  let serial: String
  /// What chose it last, as `--token` takes it.
  var token: String
  /// `hardware`, `simulated` or `emulated`.
  var body: String
  /// When its credentials were seen, in seconds since 1970.
  var seen: Int
  /// As `fob list` shows them.
  var credentials: [String]

  /// What `connection`'s token says, now.
  init(_ connection: Connection) throws(FobError) {
    let (information, credentials) = try connection.ask { session throws(TokenFailure) in
      (try session.information(), try session.list())
    }
    serial = information.serialNumber.text
    token = connection.choice.text
    body = connection.choice.body(claimed: information.body).text
    seen = Int(HostClock.now.microseconds / 1_000_000)
    self.credentials = credentials.map(\.name.label)
  }

  /// - Returns: `nil` for what `json` never wrote.
  init?(_ json: JSON) {
    guard let serial = json["serial"]?.string, let token = json["token"]?.string,
      let body = json["body"]?.string, let seen = json["seen"]?.integer,
      let names = json["credentials"]?.array
    else { return nil }
    self.serial = serial
    self.token = token
    self.body = body
    self.seen = seen
    credentials = names.compactMap(\.string)
  }

  var json: JSON {
    [
      "serial": .string(serial), "token": .string(token), "body": .string(body),
      "seen": .integer(seen), "credentials": .array(credentials.map { .string($0) }),
    ]
  }
}
