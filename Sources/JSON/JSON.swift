/// A JSON value (RFC 8259), whose objects keep the order of their keys.
///
/// Parsing and writing are libjansson's work; this type is what the rest of the project sees of it.
public enum JSON: Hashable, Sendable {
  case object(Members)
  case array([JSON])
  case string(String)
  /// A number written without fraction or exponent, and within 64 bits.
  case integer(Int)
  /// Any other number. One that is not finite has no JSON text, and is written as `null`.
  case number(Double)
  case bool(Bool)
  case null
}

// MARK: - Reading values

extension JSON {
  /// The value under `key`; `nil` if this is no object or has no such key. Setting `nil` removes the
  /// key, and setting anything makes an object of what was none.
  public subscript(key: String) -> JSON? {
    get { object?[key] }
    set {
      var members = object ?? Members()
      members[key] = newValue
      self = .object(members)
    }
  }

  /// The element at `index`; `nil` if this is no array or a shorter one.
  public subscript(index: Int) -> JSON? {
    guard case .array(let elements) = self, elements.indices.contains(index) else { return nil }
    return elements[index]
  }

  public var object: Members? {
    if case .object(let members) = self { members } else { nil }
  }

  public var array: [JSON]? {
    if case .array(let elements) = self { elements } else { nil }
  }

  public var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  public var integer: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  /// Any number, an integer too (which loses precision beyond 2^53).
  public var number: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    default: nil
    }
  }

  public var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  public var isNull: Bool { self == .null }
}

// MARK: - Literals

extension JSON: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
  ExpressibleByStringInterpolation, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral
{
  /// Of a key that is there twice, the last value holds.
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Members(elements))
  }

  public init(arrayLiteral elements: JSON...) {
    self = .array(elements)
  }

  public init(stringLiteral value: String) {
    self = .string(value)
  }

  public init(integerLiteral value: Int) {
    self = .integer(value)
  }

  public init(floatLiteral value: Double) {
    self = .number(value)
  }

  public init(booleanLiteral value: Bool) {
    self = .bool(value)
  }

  public init(nilLiteral: ()) {
    self = .null
  }
}

extension JSON: CustomStringConvertible {
  public var description: String { text }
}
