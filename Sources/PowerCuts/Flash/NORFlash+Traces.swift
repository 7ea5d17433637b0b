import Glibc

extension NORFlash {
  /// Whether any 11 bytes in a row of `value`, which repeats its first 6, are left anywhere; false for
  /// shorter values.
  package func contains(traceOf value: [UInt8]) -> Bool {
    guard value.count >= 11 else { return false }
    return bytes.withUnsafeBytes { image in
      value.withUnsafeBytes { stamp in
        var offset = 0
        while offset <= image.count - 6 {
          let rest = image.count - 6 + 1 - offset
          guard let hit = memchr(image.baseAddress! + offset, Int32(stamp[0]), rest) else { break }
          if memcmp(hit, stamp.baseAddress!, 6) == 0 { return true }
          offset = UnsafeRawPointer(hit) - image.baseAddress! + 1
        }
        return false
      }
    }
  }
}
