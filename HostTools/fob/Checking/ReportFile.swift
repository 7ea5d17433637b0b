import Glibc

/// A file that a command writes its results to. It is opened before the work begins, so that nobody
/// waits for results that then have no place.
final class ReportFile {
  private let path: String
  private let descriptor: Int32

  /// Makes the file, or empties the one there is.
  init(creating path: String) throws(FobError) {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw Self.failure(path, errno) }
  }

  deinit {
    if descriptor >= 0 { close(descriptor) }
  }

  func write(_ text: String) throws(FobError) {
    let bytes = Array(text.utf8)
    var written = 0
    while written < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress! + written, bytes.count - written)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure(path, count < 0 ? errno : EIO) }
      written += count
    }
  }

  private static func failure(_ path: String, _ error: Int32) -> FobError {
    FobError(
      .badInput, "The file '\(Printable.text(path))' cannot be written: \(reason(error)).")
  }
}
