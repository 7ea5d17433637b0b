import Foundation
import Testing

/// The committed pictures; Pictures/README.md says how each was made.
enum Pictures {
  /// The test key of RFC 6238, and its Base32, which is in all of them.
  static let secret = Array("12345678901234567890".utf8)
  static let key = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

  static func path(_ name: String) throws -> String {
    let folder = try #require(Bundle.module.resourceURL).appendingPathComponent("Pictures")
    return folder.appendingPathComponent(name).path
  }

  static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }
}
