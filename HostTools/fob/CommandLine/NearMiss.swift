/// Finds what a person probably meant.
enum NearMiss {
  /// The candidate nearest to `word`, if it is near enough to be worth suggesting: at most a third
  /// of its letters wrong, or the only one that starts with `word`.
  static func best(for word: String, among candidates: [String]) -> String? {
    // Long words are not typing slips, and the comparison is quadratic.
    guard word.count >= 2, word.count <= 64 else { return nil }
    let started = candidates.filter { $0.hasPrefix(word) }
    if started.count == 1 { return started[0] }
    var best: (word: String, distance: Int)?
    for candidate in candidates {
      let distance = distance(word, candidate)
      let allowed = max(1, max(word.count, candidate.count) / 3)
      if distance <= allowed, distance < best?.distance ?? .max {
        best = (candidate, distance)
      }
    }
    return best?.word
  }

  /// How many letters have to be put in, left out, replaced or swapped with their neighbour
  /// (optimal string alignment).
  static func distance(_ first: String, _ second: String) -> Int {
    let a = Array(first)
    let b = Array(second)
    var beforePrevious: [Int] = []
    var previous = Array(0...b.count)
    for i in 0..<a.count {
      var row = [i + 1]
      for j in 0..<b.count {
        let replaced = previous[j] + (a[i] == b[j] ? 0 : 1)
        var cost = min(replaced, previous[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          cost = min(cost, beforePrevious[j - 1] + 1)
        }
        row.append(cost)
      }
      beforePrevious = previous
      previous = row
    }
    return previous[b.count]
  }
}
