import COpenSSL
import Glibc

/// The keys that secrets at rest are sealed under, in a file of their own: AES-256-GCM (NIST SP
/// 800-38D) by the system's libcrypto.
///
/// The file is kept apart from the database and its copies, mode 0600, and is the same on all
/// machines that share a database. It has a first line that names it, then a line for each key: its
/// number and 64 hexadecimal digits. The highest number seals; the others still open what was sealed
/// before they were replaced.
///
/// What is sealed is the key's number (4 bytes, most significant first), a random nonce (12), the
/// ciphertext and the tag (16). The number, and the row that it belongs to, are authenticated with
/// it: what is copied from one row into another does not open.
final class SealingKeys: Sendable {
  static let firstLine = "Watchfob console: sealing keys. Keep this file secret and do not lose it."
  /// Bytes of an AES-256 key.
  static let keySize = 32
  /// What sealing adds, in bytes.
  static let overhead = numberSize + nonceSize + tagSize

  private static let numberSize = 4
  private static let nonceSize = 12
  private static let tagSize = 16

  private let keys: [UInt32: SecretBytes]
  /// The number of the key that seals.
  let current: UInt32

  fileprivate init?(_ keys: [UInt32: SecretBytes]) {
    guard let current = keys.keys.max() else { return nil }
    self.keys = keys
    self.current = current
  }

  /// Which key something was sealed under; nil if it is too short to have been sealed.
  static func number(of sealed: [UInt8]) -> UInt32? {
    if sealed.count < overhead { return nil }
    return sealed.prefix(numberSize).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// - Parameter place: names the row and column, the same for `open`.
  func seal(_ bytes: [UInt8], at place: String, random: RandomSource) throws(Refusal) -> [UInt8] {
    let header = (0..<4).map { UInt8(truncatingIfNeeded: current >> (24 - 8 * $0)) }
    let nonce = try random.bytes(Self.nonceSize)
    var ciphertext = [UInt8](repeating: 0, count: bytes.count)
    var tag = [UInt8](repeating: 0, count: Self.tagSize)
    var written: Int32 = 0
    let associated = header + Array(place.utf8)
    let context = EVP_CIPHER_CTX_new()
    defer { EVP_CIPHER_CTX_free(context) }
    let isDone = keys[current]!.withBytes { key in
      EVP_EncryptInit_ex(context, EVP_aes_256_gcm(), nil, key.baseAddress, nonce) == 1
        && EVP_EncryptUpdate(context, nil, &written, associated, Int32(associated.count)) == 1
        && EVP_EncryptUpdate(context, &ciphertext, &written, bytes, Int32(bytes.count)) == 1
        && EVP_EncryptFinal_ex(context, nil, &written) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, Int32(Self.tagSize), &tag) == 1
    }
    guard isDone else { throw .sealing(.cannotSeal) }
    return header + nonce + ciphertext + tag
  }

  func open(_ sealed: [UInt8], at place: String) throws(Refusal) -> SecretBytes {
    guard let number = Self.number(of: sealed) else { throw .sealing(.altered(place: place)) }
    guard let key = keys[number] else { throw .sealing(.keyMissing(number: number)) }
    let header = sealed.prefix(Self.numberSize)
    let nonce = Array(sealed.dropFirst(Self.numberSize).prefix(Self.nonceSize))
    let ciphertext = Array(
      sealed.dropFirst(Self.numberSize + Self.nonceSize).dropLast(Self.tagSize))
    var tag = Array(sealed.suffix(Self.tagSize))
    let associated = header + Array(place.utf8)
    var plain = [UInt8](repeating: 0, count: ciphertext.count)
    defer { plain.withUnsafeMutableBytes { explicit_bzero($0.baseAddress!, $0.count) } }
    var written: Int32 = 0
    let context = EVP_CIPHER_CTX_new()
    defer { EVP_CIPHER_CTX_free(context) }
    let isRight = key.withBytes { key in
      EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nil, key.baseAddress, nonce) == 1
        && EVP_DecryptUpdate(context, nil, &written, Array(associated), Int32(associated.count))
          == 1
        && EVP_DecryptUpdate(context, &plain, &written, ciphertext, Int32(ciphertext.count)) == 1
        && EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, Int32(Self.tagSize), &tag) == 1
        && EVP_DecryptFinal_ex(context, nil, &written) == 1
    }
    guard isRight else { throw .sealing(.altered(place: place)) }
    return SecretBytes(plain)
  }

  /// These keys and a fresh one, which seals from now on.
  func adding(random: RandomSource) throws(Refusal) -> SealingKeys {
    var keys = keys
    keys[current + 1] = SecretBytes(try random.bytes(Self.keySize))
    return SealingKeys(keys)!
  }

  /// How many there are.
  var count: Int { keys.count }

  /// Without those that no longer seal.
  var newestOnly: SealingKeys { SealingKeys([current: keys[current]!])! }

  /// A first key.
  static func fresh(random: RandomSource) throws(Refusal) -> SealingKeys {
    SealingKeys([1: SecretBytes(try random.bytes(keySize))])!
  }
}

// MARK: The file

extension SealingKeys {
  /// A file has at most so many bytes: more than a thousand keys.
  private static let largestFile = 100_000

  /// Reads the file, or makes it with a first key if there is none and `mayCreate`.
  static func read(
    _ file: String, mayCreate: Bool, random: RandomSource
  ) throws(Refusal) -> SealingKeys {
    for _ in 0..<2 {
      let descriptor = Glibc.open(file, O_RDONLY | O_CLOEXEC)
      if descriptor >= 0 {
        defer { close(descriptor) }
        return try read(descriptor, named: file)
      }
      guard errno == ENOENT, mayCreate else { break }
      // If another process was first, its file is read in the second round.
      try fresh(random: random).write(to: file, replacing: false, random: random)
    }
    throw .sealing(.cannotOpen(file: file, reason: String(cString: strerror(errno))))
  }

  private static func read(_ descriptor: Int32, named file: String) throws(Refusal) -> SealingKeys {
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG,
      status.st_size <= largestFile
    else { throw .sealing(.foreign(file: file)) }
    guard status.st_mode & 0o077 == 0 else {
      throw .sealing(.exposed(file: file, mode: status.st_mode & 0o777))
    }
    var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
    defer { bytes.withUnsafeMutableBytes { explicit_bzero($0.baseAddress!, $0.count) } }
    var count = 0
    while count < bytes.count {
      let got = bytes.withUnsafeMutableBytes {
        Glibc.read(descriptor, $0.baseAddress! + count, $0.count - count)
      }
      if got <= 0 { break }
      count += got
    }
    let lines = bytes[..<count].split(separator: UInt8(ascii: "\n"))
    guard lines.first.map({ $0.elementsEqual(firstLine.utf8) }) == true else {
      throw .sealing(.foreign(file: file))
    }
    var keys: [UInt32: SecretBytes] = [:]
    for line in lines.dropFirst() {
      let words = line.split(separator: UInt8(ascii: " "))
      guard words.count == 2, let number = UInt32(String(decoding: words[0], as: UTF8.self)),
        let key = Hexadecimal.bytes(Array(words[1])), key.count == keySize, keys[number] == nil
      else { throw .sealing(.foreign(file: file)) }
      keys[number] = SecretBytes(key)
    }
    guard let read = SealingKeys(keys) else { throw .sealing(.foreign(file: file)) }
    return read
  }

  /// Writes the file whole, mode 0600: all of it is there, durably, or nothing of it. With
  /// `replacing` false, a file that is there is left alone.
  func write(to file: String, replacing: Bool, random: RandomSource) throws(Refusal) {
    var text = Array((Self.firstLine + "\n").utf8)
    for (number, key) in keys.sorted(by: { $0.key < $1.key }) {
      text += Array("\(number) ".utf8)
      key.withBytes { text += Hexadecimal.text(of: $0) }
      text.append(UInt8(ascii: "\n"))
    }
    defer { text.withUnsafeMutableBytes { explicit_bzero($0.baseAddress!, $0.count) } }
    let suffix = String(decoding: Hexadecimal.text(of: try random.bytes(8)), as: UTF8.self)
    let draft = "\(file).\(suffix)"
    let descriptor = Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw Self.failure(file) }
    defer { close(descriptor) }
    guard Glibc.write(descriptor, text, text.count) == text.count, fsync(descriptor) == 0 else {
      let failure = Self.failure(file)
      unlink(draft)
      throw failure
    }
    let isThere = replacing ? rename(draft, file) : link(draft, file)
    let reason = errno
    if !replacing || isThere != 0 { unlink(draft) }
    guard isThere == 0 || (!replacing && reason == EEXIST) else {
      throw .sealing(.cannotOpen(file: file, reason: String(cString: strerror(reason))))
    }
    Self.syncFolder(of: file)
  }

  /// Makes the folder's new entry durable.
  private static func syncFolder(of file: String) {
    let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast()
    let name = folder.isEmpty ? "." : folder.joined(separator: "/") + "/"
    let descriptor = Glibc.open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    if descriptor < 0 { return }
    fsync(descriptor)
    close(descriptor)
  }

  private static func failure(_ file: String) -> Refusal {
    .sealing(.cannotOpen(file: file, reason: String(cString: strerror(errno))))
  }
}

/// Bytes as pairs of the characters 0 to 9 and a to f.
enum Hexadecimal {
  private static let digits = Array("0123456789abcdef".utf8)

  static func text(of bytes: some Collection<UInt8>) -> [UInt8] {
    bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
  }

  /// Nil if it is anything else.
  static func bytes(_ text: [UInt8]) -> [UInt8]? {
    guard text.count % 2 == 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 2)
    for pair in stride(from: 0, to: text.count, by: 2) {
      guard let high = value(text[pair]), let low = value(text[pair + 1]) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  private static func value(_ character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): character - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
