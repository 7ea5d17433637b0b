import Glibc

/// What the bytes of a QR code say.
///
/// A code seldom names its encoding (ISO/IEC 18004, ECI). UTF-8 is what sites write, and other
/// text is practically never valid UTF-8 by chance. The standard's own default is Latin-1
/// (ISO 8859-1), which has no text in 80 to 9F; what is left is Shift JIS, the encoding of the
/// standard's Kanji mode.
enum QRText {
  /// The text of `bytes`; what is in none of the three encodings shows as U+FFFD.
  static func decode(_ bytes: [UInt8]) -> String {
    let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]
    let text = bytes.starts(with: byteOrderMark) ? bytes[3...] : bytes[...]
    if let utf8 = String(validating: text, as: UTF8.self) { return utf8 }
    if !text.contains(where: { (0x80...0x9F).contains($0) }) {
      return String(String.UnicodeScalarView(text.map { Unicode.Scalar($0) }))
    }
    return shiftJIS(text) ?? String(decoding: text, as: UTF8.self)
  }

  private static func shiftJIS(_ bytes: ArraySlice<UInt8>) -> String? {
    let converter = iconv_open("UTF-8", "SHIFT_JIS")
    guard converter != iconv_t(bitPattern: -1) else { return nil }
    defer { iconv_close(converter) }

    // One or two bytes of Shift JIS give at most three of UTF-8.
    var input = Array(bytes)
    var output = [UInt8](repeating: 0, count: 3 * input.count)
    defer {
      explicit_bzero(&input, input.count)
      explicit_bzero(&output, output.count)
    }
    let written = input.withUnsafeMutableBytes { source -> Int? in
      output.withUnsafeMutableBytes { target -> Int? in
        var from = source.baseAddress?.assumingMemoryBound(to: CChar.self)
        var to = target.baseAddress?.assumingMemoryBound(to: CChar.self)
        var sourceLeft = source.count
        var targetLeft = target.count
        let failed = iconv(converter, &from, &sourceLeft, &to, &targetLeft) == -1
        return failed ? nil : target.count - targetLeft
      }
    }
    return written.map { String(decoding: output[..<$0], as: UTF8.self) }
  }
}
