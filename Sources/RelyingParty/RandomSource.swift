import Glibc

/// Where secrets, salts and tickets come from. A test hands in one that it can repeat.
public struct RandomSource {
  private let fill: (UnsafeMutableRawBufferPointer) throws(Refusal) -> Void

  /// A source that fills the whole buffer it is handed.
  public init(_ fill: @escaping (UnsafeMutableRawBufferPointer) throws(Refusal) -> Void) {
    self.fill = fill
  }

  /// The system's: getrandom(2), by way of getentropy(3), which gives all it is asked for, at most
  /// 256 bytes at a time, and waits until the kernel's pool was seeded.
  public static var system: RandomSource {
    RandomSource { (buffer) throws(Refusal) in
      let mostBytes = 256
      for start in stride(from: 0, to: buffer.count, by: mostBytes) {
        let part = buffer[start..<min(start + mostBytes, buffer.count)]
        let bytes = UnsafeMutableRawBufferPointer(rebasing: part)
        guard getentropy(bytes.baseAddress!, bytes.count) == 0 else {
          throw .noRandomness(reason: String(cString: strerror(errno)))
        }
      }
    }
  }

  func bytes(_ count: Int) throws(Refusal) -> [UInt8] {
    precondition(count > 0)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: count, alignment: 1)
    buffer.initializeMemory(as: UInt8.self, repeating: 0)
    defer {
      explicit_bzero(buffer.baseAddress!, count)
      buffer.deallocate()
    }
    try fill(buffer)
    return [UInt8](buffer)
  }

  /// A number below `bound` (1 to 256), each as likely as the other: bytes from the last,
  /// incomplete round of `bound` are drawn again.
  func number(below bound: Int) throws(Refusal) -> Int {
    precondition((1...256).contains(bound))
    let fair = 256 / bound * bound
    while true {
      let byte = Int(try bytes(1)[0])
      if byte < fair { return byte % bound }
    }
  }
}
