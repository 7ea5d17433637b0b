import HTTPServer
import RelyingParty

/// The backup codes, the one time they are shown. The page is the answer to the form itself: there is
/// no address at which they could be asked for again.
enum BackupCodesPage {
  /// It is shown whatever happens: without the menu, if the database does not answer any more.
  static func show(_ visit: Visit, _ codes: BackupCodes) -> HTTPResponse {
    let page = page(codes)
    return (try? page.response(to: visit)) ?? page.withoutMenu
  }

  private static func page(_ codes: BackupCodes) -> Page {
    Page(
      title: "MFA is on", place: .profile,
      content: """
        <section id="mfa-dialog" class="card" aria-labelledby="codes-title">
        <h2 id="codes-title">Your backup codes</h2>
        <p>Each logs you in once in the place of the token's code. <strong>They are shown only \
        now.</strong> Keep them where the token is not.</p>
        <ol id="backup-codes" class="codes">\(codes.codes.map { "<li><code>\($0)</code></li>" })</ol>
        <pre id="backup-codes-text" hidden>\(codes.text)</pre>
        <div class="actions">
        <a id="download-codes" class="button primary" download="watchfob-backup-codes.txt" \
        href="data:text/plain;charset=utf-8,\(codes.codes.joined(separator: "%0A"))%0A">Download</a>
        <button type="button" id="copy-codes" class="quiet js-only" \
        data-copy="backup-codes-text">Copy</button>
        <a id="codes-done" class="button quiet" href="/profile">I have kept them</a>
        </div></section>
        """
    )
  }
}
