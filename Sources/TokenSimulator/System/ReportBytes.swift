import TokenCore

extension Report {
  /// - Precondition: `bytes` has `Report.size` of them.
  package init(_ bytes: ArraySlice<UInt8>) {
    precondition(bytes.count == Report.size)
    self.init()
    for (index, byte) in bytes.enumerated() {
      self.bytes[index] = byte
    }
  }

  package var array: [UInt8] {
    bytes.indices.map { bytes[$0] }
  }
}
