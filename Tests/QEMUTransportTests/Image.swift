import Foundation
import QEMUTransport

/// The firmware that is tested, as `make firmware` builds it.
enum Image {
  static let root = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  static let path = root.appending(path: ".build/firmware/Microbit.elf").path

  static var isBuilt: Bool { FileManager.default.fileExists(atPath: path) }

  static var hasQEMU: Bool {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    return folders.contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/qemu-system-arm")
    }
  }

  static let absence =
    hasQEMU
    ? "there is no firmware image: run 'make firmware'"
    : "there is no qemu-system-arm: run 'make setup'"
}

/// A folder of a test's own, gone with the test.
final class Folder {
  let url: URL

  init() throws {
    url = URL(filePath: NSTemporaryDirectory()).appending(path: "watchfob-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// A copy of the image, with a storage of its own.
  func image() throws -> String {
    let copy = url.appending(path: "token.elf").path
    try FileManager.default.copyItem(atPath: Image.path, toPath: copy)
    return copy
  }
}
