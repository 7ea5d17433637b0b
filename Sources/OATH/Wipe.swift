import Synchronization

// Zeros that the optimiser would gladly leave out, because nobody reads them again, are written
// as relaxed atomic stores: on every target here plain stores, but ones that it may not drop.

/// Overwrites every byte with zero, even if nothing reads them afterwards.
///
/// It reaches what it is given and no other: a copy that was made before, or spilled to the stack,
/// is out of its sight. So keep a secret in one place and pass it as a span.
public func wipe(_ bytes: inout MutableSpan<UInt8>) {
  bytes.withUnsafeMutableBytes { wipe($0) }
}

/// Overwrites a value of plain words, such as an array of fixed size, with zero bytes.
@inlinable
public func wipe<Value: BitwiseCopyable>(_ value: inout Value) {
  withUnsafeMutableBytes(of: &value) { wipe($0) }
}

@usableFromInline @inline(never)
func wipe(_ bytes: UnsafeMutableRawBufferPointer) {
  guard let base = bytes.baseAddress else { return }
  if (UInt(bitPattern: base) | UInt(bytes.count)) & 3 == 0 {
    let cells = base.assumingMemoryBound(to: Atomic<UInt32>.self)
    for i in 0..<bytes.count / 4 { cells[i].store(0, ordering: .relaxed) }
  } else {
    let cells = base.assumingMemoryBound(to: Atomic<UInt8>.self)
    for i in 0..<bytes.count { cells[i].store(0, ordering: .relaxed) }
  }
}

#if !hasFeature(Embedded)
  /// Overwrites the elements of an array with zero. They have to be in no other array: an array
  /// that shares its storage is copied first, and the other one keeps the secret.
  public func wipe(_ bytes: inout [UInt8]) {
    bytes.withUnsafeMutableBytes { wipe($0) }
  }
#endif
