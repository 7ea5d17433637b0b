import OATH

// The library writes into spans that its caller owns; tests would rather compare arrays.

func hash<H: HashFunction>(_ type: H.Type, _ message: [UInt8]) -> [UInt8] {
  written(H.digestSize) { H.hash(message.span, into: &$0) }
}

func hmac<H: HashFunction>(_ type: H.Type, key: [UInt8], message: [UInt8]) -> [UInt8] {
  let key = HMAC<H>.Key(key.span)
  var hmac = HMAC<H>(key: key)
  hmac.update(message.span)
  var code = [UInt8](repeating: 0xee, count: H.digestSize)
  var span = code.mutableSpan
  let count = hmac.finalize(into: &span)
  return Array(code.prefix(count))
}

func authenticationCode(_ algorithm: HashAlgorithm, key: [UInt8], message: [UInt8]) -> [UInt8] {
  let key = OATHKey(algorithm: algorithm, secret: key.span)
  return written(64) { key.authenticationCode(of: message.span, into: &$0) }
}

func pbkdf2<H: HashFunction>(
  _ type: H.Type, password: [UInt8], salt: [UInt8], iterations: Int, size: Int
) -> [UInt8] {
  written(size) {
    PBKDF2<H>.derive(
      password: password.span, salt: salt.span, iterations: iterations, into: &$0)
    return size
  }
}

/// What `body` wrote to the front of a buffer of so many bytes. The bytes after it are untouched.
func written(_ size: Int, _ body: (inout MutableSpan<UInt8>) -> Int) -> [UInt8] {
  var bytes = [UInt8](repeating: 0xee, count: size + 3)
  let count = bytes.withUnsafeMutableBufferPointer { buffer in
    var span = UnsafeMutableBufferPointer(rebasing: buffer[..<size]).mutableSpan
    return body(&span)
  }
  precondition(bytes[size...] == [0xee, 0xee, 0xee], "wrote beyond the end")
  return Array(bytes.prefix(count))
}
