/// What a file is by its first bytes; its name is never asked.
enum PictureFormat: Equatable {
  case png
  case jpeg
  /// Something else that a person may well take for a picture, under its usual name.
  case foreign(String)
  case unknown

  init(of bytes: UnsafeRawBufferPointer) {
    func starts(with signature: [UInt8], at offset: Int = 0) -> Bool {
      bytes.dropFirst(offset).starts(with: signature)
    }
    // PNG, third edition, 5.2; JPEG (ITU-T T.81), B.1.1.3: SOI and the start of the next marker.
    if starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) {
      self = .png
    } else if starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if starts(with: Array("GIF8".utf8)) {
      self = .foreign("a GIF picture")
    } else if starts(with: Array("RIFF".utf8)) && starts(with: Array("WEBP".utf8), at: 8) {
      self = .foreign("a WebP picture")
    } else if starts(with: Array("ftypavif".utf8), at: 4) {
      self = .foreign("an AVIF picture")
    } else if starts(with: Array("ftyp".utf8), at: 4) {
      self = .foreign("a HEIC picture or a film")
    } else if starts(with: Array("BM".utf8)) {
      self = .foreign("a BMP picture")
    } else if starts(with: [0x49, 0x49, 0x2A, 0x00]) || starts(with: [0x4D, 0x4D, 0x00, 0x2A]) {
      self = .foreign("a TIFF picture")
    } else if starts(with: Array("%PDF".utf8)) {
      self = .foreign("a PDF document")
    } else if starts(with: Array("<svg".utf8)) || starts(with: Array("<?xml".utf8)) {
      self = .foreign("an SVG drawing or another XML text")
    } else {
      self = .unknown
    }
  }
}
