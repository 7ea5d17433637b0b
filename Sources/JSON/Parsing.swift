import CJansson

extension JSON {
  /// What a text may ask of its reader.
  public struct Limits: Sendable {
    /// The longest text, in bytes.
    public var size: Int
    /// How deep arrays and objects may nest, `0 ... 1024`; a lone number has depth 0.
    public var depth: Int

    public init(size: Int = 1 << 20, depth: Int = 64) {
      precondition(size >= 0 && (0...1024).contains(depth))
      self.size = size
      self.depth = depth
    }
  }

  /// Reads one value, of any kind, with nothing but white space around it.
  ///
  /// Stricter than RFC 8259 in one point: a key that is there twice in an object is refused.
  public static func parse(_ text: String, limits: Limits = Limits()) throws(Failure) -> JSON {
    var text = text
    let result = text.withUTF8 { bytes -> Result<JSON, Failure> in
      do throws(Failure) {
        return .success(try parse(bytes, limits))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  private static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, _ limits: Limits
  ) throws(Failure) -> JSON {
    guard bytes.count <= limits.size else { throw Failure(.tooLong(limit: limits.size)) }
    try checkDepth(bytes, limit: limits.depth)
    var error = json_error_t()
    let flags = Int(JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL)
    let value = UnsafeRawPointer(bytes.baseAddress)?.withMemoryRebound(
      to: CChar.self, capacity: bytes.count
    ) { json_loadb($0, bytes.count, flags, &error) }
    guard let value else { throw bytes.isEmpty ? Failure(.unfinished) : Failure(error) }
    defer { json_decref(value) }
    return JSON(value)
  }

  /// Counts brackets outside strings, so that nothing recursive ever sees a text that is too deep.
  private static func checkDepth(
    _ bytes: UnsafeBufferPointer<UInt8>, limit: Int
  ) throws(Failure) {
    var depth = 0
    var line = 1
    var column = 0
    var inString = false
    var escaped = false
    for byte in bytes {
      // Continuation bytes of UTF-8 belong to the character before them.
      if byte & 0xC0 != 0x80 { column += 1 }
      switch byte {
      case _ where escaped:
        escaped = false
      case UInt8(ascii: "\\") where inString:
        escaped = true
      case UInt8(ascii: "\""):
        inString.toggle()
      case UInt8(ascii: "\n"):
        (line, column) = (line + 1, 0)
      case UInt8(ascii: "["), UInt8(ascii: "{"):
        guard !inString else { break }
        depth += 1
        guard depth <= limit else {
          throw Failure(.tooDeep(limit: limit), line: line, column: column)
        }
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        if !inString { depth -= 1 }
      default:
        break
      }
    }
  }

  /// Copies libjansson's value. Its depth has been checked.
  private init(_ value: UnsafeMutablePointer<json_t>) {
    switch value.pointee.type {
    case JSON_OBJECT:
      var pairs: [(key: String, value: JSON)] = []
      pairs.reserveCapacity(json_object_size(value))
      var member = json_object_iter(value)
      while let here = member {
        let key = String(json_object_iter_key(here), count: json_object_iter_key_len(here))
        pairs.append((key, JSON(json_object_iter_value(here))))
        member = json_object_iter_next(value, here)
      }
      self = .object(Members(distinct: pairs))
    case JSON_ARRAY:
      self = .array((0..<json_array_size(value)).map { JSON(json_array_get(value, $0)) })
    case JSON_STRING:
      self = .string(String(json_string_value(value), count: json_string_length(value)))
    case JSON_INTEGER:
      self = .integer(Int(json_integer_value(value)))
    case JSON_REAL:
      self = .number(json_real_value(value))
    case JSON_TRUE:
      self = .bool(true)
    case JSON_FALSE:
      self = .bool(false)
    default:
      self = .null
    }
  }
}

extension String {
  /// `count` bytes of UTF-8 at `bytes`, null characters included.
  fileprivate init(_ bytes: UnsafePointer<CChar>, count: Int) {
    let raw = UnsafeRawBufferPointer(start: bytes, count: count)
    self.init(decoding: raw, as: UTF8.self)
  }
}

extension JSON.Failure {
  /// libjansson's own sentence is left out because it quotes the text.
  fileprivate init(_ error: json_error_t) {
    let cause: Cause =
      switch withUnsafePointer(to: error, { json_error_code($0) }) {
      case json_error_premature_end_of_input: .unfinished
      case json_error_end_of_input_expected: .trailingText
      case json_error_duplicate_key: .repeatedKey
      case json_error_numeric_overflow: .numberOutOfRange
      case json_error_null_byte_in_key: .nullInKey
      case json_error_out_of_memory: .outOfMemory
      default: .syntax
      }
    self.init(cause, line: Int(error.line), column: Int(error.column))
  }
}
