import CJansson
import Glibc

extension JSON {
  /// The value as one line without white space between its parts, and without a final newline.
  public var text: String { written(flags: Int(JSON_COMPACT)) }

  /// The value over several lines, two spaces a level, without a final newline.
  public var indentedText: String { written(flags: 2) }

  /// `flags`: the low five bits are the spaces of a level, the rest libjansson's `JSON_…`.
  private func written(flags: Int) -> String {
    let value = allocated()
    defer { json_decref(value) }
    let precision = significantDigits << 11  // JSON_REAL_PRECISION
    guard let text = json_dumps(value, flags | precision | Int(JSON_ENCODE_ANY)) else {
      preconditionFailure("libjansson ran out of memory")
    }
    defer { free(text) }
    return String(cString: text)
  }

  /// The fewest significant digits, 15 ... 17, that bring every number in here back as it was; so
  /// that 0.1 is written as 0.1, and nothing is lost.
  private var significantDigits: Int {
    switch self {
    case .number(let value): max(15, value.significantDigits)
    case .array(let elements): elements.reduce(15) { max($0, $1.significantDigits) }
    case .object(let members): members.reduce(15) { max($0, $1.value.significantDigits) }
    default: 15
    }
  }

  /// libjansson's copy, which the caller has to release.
  private func allocated() -> UnsafeMutablePointer<json_t> {
    let value: UnsafeMutablePointer<json_t>?
    switch self {
    case .object(let members):
      value = json_object()
      for (key, member) in members {
        var key = key
        let status = key.withUTF8 { bytes in
          bytes.withMemoryRebound(to: CChar.self) {
            // An empty key has no address of its own.
            json_object_setn_new_nocheck(
              value, $0.baseAddress ?? emptyText, $0.count, member.allocated())
          }
        }
        precondition(status == 0, "libjansson ran out of memory")
      }
    case .array(let elements):
      value = json_array()
      for element in elements {
        let status = json_array_append_new(value, element.allocated())
        precondition(status == 0, "libjansson ran out of memory")
      }
    case .string(var text):
      value = text.withUTF8 { bytes in
        bytes.withMemoryRebound(to: CChar.self) {
          json_stringn_nocheck($0.baseAddress ?? emptyText, $0.count)
        }
      }
    case .integer(let number):
      value = json_integer(json_int_t(number))
    case .number(let number):
      value = number.isFinite ? json_real(number) : json_null()
    case .bool(let truth):
      value = truth ? json_true() : json_false()
    case .null:
      value = json_null()
    }
    guard let value else { preconditionFailure("libjansson ran out of memory") }
    return value
  }
}

/// A text of no bytes that has an address.
private nonisolated(unsafe) let emptyText: UnsafePointer<CChar> = {
  let text = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
  text.pointee = 0
  return UnsafePointer(text)
}()

extension Double {
  /// Of the shortest decimal text that means this number, which is what Swift prints.
  fileprivate var significantDigits: Int {
    var digits = description.prefix { $0 != "e" }.filter { $0.isNumber || $0 == "." }
    if digits.hasSuffix(".0") { digits.removeLast(2) }
    return digits.filter { $0 != "." }.drop { $0 == "0" }.count
  }
}
