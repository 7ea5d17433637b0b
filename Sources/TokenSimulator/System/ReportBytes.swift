import TokenCore

extension Report {
  /// - Precondition: `bytes` has `Report.size` of them.
  init(_ bytes: ArraySlice<UInt8>) {
    precondition(bytes.count == Report.size)
    self.init()
    for (index, byte) in bytes.enumerated() {
      self.bytes[index] = byte
    }
  }

  var array: [UInt8] {
    bytes.indices.map { bytes[$0] }
  }
}
