extension [Double] {
  /// The value that `share` of all are at most; the nearest rank. Of an empty list, 0.
  func percentile(_ share: Double) -> Double {
    let sorted = self.sorted()
    guard !sorted.isEmpty else { return 0 }
    let rank = Int((share * Double(sorted.count)).rounded(.up)) - 1
    return sorted[Swift.min(Swift.max(rank, 0), sorted.count - 1)]
  }
}
