import Glibc

/// A text file of the project's documentation, in which sections between two marks are generated.
struct TextFile {
  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  let path: String
  var text: String

  init(reading path: String) throws(Failure) {
    self.path = path
    guard let file = fopen(path, "r") else { throw Self.failure(path) }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var block = [UInt8](repeating: 0, count: 65_536)
    while case let count = fread(&block, 1, block.count, file), count > 0 {
      bytes += block[..<count]
    }
    text = String(decoding: bytes, as: UTF8.self)
  }

  init(path: String, text: String) {
    self.path = path
    self.text = text
  }

  /// Puts `content` between `<!-- name begins … -->` and `<!-- name ends -->`, in the place of what was
  /// there.
  mutating func replaceSection(_ name: String, with content: String) throws(Failure) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let start = lines.firstIndex(where: { $0.hasPrefix("<!-- \(name) begins") }),
      let end = lines.firstIndex(where: { $0 == "<!-- \(name) ends -->" }), start < end
    else { throw Failure(description: "\(path) has no section '\(name)'") }
    text = (lines[...start] + [Substring("\n" + content)] + lines[end...]).joined(separator: "\n")
  }

  func write() throws(Failure) {
    guard let file = fopen(path, "w") else { throw Self.failure(path) }
    let bytes = Array(text.utf8)
    let written = fwrite(bytes, 1, bytes.count, file)
    guard fclose(file) == 0, written == bytes.count else { throw Self.failure(path) }
  }

  private static func failure(_ path: String) -> Failure {
    Failure(description: "\(path): \(String(cString: strerror(errno)))")
  }
}
