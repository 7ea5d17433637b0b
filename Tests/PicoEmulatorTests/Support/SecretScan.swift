import PicoEmulator
import TokenCore

@testable import OATH

/// A secret that is planted in a token, in every shape in which it may lie about: as it is, in words that
/// a hash has turned round, as HMAC's key blocks, and as HMAC's midstates.
struct PlantedSecret {
  let name: String
  let bytes: [UInt8]
  /// Every window of eight bytes of every shape.
  let windows: Set<UInt64>

  init(_ name: String, _ bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    var shapes: [[UInt8]] = []
    for pad: UInt8 in [0, 0x36, 0x5C] {
      let padded = bytes.map { $0 ^ pad }
      shapes.append(padded)
      // Words of four bytes, and of eight.
      for width in [4, 8] {
        let filled = padded + [UInt8](repeating: pad, count: (width - bytes.count % width) % width)
        shapes.append(
          stride(from: 0, to: filled.count, by: width).flatMap {
            filled[$0..<$0 + width].reversed()
          }
        )
      }
    }
    for algorithm in HashAlgorithm.allCases {
      let states = Midstates(bytes.span, of: algorithm)
      for address in [states.inner.address, states.outer.address] {
        let size = algorithm == .sha1 ? 20 : algorithm == .sha256 ? 32 : 64
        shapes.append((0..<size).map { address.load(fromByteOffset: $0, as: UInt8.self) })
      }
    }
    windows = Set(shapes.flatMap(Self.windows))
  }

  private static func windows(of bytes: [UInt8]) -> [UInt64] {
    guard bytes.count >= 8 else { return [] }
    return (0...bytes.count - 8).map { start in
      bytes[start..<start + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
  }
}

/// Looks for planted secrets.
struct SecretScan {
  let secrets: [PlantedSecret]
  /// By the first two bytes of a window: whether any begins so. It makes the search fast.
  private let beginnings: [Bool]

  init(_ secrets: [PlantedSecret]) {
    self.secrets = secrets
    var beginnings = [Bool](repeating: false, count: 65_536)
    for window in secrets.flatMap(\.windows) { beginnings[Int(window & 0xFFFF)] = true }
    self.beginnings = beginnings
  }

  /// The names of the secrets of which eight bytes in a row lie in `bytes`, with the first place of each.
  func found(in bytes: [UInt8]) -> [String: Int] {
    var found: [String: Int] = [:]
    bytes.withUnsafeBytes { bytes in
      beginnings.withUnsafeBufferPointer { beginnings in
        for offset in 0..<max(bytes.count - 7, 0) {
          let beginning = UInt16(
            littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self))
          guard beginnings[Int(beginning)] else { continue }
          let window = UInt64(
            littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
          for secret in secrets where secret.windows.contains(window) {
            if found[secret.name] == nil { found[secret.name] = offset }
          }
        }
      }
    }
    return found
  }

  /// How often a secret lies whole, as it is, in `bytes`.
  func count(of secret: PlantedSecret, in bytes: [UInt8]) -> Int {
    guard bytes.count >= secret.bytes.count else { return 0 }
    return (0...bytes.count - secret.bytes.count).count { start in
      bytes[start] == secret.bytes[0]
        && bytes[start..<start + secret.bytes.count].elementsEqual(secret.bytes)
    }
  }
}
