extension JSON {
  /// Why a text is not taken as JSON, and where. It never quotes the text, which may hold secrets.
  public struct Failure: Error, Hashable, Sendable {
    public enum Cause: Hashable, Sendable {
      /// The text has more bytes than `Limits.size`.
      case tooLong(limit: Int)
      /// Arrays and objects are nested deeper than `Limits.depth`.
      case tooDeep(limit: Int)
      /// The text ends within a value.
      case unfinished
      /// Something follows the value.
      case trailingText
      case syntax
      /// A key is there twice in one object.
      case repeatedKey
      /// A number that neither 64 bits nor a double can hold.
      case numberOutOfRange
      /// A key with a null character in it.
      case nullInKey
      /// libjansson ran out of memory.
      case outOfMemory
    }

    public let cause: Cause
    /// Counted from 1; both are 0 where the place means nothing (`tooLong`, `outOfMemory`).
    public let line: Int
    /// Counted in characters from 1: the last one read.
    public let column: Int

    public init(_ cause: Cause, line: Int = 0, column: Int = 0) {
      self.cause = cause
      self.line = line
      self.column = column
    }
  }
}

extension JSON.Failure: CustomStringConvertible {
  /// One sentence without a full stop.
  public var description: String {
    let place = line > 0 ? " at line \(line), column \(column)" : ""
    return switch cause {
    case .tooLong(let limit): "the JSON text is longer than \(limit) bytes"
    case .tooDeep(let limit): "the JSON text nests deeper than \(limit) levels\(place)"
    case .unfinished: "the JSON text ends too early\(place)"
    case .trailingText: "something follows the JSON value\(place)"
    case .syntax: "this is not JSON\(place)"
    case .repeatedKey: "a key is there twice in one JSON object\(place)"
    case .numberOutOfRange: "a number in the JSON text is too large\(place)"
    case .nullInKey: "a key in the JSON text contains a null character\(place)"
    case .outOfMemory: "not enough memory to read the JSON text"
    }
  }
}
