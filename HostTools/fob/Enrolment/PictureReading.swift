import Enrollment
import Glibc
import TokenClient

/// Takes one account's address from a picture, which may show several QR codes.
enum PictureReading {
  static func address(in file: String, pick: UInt64?) throws(FobError) -> OTPAuthURI {
    try requireOwn(file)
    let texts: [String]
    do throws(QRPicture.Failure) {
      texts = try QRPicture.read(file: file)
    } catch {
      throw FobError(error)
    }
    if let pick {
      guard pick <= UInt64(texts.count) else {
        throw FobError(
          .badInput,
          "The picture has \(texts.count) QR \(texts.count == 1 ? "code" : "codes"), "
            + "so that there is no number \(pick).")
      }
      return try Issued.parse(texts[Int(pick) - 1])
    }
    if texts.count == 1 { return try Issued.parse(texts[0]) }
    throw FobError(
      .badInput,
      "The picture has \(texts.count) QR codes; choose one with --pick: "
        + texts.enumerated().map { "\($0 + 1) \(title(of: $1))" }.joined(separator: ", ") + ".")
  }

  /// Whoever can change the picture chooses the key.
  private static func requireOwn(_ file: String) throws(FobError) {
    var status = stat()
    // What cannot be looked at cannot be read either, which is told about then.
    if stat(file, &status) == 0 { try TextFile.requirePrivacy(status, file, .ownToWrite) }
  }

  /// What is said of a code in a list; of anything but an address only that it is none.
  private static func title(of text: String) -> String {
    guard let address = try? OTPAuthURI(parsing: text) else { return "is not an account's" }
    return address.label.isEmpty ? "has no name" : "is '\(Printable.text(address.label))'"
  }
}
