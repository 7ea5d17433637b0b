import CLibOATH
import COpenSSL
import OATH

/// OpenSSL's compression function alone, twice for a code, from midstates that were kept: the
/// least that a code can cost with OpenSSL. On x86-64 it uses the SHA instructions or AVX2.
enum BareTransform {
  static func sha1(_ secret: [UInt8]) -> Contender {
    let inner = pad(secret, 0x36, 64)
    let outer = pad(secret, 0x5c, 64)
    var start = SHA_CTX()
    SHA1_Init(&start)
    var afterInner = start
    var afterOuter = start
    SHA1_Transform(&afterInner, inner)
    SHA1_Transform(&afterOuter, outer)
    return Contender(name: name) { [afterInner, afterOuter] first, count in
      var sum: UInt64 = 0
      var block = InlineArray<16, UInt32>(repeating: 0)
      var digest = InlineArray<16, UInt32>(repeating: 0)
      (block[2], block[15]) = (UInt32(0x8000_0000).bigEndian, UInt32(8 * 72).bigEndian)
      (digest[5], digest[15]) = (UInt32(0x8000_0000).bigEndian, UInt32(8 * 84).bigEndian)
      var context = start
      for counter in first..<first + UInt64(count) {
        (context.h0, context.h1, context.h2, context.h3, context.h4) =
          (afterInner.h0, afterInner.h1, afterInner.h2, afterInner.h3, afterInner.h4)
        block[0] = UInt32(truncatingIfNeeded: counter >> 32).bigEndian
        block[1] = UInt32(truncatingIfNeeded: counter).bigEndian
        withUnsafeBytes(of: &block) { SHA1_Transform(&context, $0.baseAddress) }
        digest[0] = context.h0.bigEndian
        digest[1] = context.h1.bigEndian
        digest[2] = context.h2.bigEndian
        digest[3] = context.h3.bigEndian
        digest[4] = context.h4.bigEndian
        (context.h0, context.h1, context.h2, context.h3, context.h4) =
          (afterOuter.h0, afterOuter.h1, afterOuter.h2, afterOuter.h3, afterOuter.h4)
        withUnsafeBytes(of: &digest) { SHA1_Transform(&context, $0.baseAddress) }
        sum &+= UInt64(context.h0)
      }
      return sum
    }
  }

  static func sha256(_ secret: [UInt8]) -> Contender {
    let inner = pad(secret, 0x36, 64)
    let outer = pad(secret, 0x5c, 64)
    var start = SHA256_CTX()
    SHA256_Init(&start)
    var afterInner = start
    var afterOuter = start
    SHA256_Transform(&afterInner, inner)
    SHA256_Transform(&afterOuter, outer)
    return Contender(name: name) { [afterInner, afterOuter] first, count in
      var sum: UInt64 = 0
      var block = InlineArray<16, UInt32>(repeating: 0)
      var digest = InlineArray<16, UInt32>(repeating: 0)
      (block[2], block[15]) = (UInt32(0x8000_0000).bigEndian, UInt32(8 * 72).bigEndian)
      (digest[8], digest[15]) = (UInt32(0x8000_0000).bigEndian, UInt32(8 * 96).bigEndian)
      var context = start
      for counter in first..<first + UInt64(count) {
        context.h = afterInner.h
        block[0] = UInt32(truncatingIfNeeded: counter >> 32).bigEndian
        block[1] = UInt32(truncatingIfNeeded: counter).bigEndian
        withUnsafeBytes(of: &block) { SHA256_Transform(&context, $0.baseAddress) }
        withUnsafeBytes(of: &context.h) { words in
          for i in 0..<8 {
            digest[i] = words.load(fromByteOffset: 4 * i, as: UInt32.self).bigEndian
          }
        }
        context.h = afterOuter.h
        withUnsafeBytes(of: &digest) { SHA256_Transform(&context, $0.baseAddress) }
        sum &+= UInt64(context.h.0)
      }
      return sum
    }
  }

  static func sha512(_ secret: [UInt8]) -> Contender {
    let inner = pad(secret, 0x36, 128)
    let outer = pad(secret, 0x5c, 128)
    var start = SHA512_CTX()
    SHA512_Init(&start)
    var afterInner = start
    var afterOuter = start
    SHA512_Transform(&afterInner, inner)
    SHA512_Transform(&afterOuter, outer)
    return Contender(name: name) { [afterInner, afterOuter] first, count in
      var sum: UInt64 = 0
      var block = InlineArray<16, UInt64>(repeating: 0)
      var digest = InlineArray<16, UInt64>(repeating: 0)
      (block[1], block[15]) = ((UInt64(1) << 63).bigEndian, UInt64(8 * 136).bigEndian)
      (digest[8], digest[15]) = ((UInt64(1) << 63).bigEndian, UInt64(8 * 192).bigEndian)
      var context = start
      for counter in first..<first + UInt64(count) {
        context.h = afterInner.h
        block[0] = counter.bigEndian
        withUnsafeBytes(of: &block) { SHA512_Transform(&context, $0.baseAddress) }
        withUnsafeBytes(of: &context.h) { words in
          for i in 0..<8 {
            digest[i] = words.load(fromByteOffset: 8 * i, as: UInt64.self).bigEndian
          }
        }
        context.h = afterOuter.h
        withUnsafeBytes(of: &digest) { SHA512_Transform(&context, $0.baseAddress) }
        sum &+= UInt64(context.h.0)
      }
      return sum
    }
  }

  private static let name = "OpenSSL, bare transform"

  private static func pad(_ secret: [UInt8], _ byte: UInt8, _ size: Int) -> [UInt8] {
    (secret + [UInt8](repeating: 0, count: size - secret.count)).map { $0 ^ byte }
  }
}

/// OpenSSL's HMAC(), which prepares the key anew for each code.
func openSSL(_ algorithm: HashAlgorithm, _ secret: [UInt8]) -> Contender {
  let digestAlgorithm =
    switch algorithm {
    case .sha1: EVP_sha1()
    case .sha256: EVP_sha256()
    case .sha512: EVP_sha512()
    }
  return Contender(name: "OpenSSL, HMAC()") { first, count in
    var sum: UInt64 = 0
    var digest = [UInt8](repeating: 0, count: HashAlgorithm.largestDigestSize)
    var size: UInt32 = 0
    for counter in first..<first + UInt64(count) {
      var message = counter.bigEndian
      _ = withUnsafeBytes(of: &message) { bytes in
        HMAC(
          digestAlgorithm, secret, CInt(secret.count), bytes.baseAddress, bytes.count, &digest,
          &size)
      }
      sum &+= UInt64(digest[0])
    }
    return sum
  }
}

/// liboath's code for a time, six digits.
func libOATH(_ algorithm: HashAlgorithm, _ secret: [UInt8]) -> Contender {
  let flags =
    switch algorithm {
    case .sha1: CInt(0)
    case .sha256: CInt(OATH_TOTP_HMAC_SHA256.rawValue)
    case .sha512: CInt(OATH_TOTP_HMAC_SHA512.rawValue)
    }
  return Contender(name: "liboath") { first, count in
    var sum: UInt64 = 0
    var text = [CChar](repeating: 0, count: 7)
    secret.withUnsafeBytes { secret in
      for counter in first..<first + UInt64(count) {
        let status = oath_totp_generate2(
          secret.baseAddress, secret.count, time_t(counter) * 30, 30, 0, 6, flags, &text)
        sum &+= status == 0 ? UInt64(text[0]) : 0
      }
    }
    return sum
  }
}
