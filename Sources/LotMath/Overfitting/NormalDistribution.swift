import Glibc

/// 1/√2 as the nearest double, and what that leaves out.
private let rootHalf = (high: 0.7071067811865476, low: -4.833646656726457e-17)

/// Φ(x): the probability that a standard normal number is at most `x`.
///
/// `Φ(x) = erfc(−x / √2) / 2`. The argument's own rounding would cost digits in the far tail,
/// where erfc is steep; it is put back with erfc's derivative, so that the relative error stays
/// below 1e-15 as far as Φ is a normal double (x > −37).
///
/// Φ(1.96) = 0.9750021048517795.
///
/// - SeeAlso: NIST Digital Library of Mathematical Functions, 7.17. erfc is the C library's.
public func normalCumulative(_ x: Double) -> Double {
    guard x.isFinite else { return x.isNaN ? .nan : x < 0 ? 0 : 1 }
    let argument = -x * rootHalf.high
    let lost = (-argument).addingProduct(-x, rootHalf.high) - x * rootHalf.low
    let slope = 2 / Double.pi.squareRoot() * exp(-argument * argument)
    return (erfc(argument) - slope * lost) / 2
}

/// Φ⁻¹(p): the standard normal number that a share `p` of all numbers lies below.
///
/// Rational approximations in three ranges (Wichura's PPND16), relative error about 1e-16.
///
/// Φ⁻¹(0.975) = 1.959963984540054.
///
/// - Parameter probability: p, from 0 to 1.
/// - Returns: −infinity for 0, infinity for 1, not a number outside.
/// - SeeAlso: Wichura, "Algorithm AS 241: The Percentage Points of the Normal Distribution",
///   Applied Statistics 37(3), 1988, pp. 477-484.
public func normalQuantile(_ probability: Double) -> Double {
    guard probability >= 0, probability <= 1 else { return .nan }
    let centered = probability - 0.5
    if abs(centered) <= 0.425 {
        let r = 0.180625 - centered * centered
        return centered * Wichura.ratio(Wichura.center, r)
    }
    let tail = min(probability, 1 - probability)
    guard tail > 0 else { return centered < 0 ? -.infinity : .infinity }
    let r = (-log(tail)).squareRoot()
    let distance =
        r <= 5 ? Wichura.ratio(Wichura.middle, r - 1.6) : Wichura.ratio(Wichura.far, r - 5)
    return centered < 0 ? -distance : distance
}

/// The coefficients of AS 241, highest power first: a numerator's and a denominator's.
private enum Wichura {
    typealias Ratio = (above: [Double], below: [Double])

    static func ratio(_ coefficients: Ratio, _ r: Double) -> Double {
        polynomial(coefficients.above, r) / polynomial(coefficients.below, r)
    }

    private static func polynomial(_ coefficients: [Double], _ r: Double) -> Double {
        coefficients.reduce(0) { $0 * r + $1 }
    }

    static let center: Ratio = (
        above: [
            2.5090809287301226727e3, 3.3430575583588128105e4, 6.7265770927008700853e4,
            4.5921953931549871457e4, 1.3731693765509461125e4, 1.9715909503065514427e3,
            1.3314166789178437745e2, 3.3871328727963666080,
        ],
        below: [
            5.2264952788528545610e3, 2.8729085735721942674e4, 3.9307895800092710610e4,
            2.1213794301586595867e4, 5.3941960214247511077e3, 6.8718700749205790830e2,
            4.2313330701600911252e1, 1,
        ]
    )

    static let middle: Ratio = (
        above: [
            7.74545014278341407640e-4, 2.27238449892691845833e-2, 2.41780725177450611770e-1,
            1.27045825245236838258, 3.64784832476320460504, 5.76949722146069140550,
            4.63033784615654529590, 1.42343711074968357734,
        ],
        below: [
            1.05075007164441684324e-9, 5.47593808499534494600e-4, 1.51986665636164571966e-2,
            1.48103976427480074590e-1, 6.89767334985100004550e-1, 1.67638483018380384940,
            2.05319162663775882187, 1,
        ]
    )

    static let far: Ratio = (
        above: [
            2.01033439929228813265e-7, 2.71155556874348757815e-5, 1.24266094738807843860e-3,
            2.65321895265761230930e-2, 2.96560571828504891230e-1, 1.78482653991729133580,
            5.46378491116411436990, 6.65790464350110377720,
        ],
        below: [
            2.04426310338993978564e-15, 1.42151175831644588870e-7, 1.84631831751005468180e-5,
            7.86869131145613259100e-4, 1.48753612908506148525e-2, 1.36929880922735805310e-1,
            5.99832206555887937690e-1, 1,
        ]
    )
}
