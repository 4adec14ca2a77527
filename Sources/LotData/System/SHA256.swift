import COpenSSL
import LotCore

/// A running SHA-256 (FIPS 180-4), by OpenSSL's EVP.
///
/// Not thread-safe: one owner at a time.
@safe
package final class SHA256Hasher {
    private let context: OpaquePointer?

    package init() {
        unsafe context = EVP_MD_CTX_new()
        let started = unsafe EVP_DigestInit_ex(context, EVP_sha256(), nil)
        precondition(started == 1, "SHA-256 is not available")
    }

    deinit { unsafe EVP_MD_CTX_free(context) }

    package func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress else { return }
        let done = unsafe EVP_DigestUpdate(context, base, bytes.count)
        precondition(done == 1, "SHA-256 failed")
    }

    func update(_ text: String) {
        var text = text
        text.withUTF8 { unsafe update(UnsafeRawBufferPointer($0)) }
    }

    /// The 32 bytes; call once.
    func finish() -> [UInt8] {
        var digest = [UInt8](repeating: 0, count: 32)
        let done = unsafe EVP_DigestFinal_ex(context, &digest, nil)
        precondition(done == 1, "SHA-256 failed")
        return digest
    }

    /// The same as 64 hexadecimal digits.
    package func finishText() -> String { hexadecimal(finish()) }
}

/// Returns the SHA-256 of `bytes` as 64 hexadecimal digits.
///
/// - Complexity: O(`bytes.count`).
public func sha256Hex(_ bytes: [UInt8]) -> String {
    let hasher = SHA256Hasher()
    unsafe bytes.withUnsafeBytes { unsafe hasher.update($0) }
    return hasher.finishText()
}

/// Returns two lower-case digits a byte.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
    let digits = Array("0123456789abcdef".utf8)
    var text: [UInt8] = []
    for byte in bytes {
        text.append(digits[Int(byte >> 4)])
        text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
}
