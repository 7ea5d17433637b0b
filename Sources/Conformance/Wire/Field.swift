import TokenCore

/// A field `tag ‖ length ‖ value` of a data field (Docs/protocol.md, section 3).
struct Field: Equatable {
  let tag: UInt8
  let value: [UInt8]

  init(_ tag: Tag, _ value: [UInt8]) {
    self.tag = tag.rawValue
    self.value = value
  }

  private init(tag: UInt8, value: [UInt8]) {
    self.tag = tag
    self.value = value
  }

  /// With the shortest length there is.
  var bytes: [UInt8] {
    switch value.count {
    case 0..<0x80: [tag, UInt8(value.count)] + value
    case 0x80...0xFF: [tag, 0x81, UInt8(value.count)] + value
    default: [tag, 0x82] + bigEndian(UInt16(value.count)) + value
    }
  }

  /// With the length in a given form: 0x81 has one byte of length behind it, 0x82 two.
  func bytes(form: UInt8) -> [UInt8] {
    let length = bigEndian(UInt16(value.count))
    return [tag, form] + (form == 0x81 ? Array(length.dropFirst()) : length) + value
  }

  /// The fields that `data` is a row of; `nil` when it is none.
  static func parse(_ data: [UInt8]) -> [Field]? {
    var fields: [Field] = []
    var rest = data[...]
    while let tag = rest.popFirst() {
      guard let first = rest.popFirst() else { return nil }
      var length = Int(first)
      if first >= 0x80 {
        guard first == 0x81 || first == 0x82, rest.count >= Int(first & 0x7F) else { return nil }
        length = Int(number(rest.prefix(Int(first & 0x7F))))
        rest = rest.dropFirst(Int(first & 0x7F))
      }
      guard rest.count >= length else { return nil }
      fields.append(Field(tag: tag, value: Array(rest.prefix(length))))
      rest = rest.dropFirst(length)
    }
    return fields
  }

  /// Tag and length, as a report shows a field whose value is nobody's business.
  var words: String { "\(hexadecimal(tag)) of \(value.count) bytes" }
}

extension Array where Element == Field {
  var bytes: [UInt8] { flatMap(\.bytes) }

  var words: String { isEmpty ? "no fields" : map(\.words).joined(separator: ", ") }
}
