/// The record `clock`: the last correction, and what was learned. Numbers most significant byte
/// first, signed ones in two's complement:
///
/// | offset | bytes | field |
/// | --- | --- | --- |
/// | 0 | 1 | format, 2 |
/// | 1 | 8 | tick epoch |
/// | 9 | 8 | ticks |
/// | 17 | 8 | time, µs since 1970 |
/// | 25 | 8 | bound, µs |
/// | 33 | 8 | slew still to be made, µs |
/// | 41 | 8 | allowance forward, µs |
/// | 49 | 4 | frequency, ppb |
/// | 53 | 8 | the host's time at the correction, µs since 1970 |
/// | 61 | 8 | allowance backward, µs |
/// | 69 | 4 | trend, ppb in 2^20 beats |
/// | 73 | 4 | the frequency's bound, ppb |
/// | 77 | 4 | temperature, 1/16 °C; 80000000 without a sensor |
/// | 81 | 4 | spread, µs |
/// | 85 | 1 | forecasts judged |
/// | 86 | 4 | the forecast's age, beats; FFFFFFFF for none |
/// | 90 | 12 | its offset, µs; frequency, ppb; trend |
/// | 102 | 1 | points, 0 … 16 |
/// | 103 | 12 each | age, beats; offset, µs; uncertainty, µs |
///
/// Format 1 has 69 bytes, ends with eight of zeros, and means the same as far as it goes.
extension Timekeeper {
  static let recordSize = 103 + 12 * SyncHistory.capacity
  private static let format: UInt8 = 2
  private static let firstFormat: (number: UInt8, size: Int) = (1, 69)
  private static let headSize = 103
  private static let pointSize = 12

  /// Goes on from a stored record, if the tick counter still counts from the same start.
  @inline(never)
  mutating func resume(from bytes: Span<UInt8>, in epoch: TickEpoch) {
    let isFirst = bytes.count == Self.firstFormat.size && bytes[0] == Self.firstFormat.number
    guard isFirst || (bytes.count >= Self.headSize && bytes[0] == Self.format) else { return }
    syncPoint.tickEpoch = TickEpoch(rawValue: bytes.bigEndian(at: 1))
    syncPoint.ticks = Ticks(bytes.bigEndian(at: 9))
    syncPoint.time = UnixTime(microseconds: Self.length(bytes, at: 17).rawValue)
    syncPoint.bound = Self.length(bytes, at: 25)
    syncPoint.slew = Self.length(bytes, at: 33)
    syncPoint.allowance.forward = Self.length(bytes, at: 41)
    syncPoint.allowance.backward = Self.length(bytes, at: isFirst ? 41 : 61)
    syncPoint.corrected = UnixTime(microseconds: Self.length(bytes, at: 53).rawValue)
    state = syncPoint.tickEpoch == epoch ? .running : .lost
    if isFirst { return compensation.resume(since: syncPoint.ticks, at: nil) }

    syncPoint.course = Self.course(bytes, frequencyAt: 49, trendAt: 69)
    syncPoint.frequencyBound = PartsPerBillion(Int32(bitPattern: bytes.bigEndian(at: 73)))
    let sixteenths = Int32(bitPattern: bytes.bigEndian(at: 77))
    compensation.resume(
      since: syncPoint.ticks,
      at: sixteenths == .min ? nil : Temperature(sixteenths: sixteenths))
    trust.spread = bytes.bigEndian(at: 81)
    trust.judged = bytes[85]
    let age: UInt32 = bytes.bigEndian(at: 86)
    trust.age = age == .max ? nil : Beats(age)
    trust.offset = Int32(bitPattern: bytes.bigEndian(at: 90))
    trust.course = Self.course(bytes, frequencyAt: 94, trendAt: 98)
    history.count = min(Int(bytes[102]), (bytes.count - Self.headSize) / Self.pointSize)
    for index in 0..<history.count {
      let start = Self.headSize + Self.pointSize * index
      history.points[index] = SyncHistory.Point(
        age: Beats(bytes.bigEndian(at: start)),
        offset: Int32(bitPattern: bytes.bigEndian(at: start + 4)),
        uncertainty: bytes.bigEndian(at: start + 8))
    }
  }

  /// Writes the record into `span`, which holds `recordSize` bytes, and gives its length.
  func writeRecord(into span: inout MutableSpan<UInt8>) -> Int {
    span[0] = Self.format
    span.write(bigEndian: syncPoint.tickEpoch.rawValue, at: 1)
    span.write(bigEndian: syncPoint.ticks.rawValue, at: 9)
    span.write(bigEndian: UInt64(bitPattern: syncPoint.time.microseconds), at: 17)
    span.write(bigEndian: UInt64(bitPattern: syncPoint.bound.rawValue), at: 25)
    span.write(bigEndian: UInt64(bitPattern: syncPoint.slew.rawValue), at: 33)
    span.write(bigEndian: UInt64(bitPattern: syncPoint.allowance.forward.rawValue), at: 41)
    span.write(bigEndian: UInt32(bitPattern: syncPoint.course.frequency.rawValue), at: 49)
    span.write(bigEndian: UInt64(bitPattern: syncPoint.corrected.microseconds), at: 53)
    span.write(bigEndian: UInt64(bitPattern: syncPoint.allowance.backward.rawValue), at: 61)
    span.write(bigEndian: UInt32(bitPattern: syncPoint.course.trend), at: 69)
    span.write(bigEndian: UInt32(bitPattern: syncPoint.frequencyBound.rawValue), at: 73)
    let sixteenths = compensation.temperature?.sixteenths ?? .min
    span.write(bigEndian: UInt32(bitPattern: sixteenths), at: 77)
    span.write(bigEndian: trust.spread, at: 81)
    span[85] = trust.judged
    span.write(bigEndian: trust.age?.rawValue ?? .max, at: 86)
    span.write(bigEndian: UInt32(bitPattern: trust.offset), at: 90)
    span.write(bigEndian: UInt32(bitPattern: trust.course.frequency.rawValue), at: 94)
    span.write(bigEndian: UInt32(bitPattern: trust.course.trend), at: 98)
    span[102] = UInt8(history.count)
    for index in 0..<history.count {
      let start = Self.headSize + Self.pointSize * index
      span.write(bigEndian: history.points[index].age.rawValue, at: start)
      span.write(bigEndian: UInt32(bitPattern: history.points[index].offset), at: start + 4)
      span.write(bigEndian: history.points[index].uncertainty, at: start + 8)
    }
    return Self.headSize + Self.pointSize * history.count
  }

  @inline(never)
  private static func length(_ bytes: Span<UInt8>, at index: Int) -> Microseconds {
    Microseconds(Int64(bitPattern: bytes.bigEndian(at: index)))
  }

  @inline(never)
  private static func course(
    _ bytes: Span<UInt8>, frequencyAt frequency: Int, trendAt trend: Int
  ) -> Course {
    Course(
      frequency: PartsPerBillion(Int32(bitPattern: bytes.bigEndian(at: frequency))),
      trend: Int32(bitPattern: bytes.bigEndian(at: trend)))
  }
}
