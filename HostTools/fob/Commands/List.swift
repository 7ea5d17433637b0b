import JSON
import OATH
import TokenClient
import TokenCore

/// `fob list`: what is on the token.
enum List {
  static func run(_ invocation: Invocation, _ console: Console) throws(FobError) {
    let connection = try Connection(invocation, console, for: .look)
    let credentials = try connection.ask { session throws(TokenFailure) in try session.list() }
    Inventory.note(connection)
    if invocation.has(.json) {
      console.line(JSON.array(credentials.map(json)).indentedText)
    } else if invocation.has(.names) {
      // A name that cannot be shown cannot be typed either.
      for credential in credentials where credential.name.description == credential.name.label {
        console.line(credential.name.label)
      }
    } else if credentials.isEmpty {
      console.note("There are no credentials on the token; 'fob help add' says how to add one.")
    } else {
      let rows = credentials.map { [$0.name.description, $0.settings] }
      console.table(["NAME", "SETTINGS"], rows)
    }
  }

  private static func json(_ credential: Credential) -> JSON {
    var object: JSON = [
      "name": .string(credential.name.label), "type": .string(credential.typeText),
      "algorithm": .string(credential.kind.algorithm.text),
      "touch": .bool(credential.needsTouch),
    ]
    object["issuer"] = credential.name.issuer.map { .string($0) }
    object["account"] = .string(credential.name.account)
    object["period"] = credential.name.period.map { .integer(Int($0.rawValue)) }
    return object
  }
}

extension Option {
  static let names = Option("names", "print the names alone, one a line", excludes: ["json"])
}

extension Credential {
  var typeText: String { kind.type == .totp ? "totp" : "hotp" }

  /// `every 30 s, SHA-1, touch`
  var settings: String {
    let factor = name.period.map { "every \($0.rawValue) s" } ?? "counting"
    return "\(factor), \(kind.algorithm.title)\(needsTouch ? ", touch" : "")"
  }
}

extension HashAlgorithm {
  /// As on the command line and in JSON.
  var text: String {
    switch self {
    case .sha1: "sha1"
    case .sha256: "sha256"
    case .sha512: "sha512"
    }
  }

  /// As a person reads it.
  var title: String {
    switch self {
    case .sha1: "SHA-1"
    case .sha256: "SHA-256"
    case .sha512: "SHA-512"
    }
  }
}

extension Command {
  static let list = Command(
    name: "list", section: .credentials, summary: "List the credentials on the token",
    options: [.names, .json] + Option.connection,
    examples: [Example("fob list", "List names and settings, and no codes")],
    statuses: [.noToken, .locked, .disconnected],
    run: List.run)
}
