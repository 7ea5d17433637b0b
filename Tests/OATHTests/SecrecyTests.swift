import OATH
import Testing

@Suite("Constant time and wiping")
struct SecrecyTests {
  @Test("bytes are equal when none differs, and different when any bit does")
  func equal() {
    for seed in Seed.fresh(100) {
      var random = seed.generator
      let first = random.bytes(.random(in: 1...70, using: &random))
      var second = first
      #expect(isEqual(first, second), "\(seed)")
      let position = Int.random(in: 0..<first.count, using: &random)
      second[position] ^= 1 << UInt8.random(in: 0...7, using: &random)
      #expect(!isEqual(first, second), "\(seed)")
      #expect(!isEqual(first, first.dropLast()), "\(seed)")
    }
    #expect(isEqual([], []))
  }

  private func isEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool { ConstantTime.equal(a.span, b.span) }

  @Test("masks are all ones or all zeros, and select by them")
  func masks() {
    let numbers: [UInt32] = [0, 1, 2, 0x7f, 0x80, 0x7fff_ffff, 0x8000_0000, .max - 1, .max]
    for x in numbers {
      #expect(ConstantTime.isZero(x) == (x == 0 ? .max : 0))
      #expect(ConstantTime.isZero(UInt64(x) << 32) == (x == 0 ? .max : 0))
      for y in numbers {
        #expect(ConstantTime.isEqual(x, y) == (x == y ? .max : 0))
        #expect(ConstantTime.select(UInt32.max, x, y) == x)
        #expect(ConstantTime.select(0, x, y) == y)
      }
    }
    for x in UInt32(0)...255 {
      #expect(ConstantTime.contains(0x41...0x5a, x) == (0x41...0x5a ~= x ? .max : 0))
    }
  }

  @Test("wiping leaves zeros, in spans, in arrays and in plain values")
  func wiping() {
    var array: [UInt8] = [1, 2, 3, 4]
    array.withUnsafeMutableBufferPointer { buffer in
      var middle = UnsafeMutableBufferPointer(rebasing: buffer[1..<3]).mutableSpan
      wipe(&middle)
    }
    #expect(array == [1, 0, 0, 4])
    wipe(&array)
    #expect(array == [0, 0, 0, 0])
    var words: InlineArray<3, UInt32> = [1, 2, .max]
    wipe(&words)
    #expect((words[0], words[1], words[2]) == (0, 0, 0))
    var empty: [UInt8] = []
    wipe(&empty)
    #expect(empty.isEmpty)
  }

  @Test("a key is wiped where it lies when its life ends", arguments: HashAlgorithm.allCases)
  func keyIsWiped(algorithm: HashAlgorithm) {
    let secret = [UInt8](repeating: 0xa5, count: 32)
    let size = MemoryLayout<OATHKey>.size
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: size, alignment: MemoryLayout<OATHKey>.alignment)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    let key = memory.baseAddress!.bindMemory(to: OATHKey.self, capacity: 1)
    key.initialize(to: OATHKey(algorithm: algorithm, secret: secret.span))
    // The states of both hashes are there, digests of nobody knows what: hardly a zero in them.
    let stateSize = algorithm == .sha1 ? 20 : algorithm.digestSize
    #expect(memory.filter { $0 != 0 }.count > 2 * stateSize * 9 / 10)
    #expect(HOTP.code(key: key.pointee, at: MovingFactor(0), digits: .six).digits == .six)
    key.deinitialize(count: 1)
    // What may be left are the algorithm's number and the padding beside it.
    #expect(memory.filter { $0 != 0 }.count <= 8)
  }

  @Test("an HMAC key is wiped where it lies when its life ends")
  func hmacKeyIsWiped() {
    let memory = UnsafeMutableRawBufferPointer.allocate(
      byteCount: MemoryLayout<HMAC<SHA256>.Key>.size,
      alignment: MemoryLayout<HMAC<SHA256>.Key>.alignment)
    defer { memory.deallocate() }
    memory.initializeMemory(as: UInt8.self, repeating: 0)
    let key = memory.baseAddress!.bindMemory(to: HMAC<SHA256>.Key.self, capacity: 1)
    key.initialize(to: HMAC<SHA256>.Key([7, 7, 7].span))
    #expect(memory.contains { $0 != 0 })
    key.deinitialize(count: 1)
    #expect(memory.allSatisfy { $0 == 0 })
  }
}
