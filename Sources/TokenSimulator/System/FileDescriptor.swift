import Glibc

/// An open file or socket, closed when it goes away. Every one is closed on exec as well.
package struct FileDescriptor: ~Copyable {
  package let rawValue: Int32

  /// Takes over `rawValue`, which is open.
  package init(owning rawValue: Int32) {
    precondition(rawValue >= 0)
    self.rawValue = rawValue
  }

  /// open(2). `mode` matters only when the file is created.
  package init(opening path: String, _ flags: Int32, mode: mode_t = 0) throws(SystemFailure) {
    let descriptor = retrying { open(path, flags | O_CLOEXEC, mode) }
    guard descriptor >= 0 else { throw SystemFailure("open") }
    rawValue = descriptor
  }

  deinit {
    close(rawValue)
  }

  package func status() throws(SystemFailure) -> stat {
    var status = stat()
    guard fstat(rawValue, &status) == 0 else { throw SystemFailure("fstat") }
    return status
  }

  /// Reads up to `count` bytes from `offset` on; fewer only at the end of the file.
  package func read(_ count: Int, at offset: Int) throws(SystemFailure) -> [UInt8] {
    var failure: SystemFailure?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let step = retrying {
          pread(rawValue, buffer.baseAddress! + filled, count - filled, off_t(offset + filled))
        }
        if step < 0 { failure = SystemFailure("read") }
        if step <= 0 { return }
        filled += step
      }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Writes all of `bytes` at `offset`.
  package func write(_ bytes: [UInt8], at offset: Int) throws(SystemFailure) {
    var written = 0
    while written < bytes.count {
      let step = bytes.withUnsafeBytes { buffer in
        retrying {
          pwrite(
            rawValue, buffer.baseAddress! + written, buffer.count - written,
            off_t(offset + written))
        }
      }
      guard step > 0 else { throw SystemFailure("write") }
      written += step
    }
  }
}

/// Repeats a system call as long as a signal interrupts it.
package func retrying<Result: SignedInteger>(_ call: () -> Result) -> Result {
  while true {
    let result = call()
    if result != -1 || errno != EINTR { return result }
  }
}
