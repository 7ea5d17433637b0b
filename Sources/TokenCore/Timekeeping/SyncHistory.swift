/// The times that hosts gave in the last weeks, and the course that fits them best.
///
/// Offsets are those of the host's time against the clock's own time at its sync point, carried
/// back from there at the tick counter's nominal rate: so a clock that is right at the nominal rate
/// has offsets of 0 all along. When the clock gets a new sync point, all points are moved over.
struct SyncHistory: Sendable {
  static let capacity = 16
  /// Points are this far apart at least; the newer of two takes the older's place.
  static let spacing = Beats(3_600)
  /// What is older never counts.
  static let longestSpan = Beats(60 * 82_397)
  /// What is older counts only while there are few others: seasons bend longer lines.
  static let usefulSpan = Beats(32 * 82_397)
  static let enough = 5

  /// One host's time.
  struct Point: Sendable {
    /// How long before the sync point.
    var age = Beats.zero
    /// µs.
    var offset: Int32 = 0
    /// µs.
    var uncertainty: UInt32 = 0
  }

  /// `count`, in the record's size.
  private var storedCount: UInt32 = 0
  /// The oldest first.
  var points = InlineArray<16, Point>(repeating: Point())

  /// `0 ... 16`.
  var count: Int {
    get { min(Int(storedCount), Self.capacity) }
    set { storedCount = UInt32(truncatingIfNeeded: newValue) }
  }

  mutating func removeAll() {
    count = 0
  }

  /// The clock has a new sync point, `beats` after the last, at a time that is `shift` µs beyond
  /// what the nominal rate would have made of it.
  mutating func move(by beats: Beats, shift: Int64) {
    for index in 0..<count {
      points[index].age = points[index].age + beats
      points[index].offset = Int32(clamping: Int64(points[index].offset) &- shift)
    }
  }

  /// A host's time at the sync point.
  mutating func append(offset: Int64, uncertainty: UInt32) {
    if count > 0, points[count - 1].age < Self.spacing {
      count -= 1
    }
    while count > 0,
      points[0].age > Self.longestSpan || (count >= Self.enough && points[0].age > Self.usefulSpan)
    {
      remove(at: 0)
    }
    if count == Self.capacity {
      remove(at: mostCrowded())
    }
    points[count] = Point(offset: Int32(clamping: offset), uncertainty: uncertainty)
    count += 1
  }

  mutating func remove(at index: Int) {
    count -= 1
    for later in index..<count { points[later] = points[later + 1] }
  }

  /// The point without which the others are spread most evenly; neither the oldest nor the newest.
  private func mostCrowded() -> Int {
    var best = 1
    var smallest = UInt32.max
    for index in 1..<count - 1 {
      let gap = points[index - 1].age.rawValue - points[index + 1].age.rawValue
      if gap < smallest {
        smallest = gap
        best = index
      }
    }
    return best
  }
}
