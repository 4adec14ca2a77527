/// Eigenvalues and eigenvectors of a symmetric matrix, by Jacobi's rotations.
///
/// Simple, and exact to the last digits for the few dimensions of a search.
///
/// - SeeAlso: Golub and Van Loan, "Matrix Computations", 4th edition, 8.5.
struct SymmetricEigen: Sendable {
    /// In the order of the columns of ``vectors``.
    private(set) var values: [Double]
    /// Row-major: column k belongs to value k.
    private(set) var vectors: [Double]
    private let size: Int

    /// - Parameters:
    ///   - matrix: Row-major, `size` × `size`, symmetric.
    ///   - size: Rows.
    init(_ matrix: [Double], size: Int) {
        self.size = size
        var a = matrix
        vectors = (0..<(size * size)).map { $0 / size == $0 % size ? 1 : 0 }
        values = []
        for _ in 0..<50 {
            var off = 0.0
            for row in 0..<size {
                for column in 0..<row { off += a[row * size + column] * a[row * size + column] }
            }
            if off <= 1e-300 { break }
            for p in 0..<size {
                for q in (p + 1)..<max(size, p + 1) { rotate(&a, p, q) }
            }
        }
        values = (0..<size).map { a[$0 * size + $0] }
    }

    private mutating func rotate(_ a: inout [Double], _ p: Int, _ q: Int) {
        let off = a[p * size + q]
        guard off != 0 else { return }
        let theta = (a[q * size + q] - a[p * size + p]) / (2 * off)
        let t = (theta >= 0 ? 1 : -1) / (abs(theta) + (theta * theta + 1).squareRoot())
        let c = 1 / (t * t + 1).squareRoot()
        let s = t * c
        for k in 0..<size {
            let (x, y) = (a[k * size + p], a[k * size + q])
            a[k * size + p] = c * x - s * y
            a[k * size + q] = s * x + c * y
        }
        for k in 0..<size {
            let (x, y) = (a[p * size + k], a[q * size + k])
            a[p * size + k] = c * x - s * y
            a[q * size + k] = s * x + c * y
            let (u, v) = (vectors[k * size + p], vectors[k * size + q])
            vectors[k * size + p] = c * u - s * v
            vectors[k * size + q] = s * u + c * v
        }
    }

    /// B · (scale ∘ x), B the vectors.
    func rotated(_ x: [Double]) -> [Double] {
        (0..<size).map { row in
            (0..<size).reduce(0) { $0 + vectors[row * size + $1] * x[$1] }
        }
    }

    /// Bᵀ · x.
    func unrotated(_ x: [Double]) -> [Double] {
        (0..<size).map { column in
            (0..<size).reduce(0) { $0 + vectors[$1 * size + column] * x[$1] }
        }
    }
}
