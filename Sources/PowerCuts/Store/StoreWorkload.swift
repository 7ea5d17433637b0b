/// Random operations on a store, and values that can be told from each other in an image.
package struct StoreWorkload: Sendable {
  private var random: SplitMix
  private let keys: Range<Int>
  private let lengths: [Int]

  package init(seed: UInt64, keys: Range<Int>, lengths: [Int]) {
    random = SplitMix(seed: seed)
    self.keys = keys
    self.lengths = lengths
  }

  /// A value of `length` bytes: a stamp of 6 bytes that no other value has, over and over.
  package mutating func value(length: Int) -> [UInt8] {
    let stamp = (0..<6).map { _ in UInt8.random(in: 1...254, using: &random) }
    return (0..<length).map { stamp[$0 % 6] }
  }

  package mutating func next() -> StoreOperation {
    let key = Int.random(in: keys, using: &random)
    switch random.next() % 40 {
    case 0: return .removeAll
    case 1..<6: return .remove(key)
    default: return .write(key, value(length: lengths.randomElement(using: &random)!))
    }
  }
}
