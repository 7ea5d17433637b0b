import Glibc
import OATH

/// Small files of text that a person names: a URI, a password, backup codes.
enum TextFile {
  /// Largest file in bytes.
  static let largest = 16_384

  /// The first line, without its end. Throws `badInput` when there is none.
  static func firstLine(of path: String) throws(FobError) -> [UInt8] {
    var lines = try lines(of: path)
    let first = lines.isEmpty ? [] : lines.removeFirst()
    for index in lines.indices { wipe(&lines[index]) }
    guard !first.isEmpty else {
      throw FobError(.badInput, "The first line of '\(Printable.text(path))' is empty.")
    }
    return first
  }

  /// All lines, without their ends; a last one that is empty does not count.
  static func lines(of path: String) throws(FobError) -> [[UInt8]] {
    var bytes = try read(path)
    defer { wipe(&bytes) }
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      .map { line in Array(line.last == UInt8(ascii: "\r") ? line.dropLast() : line) }
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  private static func read(_ path: String) throws(FobError) -> [UInt8] {
    let shown = "'\(Printable.text(path))'"
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw FobError(.badInput, "The file \(shown) cannot be opened: \(reason(errno)).")
    }
    defer { Glibc.close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: largest + 1)
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress! + filled, $0.count - filled)
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else {
        throw FobError(.badInput, "The file \(shown) cannot be read: \(reason(errno)).")
      }
      if count == 0 { break }
      filled += count
    }
    guard filled <= largest else {
      wipe(&bytes)
      throw FobError(.badInput, "The file \(shown) is larger than \(largest) bytes.")
    }
    bytes.removeLast(bytes.count - filled)
    return bytes
  }
}
