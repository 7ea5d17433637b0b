/// QR codes as pictures: read from PNG and JPEG files, written as PNG and for a terminal.
///
/// A picture is told by its content, not by its name. Files are read up to 32 MiB and pictures up
/// to 64 megapixels. Pixels and file contents are wiped after use; the strings that are returned
/// belong to the caller, and Swift gives no way to wipe a string.
public enum QRPicture {
  /// The texts of all QR codes in the picture, as one reads a page; never none.
  ///
  /// Codes may be turned, light on dark, tiny, or large as in a photograph. One message over
  /// several codes (structured append) counts as one, if all of them are there.
  ///
  /// Throws `unreadable`, `tooLarge`, `notAPicture`, `undecodable`, `tooManyPixels`, `noCode`,
  /// `partOfCode`, `outOfMemory`.
  public static func read(file: String) throws(Failure) -> [String] {
    let contents = try PictureFile(reading: file)
    return try texts(in: contents.bytes, name: file)
  }

  /// The same for a picture in memory; `name` is what an error calls it.
  public static func read(_ contents: [UInt8], name: String) throws(Failure) -> [String] {
    guard contents.count <= PictureFile.sizeLimit else { throw .tooLarge(file: name) }
    return try contents.span.withUnsafeBytes { (bytes) throws(Failure) in
      try texts(in: bytes, name: name)
    }
  }

  /// A PNG of the text as a QR code in UTF-8: 8-bit grey, `scale` pixels a module (1 to 32),
  /// with the quiet zone of 4 modules that ISO/IEC 18004 asks for.
  ///
  /// Throws `scale`, `tooLong` (over 2,953 bytes), `outOfMemory`.
  public static func png(encoding text: String, scale: Int) throws(Failure) -> [UInt8] {
    guard scaleRange.contains(scale) else { throw .scale(scale) }
    return try QRSymbol(encoding: text).png(scale: scale)
  }

  /// The text as a QR code for a terminal that knows UTF-8 and 256 colours: two modules a
  /// character, black on white whatever the terminal's own colours, each line ended by a line
  /// feed.
  ///
  /// Throws `tooLong` (over 2,953 bytes), `outOfMemory`.
  public static func terminal(encoding text: String) throws(Failure) -> String {
    try QRSymbol(encoding: text).terminalText
  }

  static let scaleRange = 1...32

  private static func texts(
    in bytes: UnsafeRawBufferPointer, name: String
  ) throws(Failure) -> [String] {
    switch PictureFormat(of: bytes) {
    case .png:
      let picture = try DecodedPicture.decode(png: bytes, name: name, background: .white)
      do {
        return try texts(in: picture, name: name)
      } catch .noCode(let file, let damage) {
        // Light modules on a transparent ground vanish before white.
        guard DecodedPicture.isTransparent(png: bytes) else {
          throw .noCode(file: file, damage: damage)
        }
        let darkened = try DecodedPicture.decode(png: bytes, name: name, background: .black)
        return try texts(in: darkened, name: name)
      }
    case .jpeg:
      return try texts(in: DecodedPicture.decode(jpeg: bytes, name: name), name: name)
    case .foreign(let kind):
      throw .notAPicture(file: name, kind: kind)
    case .unknown:
      throw .notAPicture(file: name, kind: bytes.isEmpty ? "empty" : nil)
    }
  }

  private static func texts(
    in decoded: consuming DecodedPicture, name: String
  ) throws(Failure) -> [String] {
    var picture = decoded
    let damage = picture.damage
    let findings = try QRSearch(scanner: QRScanner()).findings(in: &picture.pixels)
    guard !findings.isEmpty else { throw .noCode(file: name, damage: damage) }
    let complete = findings.filter(\.isComplete)
    guard !complete.isEmpty else { throw .partOfCode(file: name) }
    return complete.inReadingOrder.map { QRText.decode($0.bytes) }
  }
}
