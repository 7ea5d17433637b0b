/// Bytes as a person reads them in a report: `71 1c 66`, and an ellipsis beyond `limit`.
func hexadecimal(_ bytes: some Collection<UInt8>, limit: Int = 40) -> String {
  let shown = bytes.prefix(limit).map { byte in
    let digits = String(byte, radix: 16)
    return digits.count < 2 ? "0" + digits : digits
  }
  return shown.joined(separator: " ") + (bytes.count > limit ? " …" : "")
}

/// A number as hexadecimal digits, with zeros in front up to its width.
func hexadecimal<Number: FixedWidthInteger & UnsignedInteger>(_ number: Number) -> String {
  let digits = String(number, radix: 16, uppercase: true)
  return String(repeating: "0", count: Number.bitWidth / 4 - digits.count) + digits
}

/// The bytes of a number, most significant first.
func bigEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
  withUnsafeBytes(of: number.bigEndian) { Array($0) }
}

/// The number that `bytes`, at most eight, are, most significant first.
func number(_ bytes: some Sequence<UInt8>) -> UInt64 {
  bytes.reduce(0) { $0 << 8 | UInt64($1) }
}

/// Bytes from the system's generator.
func randomBytes(_ count: Int) -> [UInt8] {
  (0..<count).map { _ in UInt8.random(in: .min ... .max) }
}
