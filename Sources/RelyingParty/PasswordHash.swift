import CCrypt
import Glibc
import OATH

/// yescrypt, as crypt(5) of the system's libcrypt writes it: `$y$parameters$salt$hash`.
struct PasswordHash {
  /// How much work one hash is; each step doubles it. libcrypt knows 1 to 11: 1 takes 1 MiB and
  /// about a millisecond, 5 is Debian's own for passwords (16 MiB), 11 takes 1 GiB.
  static let costs = 1...11
  /// The longest phrase libcrypt takes, in bytes, without the terminating zero.
  static let longestPhrase = Int(CRYPT_MAX_PASSPHRASE_SIZE) - 1

  private static let method = "$y$"
  private static let saltSize: Int32 = 16

  let cost: Int

  init(cost: Int) {
    precondition(Self.costs.contains(cost))
    self.cost = cost
  }

  /// A setting with a fresh salt: everything of a hash but the hash.
  func setting(random: RandomSource) throws(Refusal) -> String {
    let salt = try random.bytes(Int(Self.saltSize))
    var output = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
    let made = salt.withUnsafeBytes { salt in
      crypt_gensalt_rn(
        Self.method, UInt(cost), salt.baseAddress!.assumingMemoryBound(to: CChar.self),
        Self.saltSize, &output, CRYPT_GENSALT_OUTPUT_SIZE) != nil
    }
    guard made else { throw .cannotHash(reason: String(cString: strerror(errno))) }
    return Self.text(of: output)
  }

  /// Hashes a phrase under a setting, or under a hash, whose setting is then used.
  /// - Precondition: the phrase has no zero byte and at most 511 bytes.
  func hash(_ phrase: String, setting: String) throws(Refusal) -> String {
    var terminated = phrase.utf8CString
    precondition(terminated.count <= Self.longestPhrase + 1)
    precondition(terminated.firstIndex(of: 0) == terminated.count - 1)
    let scratch = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
    let size = MemoryLayout<crypt_data>.size
    memset(scratch, 0, size)
    defer {
      explicit_bzero(scratch, size)
      scratch.deallocate()
      terminated.withUnsafeMutableBytes { explicit_bzero($0.baseAddress!, $0.count) }
    }
    let made = terminated.withUnsafeBufferPointer { phrase in
      crypt_rn(phrase.baseAddress!, setting, scratch, Int32(size)).map { String(cString: $0) }
    }
    guard let made else { throw .cannotHash(reason: String(cString: strerror(errno))) }
    return made
  }

  /// Whether `phrase` is the one that was hashed. Without a hash (no such account) it does the same
  /// work under `decoy` and says no.
  func matches(_ phrase: String, hash stored: String?, decoy: String) throws(Refusal) -> Bool {
    // What could never have been hashed is still given the work of one hash.
    let bytes = phrase.utf8
    let isPossible = bytes.count <= Self.longestPhrase && !bytes.contains(0)
    let made = try hash(isPossible ? phrase : "", setting: stored ?? decoy)
    guard isPossible, let stored else { return false }
    return Self.equal(made, stored)
  }

  /// Compares two hashes in constant time.
  static func equal(_ one: String, _ other: String) -> Bool {
    ConstantTime.equal(Array(one.utf8).span, Array(other.utf8).span)
  }

  /// Whether `hash` was made at this cost.
  func isCurrent(_ hash: String, decoy: String) -> Bool {
    // "$y$j9T$salt$hash": the parameters stand between the second and the third dollar.
    func parameters(_ text: String) -> Substring? { text.split(separator: "$").dropFirst().first }
    return parameters(hash) == parameters(decoy)
  }

  private static func text(of buffer: [CChar]) -> String {
    String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
