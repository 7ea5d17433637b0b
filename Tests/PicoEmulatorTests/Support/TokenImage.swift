import Foundation
import OATH
import PicoEmulator
import Testing
import TokenClient
import TokenCore

/// The token's firmware, as `make firmware` builds it.
enum TokenImage {
  private static let folder = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: ".build/firmware")

  static func path(_ kind: String = "elf") -> String {
    folder.appending(path: "Pico.\(kind)").path
  }

  static var isBuilt: Bool { FileManager.default.fileExists(atPath: path()) }

  static let absence = "there is no firmware image: run 'make firmware'"

  /// Of the flash, the token's storage: its last 128 KiB.
  static let storage = Pico.flashSize - 131_072..<Pico.flashSize

  /// A transport whose flash is in memory, and which takes no longer than it has to.
  static func transport(
    _ kind: String = "elf", storage: PicoTransport.Storage = .memory, finger: Finger = .tapping,
    seed: UInt64 = 1
  ) -> PicoTransport {
    PicoTransport(
      image: path(kind), storage: storage, pace: .unpaced, finger: finger, seed: seed)
  }

  /// RFC 4226's, appendix D.
  private static let secretText = "12345678901234567890"

  static var secret: SecretBytes { SecretBytes(Array(secretText.utf8).span) }

  /// A credential that counts: its codes say whether its secret is what it was.
  static func counting(_ label: String) throws -> NewCredential {
    try NewCredential(
      name: .init(hotpLabel: label), secret: secret)
  }

  /// RFC 4226's codes of `secret`.
  static func code(_ counter: UInt64) -> String {
    let key = OATHKey(algorithm: .sha1, secret: Array(secretText.utf8).span)
    return HOTP.code(key: key, at: MovingFactor(counter), digits: .six).description
  }
}
