/// A code as it is typed: a number and how many digits it is written with.
public struct Code: Equatable, Sendable {
  /// Below ten to the power of `digits`.
  public let value: UInt32
  public let digits: Digits

  /// Writes the code in ASCII, with its leading zeros, to the first bytes of `text`.
  ///
  /// - Precondition: `text` holds at least `digits` bytes; 10 suffice for any code.
  /// - Returns: how many bytes were written: the number of digits.
  @discardableResult
  public func writeDigits(into text: inout MutableSpan<UInt8>) -> Int {
    precondition(text.count >= digits.rawValue, "a code takes up to 10 bytes")
    var rest = value
    var position = digits.rawValue
    while position > 0 {
      position -= 1
      let quotient = tenth(of: rest)
      text[position] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest &- 10 &* quotient)
      rest = quotient
    }
    return digits.rawValue
  }

  /// In constant time as far as the value goes.
  public static func == (a: Code, b: Code) -> Bool {
    ConstantTime.isEqual(a.value, b.value) != 0 && a.digits == b.digits
  }
}

#if !hasFeature(Embedded)
  extension Code: CustomStringConvertible {
    /// The digits. Mind where they go: a code is a secret for as long as its step lasts.
    public var description: String {
      String(unsafeUninitializedCapacity: digits.rawValue) { buffer in
        var text = buffer.mutableSpan
        return writeDigits(into: &text)
      }
    }
  }
#endif
