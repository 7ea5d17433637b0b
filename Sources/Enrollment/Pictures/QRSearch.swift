/// Looks for QR codes in a picture as it is, and then, while none is found, in versions of it
/// that suit what zbar is weak at.
struct QRSearch: ~Copyable {
  let scanner: QRScanner

  init(scanner: consuming QRScanner) {
    self.scanner = scanner
  }

  /// The factor by which a picture is enlarged, if the result stays within the pixel limit.
  private static let enlargement = 4

  /// Down to this length of the longer side, in pixels, a picture is also tried reduced.
  private static let smallestReduction = 800

  /// What is found in the first version that shows anything; empty if none does.
  ///
  /// Throws `outOfMemory`.
  borrowing func findings(
    in picture: inout GreyPicture
  ) throws(QRPicture.Failure) -> [QRScanner.Finding] {
    let found = try inBothPolarities(&picture)
    if !found.isEmpty { return found }

    var factor = 2
    while max(picture.width, picture.height) / factor >= Self.smallestReduction,
      min(picture.width, picture.height) >= factor
    {
      var reduced = picture.reduced(by: factor)
      let found = try inBothPolarities(&reduced)
      if !found.isEmpty { return found }
      factor *= 2
    }

    let area = picture.width * picture.height * Self.enlargement * Self.enlargement
    guard area <= DecodedPicture.pixelLimit else { return [] }
    var enlarged = picture.enlarged(by: Self.enlargement)
    return try inBothPolarities(&enlarged)
  }

  /// Dark on light and light on dark, which one page can show side by side. The picture is
  /// afterwards as it was.
  private borrowing func inBothPolarities(
    _ picture: inout GreyPicture
  ) throws(QRPicture.Failure) -> [QRScanner.Finding] {
    let darkOnLight = try scanner.findings(in: picture)
    picture.invert()
    defer { picture.invert() }
    return try darkOnLight + scanner.findings(in: picture)
  }
}
