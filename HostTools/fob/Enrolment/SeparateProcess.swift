import Glibc
import OATH
import TokenClient

/// Does what a stranger's data needs in a process of its own, which is gone afterwards: a decoder that a
/// picture breaks has nothing to take, and what was copied of a secret on the way goes with it.
enum SeparateProcess {
  /// Most bytes of a result.
  private static let largest = 65_536
  /// Seconds of processor time.
  private static let patience: rlim_t = 60

  /// - Parameter body: runs in a copy of this process, which has one thread.
  /// - Returns: what `body` returned, or throws what it threw.
  static func run(_ body: () throws(FobError) -> [UInt8]) throws(FobError) -> SecretBytes {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0, let fork = dlsym(nil, "fork") else { throw broken }
    // Swift does not offer fork(2), since most processes have more than one thread.
    let child = unsafeBitCast(fork, to: (@convention(c) () -> pid_t).self)()
    if child == 0 {
      close(ends[0])
      limit()
      send(outcome(of: body), to: ends[1])
      _exit(0)
    }
    close(ends[1])
    defer { close(ends[0]) }
    guard child > 0 else { throw broken }
    var bytes = [UInt8](repeating: 0, count: largest)
    defer { wipe(&bytes) }
    let count = receive(&bytes, from: ends[0])
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    guard status == 0, count > 0 else { throw broken }
    guard bytes[0] == 0 else {
      throw FobError(
        ExitStatus(rawValue: Int32(bytes[0])) ?? .badInput,
        String(decoding: bytes[1..<count], as: UTF8.self))
    }
    return SecretBytes(bytes.span.extracting(1..<count))
  }

  private static let broken = FobError(
    .badInput, "It cannot be read: the process that was to read it has failed.")

  /// A zero and the result; or the exit status of an error, and its sentence.
  private static func outcome(of body: () throws(FobError) -> [UInt8]) -> [UInt8] {
    do throws(FobError) {
      return [0] + (try body())
    } catch {
      return [UInt8(truncatingIfNeeded: error.status.rawValue)] + Array(error.sentence.utf8)
    }
  }

  /// It reads one file, writes none, and does not go on for ever.
  private static func limit() {
    for (resource, value) in [(RLIMIT_CPU, patience), (RLIMIT_FSIZE, 0), (RLIMIT_CORE, 0)] {
      var limit = rlimit(rlim_cur: value, rlim_max: value)
      setrlimit(__rlimit_resource_t(resource.rawValue), &limit)
    }
  }

  private static func send(_ bytes: [UInt8], to descriptor: Int32) {
    var sent = 0
    while sent < min(bytes.count, largest) {
      let count = bytes.withUnsafeBytes {
        Glibc.write(descriptor, $0.baseAddress! + sent, min($0.count, largest) - sent)
      }
      if count < 0, errno != EINTR { _exit(1) }
      sent += max(0, count)
    }
  }

  private static func receive(_ bytes: inout [UInt8], from descriptor: Int32) -> Int {
    var filled = 0
    while filled < bytes.count {
      let count = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress! + filled, $0.count - filled)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { break }
      filled += count
    }
    return filled
  }
}
