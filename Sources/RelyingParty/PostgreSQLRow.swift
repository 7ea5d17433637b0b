import CLibPQ
import Glibc

/// A row of a result, whose values the server has written as text.
struct PostgreSQLRow: Row {
  /// Held for as long as the row is read.
  let result: PostgreSQLResult
  let row: Int32

  private var library: libpq_library { result.library }
  private var handle: OpaquePointer { result.handle }

  func integer(_ column: Int32) -> Int64 { Int64(strtoll(start(column), nil, 10)) }
  func flag(_ column: Int32) -> Bool { start(column).pointee == CChar(UInt8(ascii: "t")) }
  func isNull(_ column: Int32) -> Bool { library.getisnull(handle, row, column) == 1 }
  func text(_ column: Int32) -> String { String(cString: start(column)) }

  /// From "\x", then two hexadecimal digits a byte.
  func bytes(_ column: Int32) -> [UInt8] {
    let length = Int(library.getlength(handle, row, column))
    guard length > 2 else { return [] }
    let digits = UnsafeRawBufferPointer(start: start(column), count: length).dropFirst(2)
    return Hexadecimal.bytes(Array(digits)) ?? []
  }

  /// The empty text for NULL.
  private func start(_ column: Int32) -> UnsafePointer<CChar> {
    UnsafePointer(library.getvalue(handle, row, column)!)
  }
}

/// Values on their way to the server, which infers the type of each from where it stands.
struct PostgreSQLValues {
  /// Bytes are sent as they are (format 1), the rest as text (format 0), with its closing zero.
  private var contents: [[UInt8]?] = []
  private var formats: [Int32] = []

  init(_ values: [StoredValue]) {
    for value in values {
      switch value {
      case .null: append(nil)
      case .integer(let number): append("\(number)")
      case .flag(let flag): append(flag ? "t" : "f")
      // A zero character would end the text there, which is then another one; and the server
      // knows none. Nothing that was stored has one: it is looked for in vain either way.
      case .text(let text): append(text.replacing("\0", with: "\u{FFFD}"))
      case .bytes(let bytes):
        contents.append(bytes)
        formats.append(1)
      }
    }
  }

  private mutating func append(_ text: String?) {
    contents.append(text.map { Array($0.utf8) + [0] })
    formats.append(0)
  }

  /// Lends what libpq wants: the starts (nil for NULL), lengths and formats.
  func withPointers<T>(
    _ body: (
      _ texts: [UnsafePointer<CChar>?], _ lengths: [Int32], _ formats: [Int32]
    ) -> T
  ) -> T {
    var offsets: [Int?] = []
    var all: [UInt8] = []
    for content in contents {
      offsets.append(content == nil ? nil : all.count)
      all += content ?? []
    }
    // One byte at least, so that there is a place that even no bytes start at.
    all.append(0)
    let buffer = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: all.count)
    _ = buffer.initialize(from: all)
    defer { buffer.deallocate() }
    let start = UnsafeRawPointer(buffer.baseAddress!).assumingMemoryBound(to: CChar.self)
    return body(
      offsets.map { $0.map { start + $0 } }, contents.map { Int32($0?.count ?? 0) }, formats)
  }
}
