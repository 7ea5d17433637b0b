/// The last correction of the clock: where its line starts, and what it may still be corrected by.
///
/// Stored as the record `clock`, 69 bytes, numbers most significant byte first:
///
/// | offset | bytes | field |
/// | --- | --- | --- |
/// | 0 | 1 | format, 1 |
/// | 1 | 8 | tick epoch |
/// | 9 | 8 | ticks |
/// | 17 | 8 | time, µs since 1970 |
/// | 25 | 8 | bound, µs |
/// | 33 | 8 | slew still to be made, µs, signed |
/// | 41 | 8 | allowance, µs |
/// | 49 | 4 | frequency, ppb, signed |
/// | 53 | 8 | the host's time at the correction, µs since 1970 |
/// | 61 | 8 | reserved, 0 |
struct SyncPoint {
  static let format: UInt8 = 1
  static let size = 69

  var tickEpoch = TickEpoch(rawValue: 0)
  var ticks = Ticks(0)
  var time = UnixTime(microseconds: 0)
  /// The clock's error at this point, either way.
  var bound = Microseconds.zero
  /// What is to be added to the time, little by little.
  var slew = Microseconds.zero
  /// What a host may correct without authentication, from this point on.
  var allowance = Microseconds.zero
  /// How much faster the true time runs than the ticks say.
  var frequency = PartsPerBillion.zero
  /// The time that CLOCK STATUS gives as the last correction's.
  var corrected = UnixTime(microseconds: 0)

  /// Becomes what `record()` wrote.
  ///
  /// - Returns: `false`, and is unchanged, for a record of another length or format.
  mutating func parse(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count == Self.size, bytes[0] == Self.format else { return false }
    tickEpoch = TickEpoch(rawValue: bytes.bigEndian(at: 1))
    ticks = Ticks(bytes.bigEndian(at: 9))
    time = UnixTime(microseconds: Int64(bitPattern: bytes.bigEndian(at: 17)))
    bound = Microseconds(Int64(bitPattern: bytes.bigEndian(at: 25)))
    slew = Microseconds(Int64(bitPattern: bytes.bigEndian(at: 33)))
    allowance = Microseconds(Int64(bitPattern: bytes.bigEndian(at: 41)))
    frequency = PartsPerBillion(Int32(bitPattern: bytes.bigEndian(at: 49)))
    corrected = UnixTime(microseconds: Int64(bitPattern: bytes.bigEndian(at: 53)))
    return true
  }

  func record() -> InlineArray<69, UInt8> {
    var bytes = InlineArray<69, UInt8>(repeating: 0)
    var span = bytes.mutableSpan
    span[0] = Self.format
    span.write(bigEndian: tickEpoch.rawValue, at: 1)
    span.write(bigEndian: ticks.rawValue, at: 9)
    span.write(bigEndian: UInt64(bitPattern: time.microseconds), at: 17)
    span.write(bigEndian: UInt64(bitPattern: bound.rawValue), at: 25)
    span.write(bigEndian: UInt64(bitPattern: slew.rawValue), at: 33)
    span.write(bigEndian: UInt64(bitPattern: allowance.rawValue), at: 41)
    span.write(bigEndian: UInt32(bitPattern: frequency.rawValue), at: 49)
    span.write(bigEndian: UInt64(bitPattern: corrected.microseconds), at: 53)
    return bytes
  }
}
