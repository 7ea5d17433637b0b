import Glibc

/// Lines for standard output and standard error, each written at once: a run takes minutes, and its output
/// may be piped.
enum Output {
  static func line(_ text: String) { put("\(text)\n", to: STDOUT_FILENO) }

  static func complaint(_ text: String) { put("\(text)\n", to: STDERR_FILENO) }

  static func put(_ text: String, to descriptor: Int32) {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}
