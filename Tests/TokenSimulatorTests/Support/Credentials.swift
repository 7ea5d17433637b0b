import OATH
import TokenClient
import TokenCore

func secret() -> SecretBytes {
  SecretBytes([UInt8]("12345678901234567890".utf8).span)
}

func touchCredential(_ name: Credential.Name) throws -> NewCredential {
  try NewCredential(name: name, secret: secret(), properties: .touch)
}

/// Puts a TOTP credential on the token that is served at `socket`.
func putCredential(_ label: String, _ socket: String) throws {
  let session = try TokenSession(over: UnixSocketTransport(path: socket))
  defer { session.close() }
  let name = try Credential.Name(label: label, period: Seconds(30))
  try session.put(NewCredential(name: name, secret: secret()))
}

/// The labels of the credentials on the token that is served at `socket`.
func names(_ socket: String) throws -> [String] {
  let session = try TokenSession(over: UnixSocketTransport(path: socket))
  defer { session.close() }
  return try session.list().map(\.name.label)
}
